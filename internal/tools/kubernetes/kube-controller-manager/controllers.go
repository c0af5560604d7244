package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/quota/v1/generic"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/util/keyutil"
	"k8s.io/controller-manager/pkg/informerfactory"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/clusterroleaggregation"
	"k8s.io/kubernetes/pkg/controller/garbagecollector"
	"k8s.io/kubernetes/pkg/controller/resourcequota"
	serviceaccounts "k8s.io/kubernetes/pkg/controller/serviceaccount"
	quota "k8s.io/kubernetes/pkg/quota/v1/install"
	"k8s.io/kubernetes/pkg/serviceaccount"
)

const (
	// resync is how often a controller looks at everything again; it works from watches in between.
	resync = 10 * time.Minute
	// rediscovery is how often the API's kinds are listed anew, so that a new kind is soon collected too.
	rediscovery = 10 * time.Second
	workers     = 5
)

// signing names what the token controller writes into Secrets.
type signing struct{ keyFile, caFile string }

// clients is what the controllers are made from.
type clients struct {
	kube      kubernetes.Interface
	metadata  metadata.Interface
	typed     informers.SharedInformerFactory
	any       informerfactory.InformerFactory
	mapper    *restmapper.DeferredDiscoveryRESTMapper
	informing chan struct{} // closed once the informers run
	signing   signing
}

// start makes one controller and returns its loop, which ends with its context.
type start func(context.Context, clients) (func(context.Context), error)

// controllers are named as the stock program names them.
func controllers() map[string]start {
	return map[string]start{
		"namespace-controller":               startNamespaces,
		"clusterrole-aggregation-controller": startRoleAggregation,
		"serviceaccount-controller":          startServiceAccounts,
		"serviceaccount-token-controller":    startTokens,
		"garbage-collector-controller":       startGarbageCollector,
		"resourcequota-controller":           startQuotas,
	}
}

// available lists the controllers' names in alphabetical order.
func available() []string {
	var names []string
	for name := range controllers() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// run starts the named controllers and waits until ctx ends and all have stopped.
func run(ctx context.Context, config *rest.Config, names []string, signer signing) error {
	c, err := connect(config, signer)
	if err != nil {
		return err
	}
	metadataInformers := metadatainformer.NewSharedInformerFactory(c.metadata, resync)
	c.any = informerfactory.NewInformerFactory(c.typed, metadataInformers)

	var loops []func(context.Context)
	for _, name := range names {
		start, ok := controllers()[name]
		if !ok {
			return fmt.Errorf("unknown controller %q in --controllers: there are %s", name, strings.Join(available(), ", "))
		}
		loop, err := start(ctx, c)
		if err != nil {
			return fmt.Errorf("start %s: %w", name, err)
		}
		loops = append(loops, loop)
	}
	c.any.Start(ctx.Done())
	close(c.informing)
	klog.FromContext(ctx).Info("Controllers run", "names", names)

	var running sync.WaitGroup
	for _, loop := range loops {
		running.Go(func() { loop(ctx) })
	}
	running.Wait()
	return nil
}

func connect(config *rest.Config, signer signing) (clients, error) {
	kube, err := kubernetes.NewForConfig(config)
	if err != nil {
		return clients{}, err
	}
	meta, err := metadata.NewForConfig(config)
	if err != nil {
		return clients{}, err
	}
	return clients{
		kube:      kube,
		metadata:  meta,
		typed:     informers.NewSharedInformerFactory(kube, resync),
		mapper:    restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(kube.Discovery())),
		informing: make(chan struct{}),
		signing:   signer,
	}, nil
}

func startRoleAggregation(_ context.Context, c clients) (func(context.Context), error) {
	controller := clusterroleaggregation.NewClusterRoleAggregation(c.typed.Rbac().V1().ClusterRoles(), c.kube.RbacV1())
	return func(ctx context.Context) { controller.Run(ctx, workers) }, nil
}

func startServiceAccounts(ctx context.Context, c clients) (func(context.Context), error) {
	controller, err := serviceaccounts.NewServiceAccountsController(klog.FromContext(ctx), c.typed.Core().V1().ServiceAccounts(),
		c.typed.Core().V1().Namespaces(), c.kube, serviceaccounts.DefaultServiceAccountsControllerOptions())
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) { controller.Run(ctx, workers) }, nil
}

func startTokens(ctx context.Context, c clients) (func(context.Context), error) {
	if c.signing.keyFile == "" || c.signing.caFile == "" {
		return nil, errors.New("it needs --service-account-private-key-file and --root-ca-file")
	}
	key, err := keyutil.PrivateKeyFromFile(c.signing.keyFile)
	if err != nil {
		return nil, fmt.Errorf("read --service-account-private-key-file: %w", err)
	}
	ca, err := os.ReadFile(c.signing.caFile)
	if err != nil {
		return nil, fmt.Errorf("read --root-ca-file: %w", err)
	}
	generator, err := serviceaccount.JWTTokenGenerator(serviceaccount.LegacyIssuer, key)
	if err != nil {
		return nil, err
	}
	controller, err := serviceaccounts.NewTokensController(klog.FromContext(ctx), c.typed.Core().V1().ServiceAccounts(),
		c.typed.Core().V1().Secrets(), c.kube, serviceaccounts.TokensControllerOptions{TokenGenerator: generator, RootCA: ca})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) { controller.Run(ctx, workers) }, nil
}

func startGarbageCollector(ctx context.Context, c clients) (func(context.Context), error) {
	collector, err := garbagecollector.NewGarbageCollector(ctx, c.kube, c.metadata, c.mapper,
		map[schema.GroupResource]struct{}{{Resource: "events"}: {}, {Group: "events.k8s.io", Resource: "events"}: {}}, c.any, c.informing)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) {
		go collector.Sync(ctx, c.kube.Discovery(), rediscovery)
		collector.Run(ctx, workers, rediscovery)
	}, nil
}

func startQuotas(ctx context.Context, c clients) (func(context.Context), error) {
	listers := generic.ListerFuncForResourceFunc(c.typed.ForResource)
	configuration, err := quota.NewQuotaConfigurationForControllers(listers, c.typed)
	if err != nil {
		return nil, err
	}
	kinds := c.kube.Discovery().ServerPreferredNamespacedResources
	every := func() time.Duration { return resync }
	controller, err := resourcequota.NewController(ctx, &resourcequota.ControllerOptions{
		QuotaClient:               c.kube.CoreV1(),
		ResourceQuotaInformer:     c.typed.Core().V1().ResourceQuotas(),
		ResyncPeriod:              every,
		ReplenishmentResyncPeriod: every,
		InformerFactory:           c.any,
		InformersStarted:          c.informing,
		DiscoveryFunc:             kinds,
		IgnoredResourcesFunc:      configuration.IgnoredResources,
		Registry:                  generic.NewRegistry(configuration.Evaluators()),
		UpdateFilter:              quota.DefaultUpdateFilter(),
	})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) {
		go controller.Sync(ctx, kinds, rediscovery)
		controller.Run(ctx, workers)
	}, nil
}
