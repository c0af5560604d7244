package fleet_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/fleet"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// registry has one integration for each strategy.
func registry(t *testing.T) *reconcile.Registry {
	t.Helper()
	define := func(name string, params ...reconcile.Param) reconcile.Definition {
		return reconcile.Definition{
			Name: name, Summary: "s", Every: 10 * time.Minute, Reads: []reconcile.System{reconcile.AppInterface}, Params: params,
			Build: func(*clients.Set) (reconcile.Steps, error) { return reconcile.Steps{}, nil },
		}
	}
	text := func(name string) reconcile.Param {
		return reconcile.Param{Name: name, Type: reconcile.String, Help: "h"}
	}
	registry, err := reconcile.NewRegistry(reconcile.Family{Name: "family", Integrations: []reconcile.Definition{
		define("basic", append([]reconcile.Param{reconcile.ThreadPoolSize(), {Name: "tag", Type: reconcile.Strings, Help: "h"}}, reconcile.Shards()...)...),
		define("by-account", text("account-name"), reconcile.ThreadPoolSize()),
		define("by-cluster", append([]reconcile.Param{reconcile.ClusterName()}, reconcile.Shards()...)...),
		define("by-organization", text("org-id")),
		define("by-zone", text("zone-name")),
		define("integrations-manager"),
		define("plain"),
	}})
	require.NoError(t, err)
	return registry
}

// objects are what shards are made for.
func objects() map[string]string {
	cluster := func(name, more string) string {
		return "$schema: /openshift/cluster-1.yml\nname: " + name + "\nserverUrl: https://" + name + "\nauth: []\n" + more
	}
	account := func(name, more string) string {
		return "$schema: /aws/account-1.yml\nname: " + name + "\nuid: '1'\nresourcesDefaultRegion: r\nautomationToken: {path: p, field: f}\npremiumSupport: false\n" + more
	}
	organization := func(name, id, more string) string {
		return "$schema: /openshift/openshift-cluster-manager-1.yml\nname: " + name + "\norgId: " + id + "\n" + more
	}
	zone := func(identifier string) string {
		return "$schema: /cloudflare/dns-zone-1.yml\nidentifier: " + identifier + "\nzone: " + identifier + ".com\naccount: {$ref: /cloudflare.yml}\n"
	}
	return map[string]string{
		"cluster-1.yml":  cluster("cluster-1", ""),
		"cluster-2.yml":  cluster("cluster-2", "disable: {integrations: [other]}\n"),
		"cluster-3.yml":  cluster("cluster-3", "disable: {integrations: [by-cluster]}\n"),
		"account-1.yml":  account("acc-1", ""),
		"account-2.yml":  account("acc-2", "disable: {}\n"),
		"account-3.yml":  account("acc-3", "disable: {integrations: []}\n"),
		"account-4.yml":  account("acc-4", "disable: {integrations: [by-account]}\n"),
		"org-1.yml":      organization("org-1", "org-id-A", ""),
		"org-2.yml":      organization("org-2", "org-id-B", ""),
		"org-3.yml":      organization("org-3", "org-id-C", "disable: {integrations: [by-organization]}\n"),
		"zone-1.yml":     zone("zone1"),
		"zone-2.yml":     zone("zone2"),
		"cloudflare.yml": "$schema: /cloudflare/account-1.yml\nname: cf\n",
		"test.yml":       "$schema: /app-sre/environment-1.yml\nname: test\ndescription: d\nlabels: {}\n",
		"dry.yml":        "$schema: /app-sre/environment-1.yml\nname: dry\ndescription: d\nlabels: {}\nparameters: {DRY_RUN: --dry-run, MANAGER_DRY_RUN: --no-dry-run}\n",
		"odd.yml":        "$schema: /app-sre/environment-1.yml\nname: odd\ndescription: d\nlabels: {}\nparameters: {DRY_RUN: 'yes'}\n",
		"app.yml":        "$schema: /app-sre/app-1.yml\nname: a\ndescription: d\nonboardingStatus: o\n",
		"ns-test.yml":    namespace("ns-test", "/test.yml"),
		"ns-dry.yml":     namespace("ns-dry", "/dry.yml"),
		"ns-odd.yml":     namespace("ns-odd", "/odd.yml"),
	}
}

func namespace(name, environment string) string {
	return "$schema: /openshift/namespace-1.yml\nname: " + name + "\ndescription: d\ncluster: {$ref: /cluster-1.yml}\napp: {$ref: /app.yml}\nenvironment: {$ref: " + environment + "}\n"
}

// datafile is an integration's; more are further lines.
func datafile(name, more string) string {
	return "$schema: /app-sre/integration-1.yml\nname: " + name + "\ndescription: d\nschemas: []\n" + more
}

// managed is a datafile that runs the integration in a namespace, with a spec and a sharding in flow form.
func managed(name, namespace, spec, sharding string) string {
	return datafile(name, "managed:\n"+entry(namespace, spec, sharding))
}

func entry(namespace, spec, sharding string) string {
	text := "- namespace: {$ref: /" + namespace + ".yml}\n  spec: {" + spec + "}\n"
	if sharding != "" {
		text += "  sharding: {" + sharding + "}\n"
	}
	return text
}

// read is what app-interface says with these datafiles of integrations.
func read(t *testing.T, integrations ...string) fleet.Data {
	t.Helper()
	folder := fstest.MapFS{}
	for name, text := range objects() {
		folder["data/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	for i, text := range integrations {
		folder["data/integrations/"+string(rune('a'+i))+".yml"] = &fstest.MapFile{Data: []byte(text)}
	}
	bundle, err := server.ReadFolder(folder, server.FolderOptions{Schema: embedded.Schema})
	require.NoError(t, err)
	app, err := server.New(server.Options{})
	require.NoError(t, err)
	app.Load(bundle)
	serving := httptest.NewServer(app.Handler())
	t.Cleanup(serving.Close)
	data, err := fleet.Read(t.Context(), graphql.NewClient(serving.URL+"/graphql", http.DefaultClient))
	require.NoError(t, err)
	return data
}

// planned is the fleet of these datafiles.
func planned(t *testing.T, o fleet.Options, integrations ...string) fleet.Fleet {
	t.Helper()
	o.Registry = registry(t)
	return fleet.New(read(t, integrations...), o)
}
