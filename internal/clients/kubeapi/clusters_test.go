package kubeapi_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// vault holds secrets by path.
type vault struct {
	fields map[string]map[string]string
	reads  atomic.Int32
}

func (v *vault) Read(ctx context.Context, ref secret.Ref) (secret.Value, error) {
	fields, err := v.ReadAll(ctx, ref)
	return fields[ref.Field], err
}

func (v *vault) ReadAll(_ context.Context, ref secret.Ref) (map[string]secret.Value, error) {
	v.reads.Add(1)
	fields, ok := v.fields[ref.Path]
	if !ok {
		return nil, apierr.Errorf(apierr.Missing, "secret %s is not there", ref.Path)
	}
	values := map[string]secret.Value{}
	for name, value := range fields {
		values[name] = secret.New(value)
	}
	return values, nil
}

func flag(value bool) *bool { return &value }

func TestSelect(t *testing.T) {
	clusters := []appinterface.Cluster{
		{Name: "inside", Internal: flag(true)},
		{Name: "outside", Internal: flag(false)},
		{Name: "unsaid"},
		{Name: "off", Disable: &appinterface.Disable{Integrations: []string{"openshift-groups"}}},
		{Name: "inside", Internal: flag(true)},
	}
	for _, tc := range []struct {
		name        string
		integration string
		internal    *bool
		names       []string
		want        []string
	}{
		{"all, each once", "other", nil, nil, []string{"inside", "outside", "unsaid", "off"}},
		{"not those that disable the integration", "openshift-groups", nil, nil, []string{"inside", "outside", "unsaid"}},
		{"an integration is known by its name with dashes", "openshift_groups", nil, nil, []string{"inside", "outside", "unsaid"}},
		{"only internal ones", "other", flag(true), nil, []string{"inside"}},
		{"a cluster that does not say is external", "other", flag(false), nil, []string{"outside", "unsaid", "off"}},
		{"only the named ones", "other", nil, []string{"off", "unknown"}, []string{"off"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got []string
			for _, cluster := range kubeapi.Select(clusters, tc.integration, tc.internal, tc.names...) {
				got = append(got, cluster.Name)
			}
			require.Equal(t, tc.want, got)
		})
	}
}

func TestConnect(t *testing.T) {
	a := newAPI(t)
	ref := &secret.Ref{Path: "creds/east", Field: "token"}
	good := appinterface.Cluster{Name: "east", ServerURL: a.URL, AutomationToken: ref}
	for _, tc := range []struct {
		name       string
		cluster    appinterface.Cluster
		privileged bool
		fields     map[string]string
		message    string
		kind       apierr.Kind
	}{
		{"no token", appinterface.Cluster{Name: "east", ServerURL: a.URL}, false, nil, "[east] has no automationToken", apierr.Invalid},
		{"no admin token", good, true, nil, "[east] has no clusterAdminAutomationToken", apierr.Invalid},
		{"no address", appinterface.Cluster{Name: "east", AutomationToken: ref}, false, nil, "[east] has no serverUrl", apierr.Invalid},
		{"no secret", good, false, nil, "[east] automationToken: secret creds/east is not there", apierr.Missing},
		{"a token made for another server", good, false, map[string]string{"server": "https://west", "token": "hunter2"}, "was made for https://west, which is not the cluster's serverUrl " + a.URL, apierr.Invalid},
		{"a token that says no server", good, false, map[string]string{"token": "hunter2"}, "secret creds/east has no field server", apierr.Invalid},
		{"a secret without the token", good, false, map[string]string{"server": a.URL}, "secret creds/east has no field token", apierr.Missing},
	} {
		t.Run(tc.name, func(t *testing.T) {
			reader := &vault{fields: map[string]map[string]string{}}
			if tc.fields != nil {
				reader.fields[ref.Path] = tc.fields
			}
			_, err := kubeapi.Connect(t.Context(), reader, tc.cluster, tc.privileged, nil)
			require.ErrorContains(t, err, tc.message)
			require.True(t, apierr.Is(err, tc.kind))
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
}

func TestPool(t *testing.T) {
	setUp := func(t *testing.T) (*api, *vault, appinterface.Cluster) {
		a := newAPI(t)
		reader := &vault{fields: map[string]map[string]string{"creds/east": {"server": a.URL, "token": "t"}}}
		return a, reader, appinterface.Cluster{Name: "east", ServerURL: a.URL, AutomationToken: &secret.Ref{Path: "creds/east", Field: "token"}}
	}
	t.Run("callers at one time share one connection", func(t *testing.T) {
		a, reader, cluster := setUp(t)
		pool := kubeapi.NewPool(reader)
		clients := make([]*kubeapi.Client, 20)
		var group sync.WaitGroup
		for i := range clients {
			group.Go(func() {
				client, err := pool.Client(t.Context(), cluster, false, nil)
				if err == nil {
					clients[i] = client
				}
			})
		}
		group.Wait()
		for _, client := range clients {
			require.NotNil(t, client)
			require.Same(t, clients[0], client)
		}
		require.EqualValues(t, 1, reader.reads.Load())
		require.Equal(t, 1, a.seen("/version"))
	})
	t.Run("an error is not kept", func(t *testing.T) {
		_, reader, cluster := setUp(t)
		pool := kubeapi.NewPool(reader)
		stored := reader.fields["creds/east"]
		delete(reader.fields, "creds/east")
		_, err := pool.Client(t.Context(), cluster, false, nil)
		require.Error(t, err)
		reader.fields["creds/east"] = stored
		_, err = pool.Client(t.Context(), cluster, false, nil)
		require.NoError(t, err)
	})
	t.Run("a client whose token is refused is replaced", func(t *testing.T) {
		a, reader, cluster := setUp(t)
		pool := kubeapi.NewPool(reader)
		first, err := pool.Client(t.Context(), cluster, false, nil)
		require.NoError(t, err)
		reader.fields["creds/east"]["token"] = "rotated"
		a.handle = func(w http.ResponseWriter, r *http.Request) bool {
			if r.Header.Get("Authorization") == "Bearer rotated" || r.URL.Path != "/api/v1/namespaces" {
				return false
			}
			refusal(w, 401, "Unauthorized", "expired")
			return true
		}
		_, err = first.Namespaces(t.Context())
		require.True(t, apierr.Is(err, apierr.Denied), "%v", err)
		second, err := pool.Client(t.Context(), cluster, false, nil)
		require.NoError(t, err)
		require.NotSame(t, first, second)
		_, err = second.Namespaces(t.Context())
		require.NoError(t, err)
	})
}
