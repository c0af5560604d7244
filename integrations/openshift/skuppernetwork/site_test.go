package skuppernetwork

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
)

// made is a site of a network in a cluster of its own.
func made(name string, with func(*site)) *site {
	s := &site{name: "cluster-" + name + "-" + name, cluster: appinterface.Cluster{Name: "cluster-" + name}, namespace: name}
	if with != nil {
		with(s)
	}
	return s
}

func private(s *site)  { s.private = true }
func edged(s *site)    { s.edge = true }
func internal(s *site) { s.private, s.internal = true, true }

func TestSitesConnect(t *testing.T) {
	all := map[string]*site{}
	var sites []*site
	for _, one := range []*site{
		made("public01", nil), made("public02", nil), made("delete01", func(s *site) { s.gone = true }),
		made("private01", private), made("private02", func(s *site) { s.private, s.peers = true, []string{"cluster-private01"} }), made("private03", private),
		made("edge01", edged), made("edge02", edged), made("internal01", internal), made("internal02", internal),
	} {
		all[one.namespace], sites = one, append(sites, one)
	}
	connect(sites)
	for name, wanted := range map[string]string{
		"public01": "", "public02": "public01", "delete01": "",
		"private01": "public01 public02", "private02": "public01 public02 private01", "private03": "public01 public02",
		"edge01": "public01 public02", "edge02": "public01 public02",
		"internal01": "public01 public02", "internal02": "public01 public02 internal01",
	} {
		var links []string
		for _, to := range all[name].links {
			links = append(links, to.namespace)
		}
		require.Equal(t, wanted, strings.Join(links, " "), name)
		require.False(t, all[name].island(sites), name)
	}
	require.True(t, made("island01", nil).island(sites))
	require.False(t, made("leaving", func(s *site) { s.gone = true }).island(nil), "a site that is to be deleted needs no link")
}

func TestOfTwoSitesThatReachEachOtherOneConnects(t *testing.T) {
	a, b := made("a", nil), made("b", nil)
	connect([]*site{a, b})
	require.Empty(t, a.links)
	require.Equal(t, []*site{a}, b.links)
}

func TestNamesOfTokensAreTheReferences(t *testing.T) {
	a, b := made("a", nil), made("b", nil)
	require.Equal(t, "cluster-a-a", a.name)
	// sha256 of "cluster-b/b-cluster-a/a".
	require.Equal(t, "2a49ef95d8fcdead58564a9bd5e8677f998fc92c8aa75d12effeff62c91946c5", a.request(b))
	require.Regexp(t, requestName, a.request(b))
	require.NotEqual(t, a.request(b), b.request(a))
}

func TestALongNameOfASiteIsALabelAllTheSame(t *testing.T) {
	for name, wanted := range map[string]string{
		"shop":                        "cluster-shop-shop",
		strings.Repeat("a", 70):       "cluster-" + strings.Repeat("a", 55),
		strings.Repeat("a", 26) + "-": "cluster-" + strings.Repeat("a", 26) + "--" + strings.Repeat("a", 26),
	} {
		require.Equal(t, wanted, made(name, nil).receiver())
	}
}

func TestATemplateMakesAnObjectWithTheControllersLabels(t *testing.T) {
	for _, tc := range []struct{ name, text, fault string }{
		{"an object", "---\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {app: other, team: shop}\n", ""},
		{"an object without labels", "{kind: ConfigMap, metadata: {name: a}}", ""},
		{"an object without metadata", "kind: ConfigMap", "it is no map with metadata"},
		{"a list", "[1]", "it is no map with metadata"},
		{"nothing", "", "it is no map with metadata"},
		{"no YAML", "a: [", "did not find expected node content"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			object, err := parse(tc.text)
			if tc.fault != "" {
				require.ErrorContains(t, err, tc.fault)
				return
			}
			require.NoError(t, err)
			labels := metadata(object).GetLabels()
			require.Equal(t, "skupper-site-controller", labels["app"])
			require.Equal(t, "qontract-reconcile", labels["managed-by"])
		})
	}
}

func TestAConfigMapMakesAnEdgeSite(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		edge       bool
	}{
		{"it says so", `{kind: ConfigMap, metadata: {name: a}, data: {edge: "True"}}`, true},
		{"it says otherwise", `{kind: ConfigMap, metadata: {name: a}, data: {edge: "false"}}`, false},
		{"it says nothing", `{kind: ConfigMap, metadata: {name: a}, data: {name: b}}`, false},
		{"another kind says so", `{kind: Secret, metadata: {name: a}, data: {edge: "true"}}`, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			object, err := parse(tc.text)
			require.NoError(t, err)
			require.Equal(t, tc.edge, edge([]map[string]any{object}))
		})
	}
}

func TestTemplatesSeeTheNamespace(t *testing.T) {
	seen, err := describe(siteNamespace{
		Name: "shop", Cluster: appinterface.Cluster{Name: "prod-1", ServerURL: "https://api.prod-1.example"},
		Placement: placement{Spec: &specClusterSpecOSDV1{Private: true}},
	})
	require.NoError(t, err)
	require.Equal(t, []string{"cluster", "clusterAdmin", "delete", "name", "skupperSite"}, slices.Sorted(maps.Keys(seen)))
	cluster := seen["cluster"].(map[string]any)
	require.Equal(t, []string{
		"automationToken", "clusterAdminAutomationToken", "disable", "insecureSkipTLSVerify", "internal", "jumpHost", "name", "peering", "serverUrl", "spec",
	}, slices.Sorted(maps.Keys(cluster)))
	require.Nil(t, cluster["jumpHost"])
	require.Equal(t, true, cluster["spec"].(map[string]any)["private"])
}

func TestConfigurationsDiffer(t *testing.T) {
	for _, tc := range []struct {
		name         string
		live, wanted map[string]any
		keys         []string
	}{
		{"not at all", map[string]any{"a": "1"}, map[string]any{"a": "1"}, nil},
		{"by a key that was added in the cluster", map[string]any{"a": "1", "router-memory": "2Gi"}, map[string]any{"a": "1"}, []string{"router-memory"}},
		{"by a key that is wanted", map[string]any{"a": "1"}, map[string]any{"a": "1", "router-memory": "2Gi"}, []string{"router-memory"}},
		{"by values", map[string]any{"a": "1", "b": "1"}, map[string]any{"a": "2", "b": "2"}, []string{"a", "b"}},
		{"where nothing is there", nil, map[string]any{"a": "1"}, []string{"a"}},
	} {
		t.Run(tc.name, func(t *testing.T) { require.Equal(t, tc.keys, differing(tc.live, tc.wanted)) })
	}
}
