package clusterdeploymentmapper

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/app-sre/qontract-temporal/integrations/openshift/internal/survey"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

const kind = "ClusterDeployment.hive.openshift.io"

// Source implements reconcile.Sourced: the map is made of what clusters have.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	_, err := ClusterDeploymentClusters(ctx, r.at(s))
	return err
}

// Desired returns the map as the clusters have it. Of a cluster that cannot be read it keeps what the map has, and reports it.
//
// Differs from the reference: a cluster that does not answer keeps its lines, and the run fails at its end. The reference
// writes the map without them and succeeds.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Map, error) {
	path, err := pathOf(s)
	if err != nil {
		return nil, err
	}
	answer, err := ClusterDeploymentClusters(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	clusters := survey.Reachable(kubeapi.Select(answer.Clusters, s.Integration, nil))
	var mu sync.Mutex
	read := map[string][]Entry{}
	faults, err := survey.Clusters(ctx, clusters, func(ctx context.Context, c appinterface.Cluster) error {
		entries, err := r.deployments(ctx, s, c)
		mu.Lock()
		defer mu.Unlock()
		read[c.Name] = entries
		return err
	})
	if err != nil {
		return nil, err
	}
	known := Map{}
	if len(faults) > 0 {
		if known, _, err = r.fetch(ctx, path); err != nil {
			return nil, err
		}
	}
	wanted := Map{Path: path, Entries: []Entry{}}
	for _, c := range clusters {
		if faults[c.Name] == nil {
			wanted.Entries = append(wanted.Entries, read[c.Name]...)
			continue
		}
		for _, entry := range known.Entries {
			if entry.Cluster == c.Name {
				wanted.Entries = append(wanted.Entries, entry)
			}
		}
	}
	var problems reconcile.Problems
	for _, name := range slices.Sorted(maps.Keys(faults)) {
		problems = append(problems, fmt.Errorf("ClusterDeployments of cluster %s, whose lines stay as they are: %w", name, faults[name]))
	}
	return []Map{wanted}, problems.ErrorOrNil()
}

func pathOf(s reconcile.Scope) (string, error) {
	root := strings.TrimSuffix(s.Args.String("vault-output-path"), "/")
	if root == "" {
		return "", apierr.Errorf(apierr.Invalid, "--vault-output-path is missing: name the folder in Vault that the map is written to")
	}
	return root + "/" + Name, nil
}

// deployments are the entries of one cluster. One that does not serve the kind has none, and neither has a deployment whose
// cluster is still being made.
func (r *reconciler) deployments(ctx context.Context, s reconcile.Scope, c appinterface.Cluster) ([]Entry, error) {
	client, err := r.connect(ctx, s, c)
	if err != nil {
		return nil, err
	}
	served, err := client.Supported(ctx, kind)
	if err != nil || !served {
		return nil, err
	}
	listed, err := client.List(ctx, kind, "", "")
	if err != nil {
		return nil, err
	}
	slices.SortFunc(listed, func(a, b map[string]any) int { return cmp.Compare(place(a), place(b)) })
	var entries []Entry
	for _, item := range listed {
		if id, _, _ := unstructured.NestedString(item, "spec", "clusterMetadata", "clusterID"); id != "" {
			entries = append(entries, Entry{ID: id, Cluster: c.Name})
		}
	}
	return entries, nil
}

func place(item map[string]any) string {
	object := unstructured.Unstructured{Object: item}
	return object.GetNamespace() + "/" + object.GetName()
}
