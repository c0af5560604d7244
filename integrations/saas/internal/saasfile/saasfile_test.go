package saasfile_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
)

func namespace(t *testing.T, name, app, cluster, environment, labels string) saasfile.Namespace {
	n := saasfile.Namespace{Name: name, Cluster: appinterface.Cluster{Name: cluster, ServerURL: "https://" + cluster}}
	n.App.Name, n.Environment.Name = app, environment
	if labels != "" {
		require.NoError(t, json.Unmarshal([]byte(labels), &n.Environment.Labels))
	}
	return n
}

func estate(t *testing.T) []saasfile.Namespace {
	yes, no := true, false
	all := []saasfile.Namespace{
		namespace(t, "shop-production", "shop", "east", "production", ""),
		namespace(t, "shop-stage", "shop", "east", "stage", ""),
		namespace(t, "tests", "interface", "west", "production", `{"type": "integration"}`),
		namespace(t, "service-a", "service", "east", "stage", `{"type": "stage"}`),
		namespace(t, "service-b", "service", "east", "stage", `{"type": "stage"}`),
	}
	all[3].SkupperSite = &saasfile.SkupperSite{Delete: &yes}
	all[4].SkupperSite = &saasfile.SkupperSite{Delete: &no}
	return all
}

func selecting(include, exclude []string) saasfile.File {
	target := saasfile.Target{Provider: "dynamic", NamespaceSelector: &saasfile.NamespaceSelector{JsonPathSelectors: saasfile.Selectors{Include: include, Exclude: exclude}}}
	return saasfile.File{Name: "shop", ResourceTemplates: []saasfile.Template{{Name: "api", Targets: []saasfile.Target{target}}}}
}

func names(set saasfile.Set) []string {
	var names []string
	for i := range set.Files {
		for _, target := range set.Files[i].Targets() {
			names = append(names, target.Namespace.Name)
		}
	}
	return names
}

func TestSelectors(t *testing.T) {
	shop := `namespace[?@.app.name="shop"]`
	for _, tc := range []struct {
		name             string
		include, exclude []string
		want             []string
	}{
		{"nothing included is nothing", nil, nil, nil},
		{"by app", []string{shop}, nil, []string{"shop-production", "shop-stage"}},
		{"without some", []string{shop}, []string{`namespace[?@.name="shop-production"]`}, []string{"shop-stage"}},
		{"by cluster without an app", []string{`namespace[?@.cluster.name="east"]`}, []string{shop}, []string{"service-a", "service-b"}},
		{
			"several are joined in their order, and each counts once",
			[]string{`namespace[?@.environment.name="stage"]`, shop},
			[]string{`namespace[?@.app.name="service"]`, `namespace[?@.cluster.name="west"]`},
			[]string{"shop-stage", "shop-production"},
		},
		{"conditions of one have to agree", []string{`namespace[?@.environment.name="production" & @.app.name="shop"]`}, nil, []string{"shop-production"}},
		{"by a label", []string{`namespace[?@.environment.labels.type="integration"]`}, nil, []string{"tests"}},
		{"by what is there", []string{`namespace[?@.skupperSite]`}, nil, []string{"service-a", "service-b"}},
		{"without what is true", []string{`namespace[?@.skupperSite]`}, []string{`namespace[?@.skupperSite.delete=true]`}, []string{"service-b"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			set := saasfile.Resolve([]saasfile.File{selecting(tc.include, tc.exclude)}, estate(t))
			require.Empty(t, set.Faults)
			require.Equal(t, tc.want, names(set))
		})
	}
}

func TestTheTargetsOfSelectorsFollowTheOthers(t *testing.T) {
	all := estate(t)
	file := selecting([]string{`namespace[?@.app.name="shop"]`}, nil)
	file.ResourceTemplates[0].Targets = append(file.ResourceTemplates[0].Targets, saasfile.Target{Namespace: &all[2]})
	set := saasfile.Resolve([]saasfile.File{file}, all)
	require.Equal(t, []string{"tests", "shop-production", "shop-stage"}, names(set))
	require.Nil(t, file.ResourceTemplates[0].Targets[0].Namespace, "what is read stays as it is")
}

func TestFaults(t *testing.T) {
	all := estate(t)
	static := selecting([]string{"namespace[0]"}, nil)
	static.ResourceTemplates[0].Targets[0].Provider = ""
	both := selecting([]string{"namespace[0]"}, nil)
	both.ResourceTemplates[0].Targets[0].Namespace = &all[0]
	neither := selecting(nil, nil)
	neither.ResourceTemplates[0].Targets[0].NamespaceSelector = nil
	undefined := neither
	undefined.ResourceTemplates = []saasfile.Template{{Name: "api", Targets: []saasfile.Target{{Namespace: &all[0], Parameters: parameters(t, `{"A":"{{{ resource.nope }}}"}`)}}}}
	listed := neither
	listed.ResourceTemplates = []saasfile.Template{{Name: "api", Targets: []saasfile.Target{{Namespace: &all[0], Parameters: parameters(t, `["A"]`)}}}}
	for _, tc := range []struct {
		name string
		file saasfile.File
		want string
	}{
		{"an included path that is none", selecting([]string{"namespace[?()GARBAGE]"}, nil), "is no JSONPath"},
		{"an excluded path that is none", selecting(nil, []string{"namespace[?()GARBAGE]"}), "is no JSONPath"},
		{"a path to something else", selecting([]string{"namespace[*].cluster"}, nil), "finds something else than namespaces"},
		{"a selector without the provider", static, "not the provider dynamic"},
		{"a namespace and a selector", both, "both a namespace and a namespaceSelector"},
		{"neither of them", neither, "neither a namespace nor a namespaceSelector"},
		{"a template that does not render", undefined, "target in east/shop-production"},
		{"parameters that are no map", listed, "parameters are no map"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			sound := saasfile.File{Name: "sound", ResourceTemplates: []saasfile.Template{{Targets: []saasfile.Target{{Namespace: &all[1]}}}}}
			tc.file.ResourceTemplates[0].Targets = append(tc.file.ResourceTemplates[0].Targets, saasfile.Target{
				Namespace: &all[0], Promotion: &saasfile.Promotion{Publish: []string{"shop-tested"}},
			})
			set := saasfile.Resolve([]saasfile.File{tc.file, sound}, all)
			require.Equal(t, []string{"shop-stage"}, names(set), "the other saas file is read")
			require.Len(t, set.Faults, 1)
			require.ErrorContains(t, set.Faults[0], "saas file shop: resource template api: ")
			require.ErrorContains(t, set.Faults[0], tc.want)
			require.True(t, apierr.Is(set.Faults[0], apierr.Invalid))
			require.Equal(t, []string{"shop-tested"}, set.Faults[0].Publishes)
		})
	}
}

func parameters(t *testing.T, text string) appinterface.JSON {
	var made appinterface.JSON
	require.NoError(t, made.UnmarshalJSON([]byte(text)))
	return made
}

func TestTemplatesInTargetsAreRendered(t *testing.T) {
	given := `{"plain":"v1","go":"{{ .GO_PARAM }}-go","name":"{{{ resource.namespace.name }}}-ns","lines":"a\n","count":3}`
	n := namespace(t, "shop-stage", "shop", "east", "stage", `{"rank": 1}`)
	target := saasfile.Target{Namespace: &n, Parameters: parameters(t, given)}
	target.SecretParameters = []saasfile.SecretParameter{{Name: "login"}}
	target.SecretParameters[0].Secret.Path = "path/{{{ resource.namespace.cluster.name }}}/{{ .GO_PARAM }}"
	target.SecretParameters[0].Secret.Field = "{{{ resource.namespace.environment.name }}}-{{{ resource.namespace.environment.labels.rank }}}"
	file := saasfile.File{Name: "shop", ResourceTemplates: []saasfile.Template{{Name: "api", Targets: []saasfile.Target{target}}}}
	set := saasfile.Resolve([]saasfile.File{file}, nil)
	require.Empty(t, set.Faults)
	rendered := set.Files[0].ResourceTemplates[0].Targets[0]
	text, err := rendered.Parameters.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, `{"plain":"v1","go":"{{ .GO_PARAM }}-go","name":"shop-stage-ns","lines":"a","count":3}`, string(text)) //nolint:testifylint // every character counts.
	require.Equal(t, "path/east/{{ .GO_PARAM }}#stage-1", rendered.SecretParameters[0].Secret.String())

	before, err := file.ResourceTemplates[0].Targets[0].Parameters.MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, given, string(before), "what is read stays as it is")
	require.Contains(t, target.SecretParameters[0].Secret.Path, "{{{", "what is read stays as it is")
}

func TestWhere(t *testing.T) {
	all := estate(t)
	shop := saasfile.File{Name: "shop", App: saasfile.App{Name: "shop"}, ResourceTemplates: []saasfile.Template{
		{Name: "api", Targets: []saasfile.Target{{Namespace: &all[0]}, {Namespace: &all[1]}}},
		{Name: "web", Targets: []saasfile.Target{{Namespace: &all[0]}}},
	}}
	other := saasfile.File{Name: "other", App: saasfile.App{Name: "interface"}, ResourceTemplates: []saasfile.Template{{Targets: []saasfile.Target{{Namespace: &all[2]}}}}}
	set := saasfile.Set{Files: []saasfile.File{shop, other}}
	for _, tc := range []struct {
		name, file, app, environment string
		want                         string
	}{
		{"all", "", "", "", "shop-production shop-stage shop-production tests"},
		{"by name", "other", "", "", "tests"},
		{"by app", "", "shop", "", "shop-production shop-stage shop-production"},
		{"by environment", "", "", "stage", "shop-stage"},
		{"by all", "shop", "shop", "production", "shop-production shop-production"},
		{"nothing fits", "shop", "interface", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Equal(t, tc.want, strings.Join(names(saasfile.Set{Files: set.Where(tc.file, tc.app, tc.environment)}), " "))
		})
	}
	require.Len(t, set.Where("", "", "stage")[0].ResourceTemplates, 1, "templates without targets are left out")
}

func TestIsCommit(t *testing.T) {
	sha := strings.Repeat("a1", 20)
	for text, want := range map[string]bool{sha: true, sha + "\n": false, sha + "a": false, "master": false, "": false, strings.ToUpper(sha): false} {
		require.Equal(t, want, saasfile.IsCommit(text), "%q", text)
	}
}
