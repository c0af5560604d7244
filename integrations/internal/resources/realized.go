package resources

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Phase says how far a live object is with what was applied.
type Phase string

// The phases of an object. One whose kind has no such state is realized at once.
const (
	Realized    Phase = "realized"
	NotRealized Phase = "not yet"
	// Failed will not be realized without another change.
	Failed Phase = "failed"
)

// Judge says whether a live object is as its controllers are to make it, and in words why not. It knows Deployment,
// DeploymentConfig, StatefulSet, Subscription, Job, ClowdApp and ClowdJobInvocation.
func Judge(live map[string]any) (Phase, string) {
	judge, ok := map[string]func(live, status map[string]any) (Phase, string){
		"Deployment": judgeReplicas, "DeploymentConfig": judgeReplicas, "StatefulSet": judgeReplicas,
		"Subscription": judgeSubscription, "Job": judgeJob, "ClowdApp": judgeClowdApp, "ClowdJobInvocation": judgeInvocation,
	}[text(live, "kind")]
	if !ok {
		return Realized, ""
	}
	status := field(live, "status")
	if len(status) == 0 {
		return NotRealized, "it has no status yet"
	}
	return judge(live, status)
}

func judgeReplicas(live, status map[string]any) (Phase, string) {
	wanted := number(field(live, "spec")["replicas"])
	there, known := status["replicas"]
	if wanted == 0 || known && number(there) == 0 {
		return Realized, ""
	}
	ready, updated := number(status["readyReplicas"]), number(status["updatedReplicas"])
	if number(there) == wanted && ready == wanted && updated == wanted {
		return Realized, ""
	}
	return NotRealized, fmt.Sprintf("of %d replicas %d are ready and %d are up to date", wanted, ready, updated)
}

func judgeSubscription(_, status map[string]any) (Phase, string) {
	if state := text(status, "state"); state != "AtLatestKnown" {
		return NotRealized, fmt.Sprintf("its state is %q and not AtLatestKnown", state)
	}
	return Realized, ""
}

func judgeJob(_, status map[string]any) (Phase, string) {
	if number(status["succeeded"]) > 0 {
		return Realized, ""
	}
	// Differs from the reference: a condition that is not true says nothing. There it fails the job all the same.
	for _, condition := range entries(status["conditions"]) {
		if text(condition, "type") == "Failed" && text(condition, "status") != "False" {
			return Failed, "the job has failed: " + text(condition, "reason")
		}
	}
	return NotRealized, "the job has not succeeded yet"
}

func judgeClowdApp(_, status map[string]any) (Phase, string) {
	deployments := field(status, "deployments")
	if len(deployments) == 0 {
		return NotRealized, "it has no deployments yet"
	}
	managed, ready := number(deployments["managedDeployments"]), number(deployments["readyDeployments"])
	if managed != ready {
		return NotRealized, fmt.Sprintf("of %d deployments %d are ready", managed, ready)
	}
	return Realized, ""
}

func judgeInvocation(_, status map[string]any) (Phase, string) {
	if status["completed"] != true {
		return NotRealized, "it has not completed yet"
	}
	jobs := field(status, "jobMap")
	failed := slices.DeleteFunc(slices.Sorted(maps.Keys(jobs)), func(job string) bool { return jobs[job] != "Failed" })
	if len(failed) > 0 {
		return Failed, "jobs have failed: " + strings.Join(failed, ", ")
	}
	return Realized, ""
}

// number is an integer of JSON, as any decoder gives it; 0 for anything else.
func number(value any) int64 {
	switch value := value.(type) {
	case json.Number:
		whole, _ := value.Int64()
		return whole
	case int64:
		return value
	case int:
		return int64(value)
	case float64:
		return int64(value)
	}
	return 0
}
