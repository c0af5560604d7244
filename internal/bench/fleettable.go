package main

import (
	"fmt"
	"time"
)

// fires is what became of the schedules' times.
type fires struct {
	// started began a run, overlapped were skipped because one was under way, and missed passed without one.
	started, overlapped, missed int64
	ended                       []ending
}

// ending is how many runs ended so.
type ending struct {
	status string
	runs   int64
}

// addFleet adds what the worker took in the first and the second half of the time, and what became of the schedules.
func (t *table) addFleet(samples []sample, f fires, integrations int) {
	first, second := halves(samples)
	what := fmt.Sprintf("%d integrations each minute, one worker: ", integrations)
	t.add(figure{
		what: what + "memory in the second half, median", ours: fmt.Sprintf("%d MiB", int64(second.memory)>>20),
		versus: "the first half", other: fmt.Sprintf("%d MiB", int64(first.memory)>>20), value: second.memory / first.memory, aim: atMost(mostGrowth),
	})
	t.add(figure{
		what: what + "processor time a minute in the second half", ours: second.cpu.Round(10 * time.Millisecond).String(),
		versus: "the first half", other: first.cpu.Round(10 * time.Millisecond).String(), value: float64(second.cpu) / float64(first.cpu), aim: atMost(mostGrowth),
	})
	t.add(figure{what: what + "most memory", ours: fmt.Sprintf("%d MiB", mostOf(samples)>>20)})
	t.add(figure{
		what: what + "times of schedules that were missed", ours: fmt.Sprintf("%d of %d", f.missed, f.started+f.overlapped+f.missed),
		value: float64(f.missed), aim: aim{text: "none"},
	})
	t.add(figure{what: what + "times skipped because a run was under way", ours: fmt.Sprint(f.overlapped)})
	for _, e := range f.ended {
		t.add(figure{what: what + "runs that ended as " + e.status, ours: fmt.Sprint(e.runs)})
	}
}

// half is what the worker took in one.
type half struct {
	// memory is the median in bytes.
	memory float64
	// cpu is the processor time of a minute.
	cpu time.Duration
}

// halves splits what comes after the warm-up.
func halves(samples []sample) (first, second half) {
	for len(samples) > 2 && samples[0].at < warmUp {
		samples = samples[1:]
	}
	middle := len(samples) / 2
	return halfOf(samples[:middle+1]), halfOf(samples[middle:])
}

func halfOf(samples []sample) half {
	var memory []float64
	for _, s := range samples {
		memory = append(memory, float64(s.memory))
	}
	from, to := samples[0], samples[len(samples)-1]
	return half{memory: median(memory), cpu: time.Duration(float64(to.cpu-from.cpu) * float64(time.Minute) / float64(to.at-from.at))}
}

func mostOf(samples []sample) int64 {
	var most int64
	for _, s := range samples {
		most = max(most, s.memory)
	}
	return most
}
