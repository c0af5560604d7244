package addonsupgradeschedulerorg

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/scheduling"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/standin/ocm"
)

// TestEachClusterIsAskedTwice counts the requests for fleets of different sizes, with add-ons of different numbers.
func TestEachClusterIsAskedTwice(t *testing.T) {
	for _, tc := range []struct{ clusters, addons int }{{1, 1}, {3, 4}, {40, 2}} {
		t.Run(fmt.Sprintf("%d clusters with %d add-ons", tc.clusters, tc.addons), func(t *testing.T) {
			in, asked := place(t, tc.clusters, tc.addons)
			clusters, err := in.Client.ListClusters(t.Context(), ocmapi.Search{})
			require.NoError(t, err)
			ruled := make([]scheduling.Cluster, len(clusters))
			for i := range clusters {
				ruled[i] = scheduling.Cluster{Cluster: clusters[i]}
			}
			asked.Store(0)
			fleets, err := addons{}.Fleets(t.Context(), in, ruled)
			require.NoError(t, err)
			require.Len(t, fleets, tc.addons)
			policies := 0
			for _, fleet := range fleets {
				require.Len(t, fleet.Specs, tc.clusters)
				planned, err := addons{}.Planned(t.Context(), in, fleet)
				require.NoError(t, err)
				policies += len(planned)
			}
			require.Equal(t, tc.clusters, policies, "each has one of its first add-on")
			require.Equal(t, int64(1+2*tc.clusters), asked.Load())
		})
	}
}

func place(t *testing.T, clusters, addons int) (scheduling.Place, *atomic.Int64) {
	t.Helper()
	var text strings.Builder
	text.WriteString("now: 2031-03-14T08:00:00Z\nclients: {bot: {secret: qt-planted-bot}}\norganizations: {acme: {name: acme}}\nclusters:\n")
	for i := range clusters {
		fmt.Fprintf(&text, "  c%d:\n    {name: c%d, organization: acme, version: 4.16.1, addonPolicies: {p: {addon: a0, version: 1.1.0, nextRun: 2031-03-14T09:00:00Z, state: scheduled}}, addons: {", i, i)
		for a := range addons {
			fmt.Fprintf(&text, "a%d: {version: 1.0.0}, ", a)
		}
		text.WriteString("}}\n")
	}
	estate, err := ocm.ParseEstate([]byte(text.String()))
	require.NoError(t, err)
	standIn, asked := ocm.New(estate), &atomic.Int64{}
	serving := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		standIn.ServeHTTP(w, r)
	}))
	t.Cleanup(serving.Close)
	client, err := ocmapi.New(ocmapi.Config{URL: serving.URL, TokenURL: serving.URL + "/token", ClientID: "bot", ClientSecret: secret.New("qt-planted-bot")})
	require.NoError(t, err)
	return scheduling.Place{Organization: scheduling.Organization{AddonService: "v2"}, Client: client}, asked
}
