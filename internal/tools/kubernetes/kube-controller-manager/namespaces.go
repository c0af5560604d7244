package main

import (
	"context"
	"errors"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/controller/namespace/deletion"
)

// A namespace that could not be emptied yet is looked at again after these delays, doubling.
const (
	firstRetry = 10 * time.Millisecond
	lastRetry  = 2 * time.Second
)

// startNamespaces empties deleted namespaces with the stock controller's own deleter, at once. The stock loop around it
// first waits five seconds, for the caches of other API servers: there are none here, and each test would wait.
func startNamespaces(ctx context.Context, c clients) (func(context.Context), error) {
	deleter := deletion.NewNamespacedResourcesDeleter(ctx, c.kube.CoreV1().Namespaces(), c.metadata, c.kube.CoreV1(),
		c.kube.Discovery().ServerPreferredNamespacedResources, corev1.FinalizerKubernetes)
	queue := workqueue.NewTypedRateLimitingQueue(workqueue.NewTypedItemExponentialFailureRateLimiter[string](firstRetry, lastRetry))
	notice := func(object any) {
		if namespace, ok := object.(*corev1.Namespace); ok && namespace.DeletionTimestamp != nil {
			queue.Add(namespace.Name)
		}
	}
	informer := c.typed.Core().V1().Namespaces().Informer()
	if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    notice,
		UpdateFunc: func(_, object any) { notice(object) },
	}); err != nil {
		return nil, err
	}
	return func(ctx context.Context) {
		var working sync.WaitGroup
		for range workers {
			working.Go(func() { deleteNamespaces(ctx, deleter, queue) })
		}
		<-ctx.Done()
		queue.ShutDown()
		working.Wait()
	}, nil
}

func deleteNamespaces(ctx context.Context, deleter deletion.NamespacedResourcesDeleterInterface, queue workqueue.TypedRateLimitingInterface[string]) {
	for {
		name, quit := queue.Get()
		if quit {
			return
		}
		if err := deleter.Delete(ctx, name); err != nil {
			var remaining *deletion.ResourcesRemainingError
			if !errors.As(err, &remaining) {
				klog.FromContext(ctx).Error(err, "Deletion of namespace failed", "namespace", name)
			}
			queue.AddRateLimited(name)
		} else {
			queue.Forget(name)
		}
		queue.Done(name)
	}
}
