package kubeapi

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/vectors"
)

// realizeInput is the input of the vectors with op "realize", as far as it concerns single objects. What stops
// deletions, unreachable clusters and missing namespaces are matters of the plan and the workflow.
type realizeInput struct {
	Op          string `json:"op"`
	Integration string `json:"integration"`
	Version     string `json:"integration_version"`
	Groups      []struct {
		Cluster   string           `json:"cluster"`
		Namespace string           `json:"namespace"`
		Kind      string           `json:"kind"`
		Current   []map[string]any `json:"current"`
		Desired   []map[string]any `json:"desired"`
	} `json:"groups"`
	Errors  []string `json:"registered_errors"`
	Options struct {
		DryRun      bool     `json:"dry_run"`
		TakeOver    bool     `json:"take_over"`
		Caller      string   `json:"caller"`
		AllCallers  []string `json:"all_callers"`
		SkipCompare bool     `json:"no_dry_run_skip_compare"`
		Deletion    *bool    `json:"override_enable_deletion"`
	} `json:"options"`
	World struct {
		Missing     []string                  `json:"missing_namespaces"`
		Unreachable []string                  `json:"unreachable_clusters"`
		Skipped     []string                  `json:"skipped_clusters"`
		Objects     map[string]map[string]any `json:"objects"`
	} `json:"world"`
	Planted []struct {
		Call  string `json:"call"`
		Name  string `json:"name"`
		Raise string `json:"raise"`
		Times int    `json:"times"`
	} `json:"planted_failures"`
}

type action struct {
	Action    string `json:"action"`
	Cluster   string `json:"cluster"`
	Namespace string `json:"namespace"`
	Kind      string `json:"kind"`
	Name      string `json:"name"`
}

var problems = map[string]problem{
	"StatusCodeError":                      problemOther,
	"FieldIsImmutableError":                problemImmutable,
	"DeploymentFieldIsImmutableError":      problemImmutable,
	"MayNotChangeOnceSetError":             problemClusterIP,
	"PrimaryClusterIPCanNotBeUnsetError":   problemClusterIP,
	"StatefulSetUpdateForbidden":           problemStatefulSet,
	"MetaDataAnnotationsTooLongApplyError": problemNotApplicable,
	"UnsupportedMediaTypeError":            problemNotApplicable,
	"RequestEntityTooLargeError":           problemNotApplicable,
	"InvalidValueApplyError":               problemResourceVersion,
}

func TestRealizeAgreesWithTheReference(t *testing.T) {
	deliberate := map[string]string{
		"rz-skip-compare-dry-modified-conflict":                    "a dry run plans what the run would do; the reference plans something else",
		"rz-too-large-absent-metadataannotationstoolongapplyerror": "an object that was just created is not replaced by itself",
		"rz-deployment-selector-recreate":                          "the new object is applied and not created, so that the next attempt after a crash does the same",
		"rz-deployment-selector-rollingupdate-adopt":               "the ReplicaSet is marked before the deletion, so that no crash leaves it without an owner; the recorded one has no owner's UID",
		"rz-apply-fails-then-delete-next-group":                    "deletions depend on complete reads, not on how other objects were applied",
		"rz-current-bad-name-listed":                               "a live object with a name that the reference refuses is only a live object",
		"rz-statefulset-forbidden-resize":                          "claims are resized before the StatefulSet is deleted, and only those of the template",
	}
	others := map[string]func(require.TestingT, vectors.Vector){
		"inventory": checkInventory,
		"specs":     checkSpecs,
		// What is listed is checked in TestCurrentListsAsTheReference; here only that no listed object is an error.
		"list-current": func(t require.TestingT, v vectors.Vector) { require.False(t, v.Fails()) },
	}
	vectors.Each(t, "openshift-realize-decision", deliberate, func(t require.TestingT, v vectors.Vector) {
		var in realizeInput
		require.NoError(t, vectors.Decode(v.Input, &in))
		if check, other := others[in.Op]; other {
			check(t, v)
			return
		}
		actions, conflicts, run := realize(t, in)
		if v.Fails() {
			require.Positive(t, run.failures)
			return
		}
		var want struct {
			Actions []action            `json:"actions"`
			Calls   map[string][]string `json:"calls_by_object"`
			Error   bool                `json:"error_registered"`
		}
		require.NoError(t, vectors.Decode(v.Output, &want))
		require.ElementsMatch(t, want.Actions, actions)
		if in.Options.DryRun || len(in.Errors)+len(in.World.Missing)+len(in.World.Unreachable)+len(in.World.Skipped) > 0 || in.Options.Deletion != nil {
			require.Equal(t, want.Error, conflicts > 0 || len(in.Errors) > 0)
			return
		}
		require.Equal(t, want.Error, conflicts+run.failures > 0)
		require.Equal(t, writesOf(want.Calls), run.writes)
	})
}

// outcome is what executing the actions did.
type outcome struct {
	writes   map[string][]string
	failures int
}

// realize decides about every object and carries the decisions out on a cluster in memory.
func realize(t require.TestingT, in realizeInput) (actions []action, conflicts int, run outcome) {
	owner := Owner{Integration: in.Integration, Version: in.Version, Caller: in.Options.Caller}
	policy := Policy{TakeOver: in.Options.TakeOver, AllCallers: in.Options.AllCallers, SkipCompare: in.Options.SkipCompare}
	run.writes = map[string][]string{}
	for _, group := range in.Groups {
		cluster := newMemory()
		work := &applier{objects: cluster, cluster: group.Cluster, now: time.Now, settle: settleWithin{limit: time.Second, pause: time.Millisecond}}
		plant(cluster, in)
		live := map[string]map[string]any{}
		for _, body := range group.Current {
			live[nameOf(body)] = body
			cluster.put(referenceIn(t, cluster, group.Namespace, body), body)
		}
		wanted := map[string]bool{}
		for _, body := range group.Desired {
			wanted[nameOf(body)] = true
			ref := referenceIn(t, cluster, group.Namespace, body)
			if seed := in.World.Objects[group.Kind+"/"+nameOf(body)]; seed != nil {
				cluster.put(ref, seed)
			} else if existing(in, nameOf(body)) {
				cluster.put(ref, body)
			}
			if before := live[nameOf(body)]; before != nil {
				comparison, err := Compare(before, body, owner)
				require.NoError(t, err)
				verdict := Decide(before, comparison, owner, policy)
				if verdict.Conflict != "" {
					conflicts++
				}
				if verdict.Apply == "" {
					continue
				}
			}
			actions = append(actions, action{"applied", group.Cluster, group.Namespace, group.Kind, nameOf(body)})
			stamped, err := Annotated(body, owner, time.Now())
			require.NoError(t, err)
			if work.run(context.Background(), ref, stamped) != nil {
				run.failures++
			}
		}
		for _, name := range slices.Sorted(maps.Keys(live)) {
			if wanted[name] || !Deletable(live[name], owner, policy) {
				continue
			}
			actions = append(actions, action{"deleted", group.Cluster, group.Namespace, group.Kind, name})
			ref := referenceIn(t, cluster, group.Namespace, live[name])
			if cluster.remove(context.Background(), ref, uidOf(cluster.stored[ref]), background) != nil {
				run.failures++
			}
		}
		for ref, calls := range cluster.writes {
			run.writes[group.Cluster+" "+ref] = calls
		}
	}
	return actions, conflicts, run
}

// existing says whether a planted failure can only come from an object that exists already.
func existing(in realizeInput, name string) bool {
	for _, failure := range in.Planted {
		switch problems[failure.Raise] {
		case problemImmutable, problemClusterIP, problemStatefulSet, problemResourceVersion:
			return failure.Name == name
		}
	}
	return false
}

func plant(cluster *memory, in realizeInput) {
	left := map[string]int{}
	cluster.refuse = func(verb string, ref reference) error {
		for _, failure := range in.Planted {
			if failure.Call != verb || failure.Name != ref.name || (failure.Times > 0 && left[verb+ref.name] >= failure.Times) {
				continue
			}
			left[verb+ref.name]++
			return apierr.New(apierr.Invalid, &serverError{message: failure.Raise, problem: problems[failure.Raise]})
		}
		return nil
	}
}

func referenceIn(t require.TestingT, cluster *memory, namespace string, body map[string]any) reference {
	kind, err := cluster.resolve(context.Background(), apiVersionOf(body), kindOf(body))
	require.NoError(t, err)
	return reference{Kind: kind, namespace: namespace, name: nameOf(body)}
}

// writesOf leaves out reads, and the restart of pods, which the reference counts even where none is asked for.
func writesOf(calls map[string][]string) map[string][]string {
	names := map[string]string{"remove-last-applied": "patch", "resize-pvcs": "patch"}
	writes := map[string][]string{}
	for key, list := range calls {
		parts := strings.SplitN(key, "/", 4)
		object := parts[0] + " " + describe(parts[2], parts[1], parts[3])
		for _, verb := range list {
			verb = strings.TrimSuffix(verb, " (privileged)")
			switch verb {
			case "get", "get-replicaset", "get-owned-pods", "recycle-pods":
				continue
			}
			if ours, renamed := names[verb]; renamed {
				verb = ours
			}
			writes[object] = append(writes[object], verb)
		}
	}
	return writes
}

func checkInventory(t require.TestingT, v vectors.Vector) {
	var in struct {
		Initialise [][]any `json:"initialise"`
		Adds       []struct {
			State, Cluster, Namespace string
			Object                    map[string]any
		} `json:"adds"`
	}
	require.NoError(t, vectors.Decode(v.Input, &in))
	var want struct {
		Results   []string `json:"results"`
		Inventory []struct {
			Namespace, Kind string
			Desired         []string `json:"desired"`
		} `json:"inventory"`
	}
	require.NoError(t, vectors.Decode(v.Output, &want))
	clusters := map[string]*Desired{}
	for _, entry := range in.Initialise {
		cluster := entry[0].(string)
		if clusters[cluster] == nil {
			clusters[cluster] = NewDesired(cluster)
		}
		clusters[cluster].Manage(entry[1].(string), entry[2].(string), texts(entry[3])...)
	}
	for i, add := range in.Adds {
		if add.State != "desired" {
			continue
		}
		collection := clusters[add.Cluster]
		if collection == nil {
			collection = NewDesired(add.Cluster)
		}
		err := collection.Add(add.Namespace, add.Object, false)
		require.Equal(t, want.Results[i] == "ok", err == nil, "%v", err)
	}
	for _, group := range want.Inventory {
		var got []string
		for _, cluster := range clusters {
			for _, o := range cluster.Objects() {
				if o.Namespace == group.Namespace && o.Kind == group.Kind {
					got = append(got, o.Name)
				}
			}
		}
		require.ElementsMatch(t, group.Desired, got, group.Kind)
	}
}

func checkSpecs(t require.TestingT, v vectors.Vector) {
	var in struct {
		Namespaces []struct {
			Name    string `json:"name"`
			Cluster struct{ Name string }
			ManagedTypes
		} `json:"namespaces"`
		Only        []string `json:"override_managed_types"`
		Unreachable []string `json:"unreachable_clusters"`
	}
	require.NoError(t, vectors.Decode(v.Input, &in))
	type spec struct {
		State, Cluster, Namespace, Kind string
		Names                           []string `json:"resource_names"`
	}
	var got []spec
	failed := false
	for _, namespace := range in.Namespaces {
		if slices.Contains(in.Unreachable, namespace.Cluster.Name) {
			continue
		}
		kinds, err := namespace.Kinds(in.Only)
		failed = failed || err != nil
		for _, kind := range kinds {
			got = append(got, spec{"current", namespace.Cluster.Name, namespace.Name, kind.Kind, kind.Names})
		}
	}
	require.Equal(t, v.Fails(), failed)
	if failed {
		return
	}
	var want struct {
		Specs []spec `json:"specs"`
	}
	require.NoError(t, vectors.Decode(v.Output, &want))
	want.Specs = slices.DeleteFunc(want.Specs, func(s spec) bool { return s.State != "current" })
	require.ElementsMatch(t, want.Specs, got)
}

// texts are the names of a list, nil for null.
func texts(value any) []string {
	list, _ := value.([]any)
	var names []string
	for _, item := range list {
		names = append(names, item.(string))
	}
	return names
}
