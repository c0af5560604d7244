package namespacelabels

import (
	"context"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Source reads the namespaces, which is all that comes from app-interface: Desired also asks the cluster which of them are
// there.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	_, err := r.namespaces(ctx, s)
	return err
}

// Shards are the clusters that have a namespace with labels.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	namespaces, err := r.namespaces(ctx, s)
	if err != nil {
		return nil, err
	}
	clusters := make([]appinterface.Cluster, len(namespaces))
	for i, n := range namespaces {
		clusters[i] = n.Cluster
	}
	return namespaced.ClusterNames(ctx, clusters, s)
}

// Desired returns the labels of the namespaces that exist. Labels that Kubernetes would refuse are a problem of their
// namespace. A namespace that is defined more than once with labels is left alone.
//
// Differs from the reference: a namespace that does not exist yet is left out until it does. There labelling it fails, and
// ends the run.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Labels, error) {
	namespaces, err := r.namespaces(ctx, s)
	if err != nil {
		return nil, err
	}
	client, err := r.client(ctx, s, namespaces)
	if err != nil {
		return nil, err
	}
	existing, err := client.ListNamespaceLabels(ctx)
	if err != nil {
		return nil, err
	}
	definitions := map[string]int{}
	for _, n := range namespaces {
		definitions[n.Name]++
	}
	var problems reconcile.Problems
	var all []Labels
	for _, n := range namespaces {
		labels, err := labelsOf(n)
		switch _, exists := existing[n.Name]; {
		case err != nil:
			problems = append(problems, err)
		case definitions[n.Name] > 1:
			logging.From(ctx).Debug("namespace skipped: more than one datafile has labels for it", "cluster", s.Name, "namespace", n.Name)
		case exists:
			all = append(all, Labels{Cluster: s.Name, Namespace: n.Name, Labels: labels, Managed: slices.Sorted(maps.Keys(labels))})
		}
	}
	return all, problems.ErrorOrNil()
}

// namespaces returns the definitions that have labels: of the scope's cluster where there is one, and of the run's shard.
func (r *reconciler) namespaces(ctx context.Context, s reconcile.Scope) ([]namespace, error) {
	answer, err := Namespaces(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(answer.Namespaces), func(n namespace) bool {
		return namespaced.IsTrue(n.Delete) || isEmpty(n.Labels) || s.Name != "" && n.Cluster.Name != s.Name ||
			!namespaced.InShard(s, n.Cluster.Name, n.Name)
	}), nil
}

// isEmpty says whether there are no labels.
func isEmpty(labels appinterface.JSON) bool {
	var fields map[string]any
	return labels.Decode(&fields) == nil && len(fields) == 0
}

// reserved are the prefixes of the labels that are Kubernetes' own.
func reserved(key string) bool {
	prefix, _, _ := strings.Cut(key, "/")
	return strings.Contains(key, "/") && (prefix == "kubernetes.io" || prefix == "k8s.io")
}

// labelsOf reads the labels of a namespace. The error names all that is wrong with them.
func labelsOf(n namespace) (map[string]string, error) {
	var faults []string
	labels := map[string]string{}
	if err := n.Labels.Decode(&labels); err != nil {
		faults = append(faults, "each value must be text; write numbers, true and false with quotes")
		labels = nil
	}
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		for _, fault := range validation.IsQualifiedName(key) {
			faults = append(faults, key+": "+fault)
		}
		for _, fault := range validation.IsValidLabelValue(labels[key]) {
			faults = append(faults, key+": the value "+labels[key]+": "+fault)
		}
		if reserved(key) {
			faults = append(faults, key+": the prefix is reserved for Kubernetes")
		}
	}
	if len(faults) > 0 {
		return nil, apierr.Errorf(apierr.Invalid, "labels of namespace %s in cluster %s: %s", n.Name, n.Cluster.Name, strings.Join(faults, "; "))
	}
	return labels, nil
}

// client connects to the cluster of the namespaces.
func (r *reconciler) client(ctx context.Context, s reconcile.Scope, namespaces []namespace) (cluster, error) {
	if len(namespaces) == 0 {
		return nil, apierr.Errorf(apierr.Invalid, "app-interface has no labels for a namespace in cluster %s any more", s.Name)
	}
	return r.connect(ctx, s, namespaces[0].Cluster)
}
