package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// describeMachine is one line about where and when the figures were taken.
func describeMachine() string {
	return fmt.Sprintf("%s, %d logical CPUs, %s of memory, %s/%s, %s, %s",
		processor(), runtime.NumCPU(), memory(), runtime.GOOS, runtime.GOARCH, runtime.Version(), time.Now().UTC().Format(time.DateOnly))
}

func processor() string {
	if model := field("/proc/cpuinfo", "model name"); model != "" {
		return model
	}
	return "an unnamed processor"
}

func memory() string {
	var kib int64
	if _, err := fmt.Sscanf(field("/proc/meminfo", "MemTotal"), "%d kB", &kib); err != nil {
		return "an unknown amount"
	}
	return fmt.Sprintf("%d GiB", (kib+1<<19)>>20)
}

// field is the value of the first line "name: value" in a file of /proc; empty where there is none.
func field(path, name string) string {
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		key, value, ok := strings.Cut(lines.Text(), ":")
		if ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
