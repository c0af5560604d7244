package cluster_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/app-sre/qontract-temporal/internal/testkit/cluster"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
)

func TestADiscardedWorldLeavesNothingBehind(t *testing.T) {
	served, other := start(t, cluster.Options{}), start(t, cluster.Options{})
	load(t, served, team)
	load(t, other, team)
	later := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "made-later"}}
	_, err := client(t, served, serverstest.Kube(t).Token).CoreV1().Namespaces().Create(t.Context(), later, metav1.CreateOptions{})
	require.NoError(t, err)
	kept := dump(t, other, cluster.Selection{})

	require.NoError(t, served.Discard(t.Context()))

	left, err := client(t, served, serverstest.Kube(t).Token).CoreV1().Namespaces().List(t.Context(), metav1.ListOptions{})
	require.NoError(t, err)
	require.Empty(t, left.Items, "not even one that is being deleted")
	require.Empty(t, dump(t, served, cluster.Selection{}))
	require.Equal(t, kept, dump(t, other, cluster.Selection{}))
	again := start(t, cluster.Options{World: served.World()})
	load(t, again, "{apiVersion: v1, kind: Namespace, metadata: {name: team-a}}")
	require.NotContains(t, dump(t, again, cluster.Selection{}), "ConfigMap", "what was in the namespace has gone with it")
}
