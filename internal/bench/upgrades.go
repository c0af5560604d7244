package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing/fstest"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/integrations/ocm/upgradeschedulerorg"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/standin/ocm"
	"github.com/app-sre/qontract-temporal/internal/state"
	"github.com/app-sre/qontract-temporal/workflows"
)

// upgradable are organisations with equally many clusters, each fifth with a hosted control plane and two node pools. None
// of them is due for an upgrade.
type upgradable struct {
	organizations, clusters int

	server *httptest.Server
	asked  atomic.Int64
}

// clientSecret is that of the stand-in's service account.
const clientSecret = "bench"

func (u *upgradable) total() int { return u.organizations * u.clusters }

func hosted(cluster int) bool { return cluster%5 == 0 }

func clusterOf(organization, cluster int) string {
	return fmt.Sprintf("c-%d-%d", organization, cluster)
}

// open serves the organisations as an OCM.
func (u *upgradable) open() {
	estate := ocm.Estate{
		Clients:       map[string]*ocm.ServiceAccount{"bench": {Secret: clientSecret}},
		Organizations: map[string]*ocm.Organization{}, Clusters: map[string]*ocm.Cluster{},
		Versions: map[string]*ocm.Version{"4.16.1": {UpgradesTo: []string{"4.16.2", "4.17.0"}}, "4.16.2": {UpgradesTo: []string{"4.17.0"}}, "4.17.0": {}},
		Gates:    map[string]*ocm.Gate{"gate": {Version: "4.17", Label: "api.openshift.com/gate-ocp"}},
	}
	for o := range u.organizations {
		id := fmt.Sprintf("o-%d", o)
		estate.Organizations[id] = &ocm.Organization{Name: id}
		for n := range u.clusters {
			cluster := &ocm.Cluster{Name: clusterOf(o, n), Organization: id, Version: "4.16.1"}
			if hosted(n) {
				cluster.Product, cluster.Hypershift = ocmapi.ProductROSA, true
				cluster.NodePools = map[string]*ocm.NodePool{"a": {Version: "4.16.1"}, "b": {Version: "4.16.1"}}
			}
			estate.Clusters[cluster.Name] = cluster
		}
	}
	standIn := ocm.New(estate)
	u.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u.asked.Add(1)
		standIn.ServeHTTP(w, r)
	}))
}

// datafiles are those of app-interface.
func (u *upgradable) datafiles() fstest.MapFS {
	files := fstest.MapFS{}
	add := func(name, text string) { files["data/"+name] = &fstest.MapFile{Data: []byte(text)} }
	add("integration.yml", "$schema: /app-sre/integration-1.yml\nname: "+upgradeschedulerorg.Name+"\ndescription: d\nschemas:\n- /app-sre/integration-1.yml\n"+
		"- /dependencies/prometheus-instance-1.yml\n- /openshift/openshift-cluster-manager-1.yml\n- /openshift/openshift-cluster-manager-environment-1.yml\n")
	add("environment.yml", fmt.Sprintf("$schema: /openshift/openshift-cluster-manager-environment-1.yml\nname: bench-%d\nurl: %[2]s\naccessTokenUrl: %[2]s/token\n"+
		"accessTokenClientId: bench\naccessTokenClientSecret: {path: ocm, field: secret}\n", u.total(), u.server.URL))
	for o := range u.organizations {
		var text strings.Builder
		fmt.Fprintf(&text, "$schema: /openshift/openshift-cluster-manager-1.yml\nname: o-%[1]d\norgId: o-%[1]d\nenvironment: {$ref: /environment.yml}\nupgradePolicyClusters:\n", o)
		for n := range u.clusters {
			fmt.Fprintf(&text, "- {name: %s, upgradePolicy: {workloads: [web, jobs], schedule: '0 9 * * 1-5', conditions: {soakDays: 10000, mutexes: [m-%d]}}}\n", clusterOf(o, n), n%7)
		}
		add(fmt.Sprintf("organizations/%d.yml", o), text.String())
	}
	return files
}

// read asks for the same as a run does, ten organisations and ten clusters of each side by side.
func (u *upgradable) read(ctx context.Context) error {
	client, err := ocmapi.New(ocmapi.Config{URL: u.server.URL, TokenURL: u.server.URL + "/token", ClientID: "bench", ClientSecret: secret.New(clientSecret)})
	if err != nil {
		return err
	}
	organizations, ctx := errgroup.WithContext(ctx)
	organizations.SetLimit(atOnce)
	for o := range u.organizations {
		organizations.Go(func() error { return readOrganization(ctx, client, fmt.Sprintf("o-%d", o)) })
	}
	return organizations.Wait()
}

func readOrganization(ctx context.Context, client *ocmapi.Client, id string) error {
	if _, err := client.ListVersionGates(ctx); err != nil {
		return err
	}
	clusters, err := client.ListClusters(ctx, ocmapi.ManagedIn(id))
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, c := range clusters {
		group.Go(func() error {
			if !c.Hypershift.Enabled {
				_, err := client.ListUpgradePolicies(ctx, c.ID)
				return err
			}
			if _, err := client.ListControlPlaneUpgradePolicies(ctx, c.ID); err != nil {
				return err
			}
			pools, err := client.ListNodePools(ctx, c.ID)
			for _, pool := range pools {
				if _, err := client.ListNodePoolUpgradePolicies(ctx, c.ID, pool.ID); err != nil {
					return err
				}
			}
			return err
		})
	}
	return group.Wait()
}

// clusterUpgrades runs ocm-upgrade-scheduler-org on clusters of which none is due: how often OCM is asked, how long that
// takes, and what memory a worker needs for it.
func clusterUpgrades(ctx context.Context, b *bench) (err error) {
	i, err := b.prepare(ctx, upgradeschedulerorg.Name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, i.stop()) }()
	worker, err := b.workerOf(ctx, i, fmt.Sprintf("[ocm]\nsecret = %q\n", clientSecret), state.EnvURL+"=file://"+filepath.Join(b.dir, "state"))
	if err != nil {
		return err
	}
	i.stops = append(i.stops, worker.Stop)
	few, many := &upgradable{organizations: 5, clusters: 40}, &upgradable{organizations: 50, clusters: 40}
	requests := map[*upgradable]int64{}
	var took [][]time.Duration
	for _, u := range []*upgradable{few, many} {
		u.open()
		defer u.server.Close()
		if err := i.load(u.datafiles()); err != nil {
			return err
		}
		// The first run writes down which cluster runs what.
		if _, err := i.runOnce(ctx, workflows.Success, u.organizations); err != nil {
			return err
		}
		u.asked.Store(0)
		if _, err := i.runOnce(ctx, workflows.Clean, 0); err != nil {
			return err
		}
		requests[u] = u.asked.Load()
		run := func(ctx context.Context) (time.Duration, error) { return i.runOnce(ctx, workflows.Clean, 0) }
		if took, err = inTurns(ctx, 3, []side{run, timed(u.read)}, func(context.Context) error { return nil }); err != nil {
			return err
		}
	}
	each := func(u *upgradable) float64 { return float64(requests[u]) / float64(u.total()) }
	const what = "run of ocm-upgrade-scheduler-org with nothing to do, 2,000 clusters of 50 organisations"
	b.table.times(what, took[0], "bare client, the same reads", took[1], aim{}, "")
	b.table.add(figure{
		what: what + ": requests to OCM for each cluster", ours: fmt.Sprintf("%.3f", each(many)), versus: "200 clusters of 5 organisations", other: fmt.Sprintf("%.3f", each(few)),
		value: each(many) / each(few), aim: atMost(1),
	})
	b.table.add(figure{what: what + ": requests to OCM", ours: fmt.Sprint(requests[many]), value: float64(requests[many])})
	if peak, ok := peakMemory(worker.PID()); ok {
		b.table.add(figure{what: what + ": memory of a worker, most", ours: fmt.Sprintf("%d MiB", peak>>20), value: float64(peak)})
	}
	return nil
}
