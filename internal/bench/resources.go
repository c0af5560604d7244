package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing/fstest"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/app-sre/qontract-temporal/integrations/openshift/resources"
	"github.com/app-sre/qontract-temporal/internal/testkit/cluster"
	"github.com/app-sre/qontract-temporal/workflows"
)

// sites are clusters with namespaces that have the same number of objects of each kind, from files of app-interface.
type sites struct {
	// name begins the names of the clusters, and of the secrets with their tokens.
	name                             string
	clusters, namespaces, ofEachKind int
}

func (s sites) objects() int { return s.clusters * s.namespaces * s.ofEachKind * len(kinds()) }

// kindOfSites is a kind of objects that a namespace of a site has.
type kindOfSites struct {
	resource schema.GroupVersionResource
	kind     string
	fields   map[string]any
}

func kinds() []kindOfSites {
	return []kindOfSites{
		{schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}, "ConfigMap", map[string]any{"data": map[string]any{"mode": "plain", "limit": "17"}}},
		{schema.GroupVersionResource{Version: "v1", Resource: "services"}, "Service", map[string]any{
			"spec": map[string]any{"clusterIP": "None", "selector": map[string]any{"app": "shop"}, "ports": []any{map[string]any{"name": "http", "port": 8080}}},
		}},
		{schema.GroupVersionResource{Version: "v1", Resource: "limitranges"}, "LimitRange", map[string]any{
			"spec": map[string]any{"limits": []any{map[string]any{"type": "Container", "default": map[string]any{"memory": "512Mi"}}}},
		}},
		{schema.GroupVersionResource{Group: "networking.k8s.io", Version: "v1", Resource: "networkpolicies"}, "NetworkPolicy", map[string]any{
			"spec": map[string]any{"podSelector": map[string]any{}, "policyTypes": []any{"Ingress"}},
		}},
	}
}

// object is the n-th of a kind.
func (k kindOfSites) object(n int) map[string]any {
	object := map[string]any{
		"apiVersion": k.resource.GroupVersion().String(), "kind": k.kind, "metadata": map[string]any{"name": fmt.Sprintf("shop-%d", n)},
	}
	for field, value := range k.fields {
		object[field] = value
	}
	return object
}

// datafiles are those of app-interface, with the clusters at the addresses.
func (s sites) datafiles(addresses []string) (fstest.MapFS, error) {
	files := fstest.MapFS{}
	add := func(name, format string, args ...any) {
		files[name] = &fstest.MapFile{Data: fmt.Appendf(nil, format, args...)}
	}
	add("data/integration.yml", "$schema: /app-sre/integration-1.yml\nname: %s\ndescription: d\nschemas:\n- /app-sre/integration-1.yml\n"+
		"- /app-sre/app-1.yml\n- /app-sre/environment-1.yml\n- /openshift/cluster-1.yml\n- /openshift/namespace-1.yml\n- /openshift/shared-resources-1.yml\n", resources.Name)
	add("data/app.yml", "$schema: /app-sre/app-1.yml\nname: shop\ndescription: d\nonboardingStatus: OnBoarded\n")
	add("data/env.yml", "$schema: /app-sre/environment-1.yml\nlabels: {}\nname: prod\ndescription: d\nparameters: {}\n")
	list := ""
	for _, kind := range kinds() {
		for n := range s.ofEachKind {
			text, err := json.Marshal(kind.object(n))
			if err != nil {
				return nil, err
			}
			path := fmt.Sprintf("/%s-%d.yml", kind.kind, n)
			add("resources"+path, "%s", text)
			list += "- {provider: resource, path: " + path + "}\n"
		}
	}
	for c, address := range addresses {
		add(fmt.Sprintf("data/clusters/%d.yml", c), "$schema: /openshift/cluster-1.yml\nname: %[1]s-%[2]d\nserverUrl: %[3]s\nauth: []\nautomationToken: {path: %[1]s-%[2]d, field: token}\n", s.name, c, address)
		for n := range s.namespaces {
			add(fmt.Sprintf("data/namespaces/%d-%d.yml", c, n), "$schema: /openshift/namespace-1.yml\nname: %s\ndescription: d\ncluster: {$ref: /clusters/%d.yml}\n"+
				"app: {$ref: /app.yml}\nenvironment: {$ref: /env.yml}\nmanagedResourceTypes: [ConfigMap, LimitRange, NetworkPolicy, Service]\nopenshiftResources:\n%s", namespaceName(n), c, list)
		}
	}
	return files, nil
}

// manifests are the objects of one cluster, in namespaces with the prefix.
func (s sites) manifests(prefix string) map[string]any {
	var items []any
	for n := range s.namespaces {
		for _, kind := range kinds() {
			for o := range s.ofEachKind {
				object := kind.object(o)
				object["metadata"].(map[string]any)["namespace"] = prefix + namespaceName(n)
				items = append(items, object)
			}
		}
	}
	return map[string]any{"apiVersion": "v1", "kind": "List", "items": items}
}

// started are the sites' clusters, all on one API server.
type started struct {
	sites
	clusters []*cluster.Cluster
	token    string
}

// start begins the sites' clusters with their namespaces, and tells the workers to come of their tokens.
func (i *installation) start(ctx context.Context, s sites) (*started, error) {
	all := &started{sites: s, token: i.kube.Automation}
	config, err := os.ReadFile(i.config)
	if err != nil {
		return nil, err
	}
	for n := range s.clusters {
		one, err := cluster.New(i.kube, cluster.Options{})
		if err != nil {
			return nil, err
		}
		i.stops = append(i.stops, one.Close)
		all.clusters = append(all.clusters, one)
		config = fmt.Appendf(config, "[%s-%d]\nserver = %q\ntoken = %q\n", s.name, n, one.URL(), all.token)
	}
	if err := os.WriteFile(i.config, config, 0o600); err != nil {
		return nil, err
	}
	return all, all.createNamespaces(ctx)
}

func (s *started) addresses() []string {
	var addresses []string
	for _, one := range s.clusters {
		addresses = append(addresses, one.URL())
	}
	return addresses
}

// each calls f with the configuration of every cluster, side by side.
func (s *started) each(ctx context.Context, f func(context.Context, int, *rest.Config) error) error {
	group, ctx := errgroup.WithContext(ctx)
	for n, one := range s.clusters {
		group.Go(func() error {
			return f(ctx, n, &rest.Config{Host: one.URL(), BearerToken: s.token, QPS: -1, ContentConfig: rest.ContentConfig{ContentType: "application/json"}})
		})
	}
	return group.Wait()
}

func (s *started) createNamespaces(ctx context.Context) error {
	return s.each(ctx, func(ctx context.Context, _ int, config *rest.Config) error {
		client, err := kubernetes.NewForConfig(config)
		if err != nil {
			return err
		}
		for n := range s.namespaces {
			namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespaceName(n)}}
			if _, err := client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{}); err != nil {
				return err
			}
		}
		return nil
	})
}

// empty deletes all objects.
func (s *started) empty(ctx context.Context) error {
	return s.each(ctx, func(ctx context.Context, _ int, config *rest.Config) error {
		client, err := dynamic.NewForConfig(config)
		if err != nil {
			return err
		}
		for n := range s.namespaces {
			for _, kind := range kinds() {
				for o := range s.ofEachKind {
					name := kind.object(o)["metadata"].(map[string]any)["name"].(string)
					if err := client.Resource(kind.resource).Namespace(namespaceName(n)).Delete(ctx, name, metav1.DeleteOptions{}); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
}

// requests counts what the clusters were asked since the last count.
func (s *started) requests() (reads, writes int) {
	for _, one := range s.clusters {
		writes += len(one.Faults.Writes())
		reads += len(one.Faults.Calls()) - len(one.Faults.Writes())
		one.Faults.Reset()
	}
	return reads, writes
}

// resourcesOfClusters applies 2,000 objects of 100 namespaces in five clusters that are missing, and finds them as they are
// to be: by runs of openshift-resources, and by kubectl in all clusters at once.
func resourcesOfClusters(ctx context.Context, b *bench) (err error) {
	i, err := b.prepare(ctx, resources.Name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, i.stop()) }()
	few, err := i.start(ctx, sites{name: "few", clusters: 5, namespaces: 20, ofEachKind: 2})
	if err != nil {
		return err
	}
	all, err := i.start(ctx, sites{name: "many", clusters: 5, namespaces: 20, ofEachKind: 5})
	if err != nil {
		return err
	}
	if err := i.work(); err != nil {
		return err
	}
	if err := i.serveSites(few); err != nil {
		return err
	}
	if _, err := i.runOnce(ctx, workflows.Success, few.objects()); err != nil {
		return err
	}
	if err := i.serveSites(all); err != nil {
		return err
	}
	kubectls := make([]*kubectl, len(all.clusters))
	for n, one := range all.clusters {
		// kubectl goes to the API server itself, which spares it the way through the virtual cluster.
		if kubectls[n], err = b.kubectlAt(fmt.Sprintf("%s-%d", all.name, n), i.kube.URL, all.token, all.manifests(one.World()+"-")); err != nil {
			return err
		}
	}
	kubectl := func(args ...string) side {
		return timed(func(ctx context.Context) error {
			return all.each(ctx, func(ctx context.Context, n int, _ *rest.Config) error {
				_, err := kubectls[n].run(ctx, args...)
				return err
			})
		})
	}
	run := func(outcome workflows.Outcome, changes int) side {
		return func(ctx context.Context) (time.Duration, error) { return i.runOnce(ctx, outcome, changes) }
	}
	var applied [][]time.Duration
	err = b.profiled("apply-2000-resources", func() (err error) {
		applied, err = inTurns(ctx, 2, []side{run(workflows.Success, all.objects()), kubectl("apply", "--server-side")}, all.empty)
		return err
	})
	if err != nil {
		return err
	}
	if _, err := i.runOnce(ctx, workflows.Success, all.objects()); err != nil {
		return err
	}
	var clean [][]time.Duration
	err = b.profiled("clean-2000-resources", func() (err error) {
		clean, err = inTurns(ctx, 2, []side{run(workflows.Clean, 0), kubectl("diff", "--server-side", "--force-conflicts")}, func(context.Context) error { return nil })
		return err
	})
	if err != nil {
		return err
	}
	reads, err := readsOfACleanRun(ctx, i, all)
	if err != nil {
		return err
	}
	// Both are counted with the objects of both in place: the virtual clusters share the pages of one API server.
	fewReads, err := readsOfACleanRun(ctx, i, few)
	if err != nil {
		return err
	}
	b.table.times("run that applies 2,000 objects of 5 clusters", applied[0], "kubectl apply --server-side in all clusters at once", applied[1], atMost(1), "")
	b.table.times("run with nothing to do on 2,000 objects of 5 clusters", clean[0], "kubectl diff in all clusters at once", clean[1], atMost(0.1), "the server is asked for a dry run of nothing; the rest is the comparison of each object, and five workflows")
	b.table.add(figure{
		what: "reads of a run with nothing to do, 2,000 objects", ours: fmt.Sprint(reads), versus: "800 objects in the same namespaces", other: fmt.Sprint(fewReads),
		value: float64(reads) / float64(fewReads), aim: atMost(1),
	})
	b.table.add(figure{what: "reads for each of the 2,000 objects", ours: fmt.Sprintf("%.3f", float64(reads)/float64(all.objects())), value: float64(reads) / float64(all.objects())})
	return nil
}

// serveSites serves the sites' datafiles as the newest bundle.
func (i *installation) serveSites(all *started) error {
	files, err := all.datafiles(all.addresses())
	if err != nil {
		return err
	}
	return i.load(files)
}

// readsOfACleanRun is what the sites' clusters are asked by a run with nothing to do.
func readsOfACleanRun(ctx context.Context, i *installation, of *started) (int, error) {
	if err := i.serveSites(of); err != nil {
		return 0, err
	}
	of.requests()
	if _, err := i.runOnce(ctx, workflows.Clean, 0); err != nil {
		return 0, err
	}
	reads, writes := of.requests()
	if writes > 0 {
		return 0, fmt.Errorf("a run with nothing to do wrote %d times", writes)
	}
	return reads, nil
}
