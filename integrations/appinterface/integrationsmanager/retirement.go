package integrationsmanager

import (
	"context"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/logging"
)

// retirement decides which workers that nobody wants any more may go.
type retirement struct {
	client interface {
		List(ctx context.Context, kind, namespace, selector string) ([]map[string]any, error)
	}
	versions interface {
		// Retired says whether Temporal has nothing left for a version of a Worker Deployment.
		Retired(ctx context.Context, deployment, build string) (bool, error)
	}
	wanted []kubeapi.Object
}

// worker is what is read of a live Deployment.
type worker struct {
	deployment, build string
	// manages says that it runs this integration.
	manages   bool
	available bool
}

// items leaves out the Deployments that have to stay a while.
func (r *retirement) items(ctx context.Context, live []kubeapi.Object) ([]Item, error) {
	isWanted := func(key string) bool {
		return slices.ContainsFunc(r.wanted, func(o kubeapi.Object) bool { return o.Key() == key })
	}
	var workers map[string]worker
	items := make([]Item, 0, len(live))
	for _, object := range live {
		item := Item{Object: &object, Refusal: object.Conflict}
		if object.Kind != deploymentKind || isWanted(object.Key()) {
			items = append(items, item)
			continue
		}
		if workers == nil {
			var err error
			if workers, err = r.read(ctx, live); err != nil {
				return nil, err
			}
		}
		stays, err := r.stays(ctx, workers, object.Key())
		if err != nil {
			return nil, err
		}
		if stays != "" {
			logging.From(ctx).Info("old workers are kept", "deployment", object.Title(), "because", stays)
			continue
		}
		if workers[object.Key()].manages && !r.succeeded() {
			item.Refusal = ownWorkers
		}
		items = append(items, item)
	}
	return items, nil
}

// stays is why the workers are still needed, or "".
func (r *retirement) stays(ctx context.Context, workers map[string]worker, key string) (string, error) {
	old := workers[key]
	if old.manages && r.succeeded() && !r.available(workers) {
		return "no other worker that runs " + Name + " is available yet", nil
	}
	if old.build == "" || r.sameBuild(old) {
		return "", nil
	}
	retired, err := r.versions.Retired(ctx, old.deployment, old.build)
	if err != nil || retired {
		return "", err
	}
	return "version " + old.build + " of " + old.deployment + " still has runs, or is the current one", nil
}

// sameBuild says whether wanted workers of the same version take the runs.
func (r *retirement) sameBuild(old worker) bool {
	return slices.ContainsFunc(r.wanted, func(o kubeapi.Object) bool {
		w := workerOf(o.Body)
		return w.deployment == old.deployment && w.build == old.build
	})
}

// succeeded says whether workers that run this integration are wanted.
func (r *retirement) succeeded() bool {
	return slices.ContainsFunc(r.wanted, func(o kubeapi.Object) bool { return workerOf(o.Body).manages })
}

// available says whether such workers are there already.
func (r *retirement) available(workers map[string]worker) bool {
	return slices.ContainsFunc(r.wanted, func(o kubeapi.Object) bool {
		w := workers[o.Key()]
		return w.manages && w.available
	})
}

// read returns the live Deployments of the namespaces that have some that nobody wants, and of those that are wanted.
func (r *retirement) read(ctx context.Context, live []kubeapi.Object) (map[string]worker, error) {
	workers := map[string]worker{}
	var namespaces []string
	for _, object := range live {
		namespaces = append(namespaces, object.Namespace)
	}
	slices.Sort(namespaces)
	for _, namespace := range slices.Compact(namespaces) {
		bodies, err := r.client.List(ctx, deploymentKind, namespace, labelInstance+"="+Name)
		if err != nil {
			return nil, err
		}
		for _, body := range bodies {
			name, _ := field(body, "metadata", "name").(string)
			workers[kubeapi.Object{Namespace: namespace, Kind: deploymentKind, Name: name}.Key()] = workerOf(body)
		}
	}
	return workers, nil
}

func workerOf(body map[string]any) worker {
	w := worker{}
	w.deployment, _ = field(body, "metadata", "labels", labelWorkerDeployment).(string)
	w.build, _ = field(body, "metadata", "labels", labelBuild).(string)
	containers, _ := field(body, "spec", "template", "spec", "containers").([]any)
	for _, container := range containers {
		args, _ := field(container, "args").([]any)
		for _, arg := range args {
			text, _ := arg.(string)
			names, ok := strings.CutPrefix(text, integrationsFlag)
			w.manages = w.manages || ok && slices.Contains(strings.Split(names, ","), Name)
		}
	}
	w.available = positive(field(body, "status", "availableReplicas"))
	return w
}

func positive(number any) bool {
	switch n := number.(type) {
	case int64:
		return n > 0
	case float64:
		return n > 0
	}
	return false
}

// field is the value at a path of maps, or nil.
func field(value any, path ...string) any {
	for _, key := range path {
		node, _ := value.(map[string]any)
		value = node[key]
	}
	return value
}
