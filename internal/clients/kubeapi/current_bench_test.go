package kubeapi_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
)

// BenchmarkCurrentWithNothingToDo reads 1,000 LimitRanges in 100 namespaces, all of them in sync, and then has
// client-go list the same objects and do nothing with them. The metric bare-lists is how many such lists Current costs.
func BenchmarkCurrentWithNothingToDo(b *testing.B) {
	const namespaces, each = 100, 10
	w := onServer(b)
	var desired []kubeapi.Object
	var targets []kubeapi.Target
	for range namespaces {
		w.inNamespace()
		targets = append(targets, kubeapi.Target{Namespace: w.namespace, Kind: "LimitRange"})
		for i := range each {
			desired = append(desired, w.object("v1", "LimitRange", fmt.Sprintf("limits-%d", i), map[string]any{"spec": map[string]any{"limits": []any{
				map[string]any{
					"type":           "Container",
					"default":        map[string]any{"cpu": "500m", "memory": "512Mi"},
					"defaultRequest": map[string]any{"cpu": "100m", "memory": "256Mi"},
					"max":            map[string]any{"cpu": "4", "memory": "8Gi"},
				},
			}}}))
		}
	}
	var group errgroup.Group
	group.SetLimit(10)
	for _, o := range desired {
		group.Go(func() error { return w.Apply(w.write, widgets, o) })
	}
	require.NoError(b, group.Wait())
	bare, err := dynamic.NewForConfig(&rest.Config{
		Host: w.url, BearerToken: w.token, QPS: -1, TLSClientConfig: rest.TLSClientConfig{Insecure: true},
	})
	require.NoError(b, err)

	var reading, listing time.Duration
	for b.Loop() {
		began := time.Now()
		found, err := kubeapi.Current(w.read, w.Client, widgets, desired, targets, kubeapi.Policy{})
		reading += time.Since(began)
		require.NoError(b, err)
		require.Len(b, found, len(desired))
		for _, o := range found {
			require.Empty(b, o.Drift)
		}

		began = time.Now()
		listed, err := listAll(w.read, bare)
		listing += time.Since(began)
		require.NoError(b, err)
		require.GreaterOrEqual(b, listed, len(desired))
	}
	b.ReportMetric(float64(reading.Milliseconds())/float64(b.N), "current-ms/op")
	b.ReportMetric(float64(listing.Milliseconds())/float64(b.N), "list-ms/op")
	b.ReportMetric(float64(reading)/float64(listing), "bare-lists")
}

// listAll counts the LimitRanges of the cluster, read page by page.
func listAll(ctx context.Context, client dynamic.Interface) (count int, err error) {
	limitRanges := client.Resource(schema.GroupVersionResource{Version: "v1", Resource: "limitranges"})
	options := metav1.ListOptions{Limit: 500}
	for {
		page, err := limitRanges.List(ctx, options)
		if err != nil {
			return 0, err
		}
		count += len(page.Items)
		if options.Continue = page.GetContinue(); options.Continue == "" {
			return count, nil
		}
	}
}
