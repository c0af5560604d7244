package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

// page is the size of the pages that both sides read.
const page = 500

var (
	namespaceResource = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	quotaResource     = schema.GroupVersionResource{Version: "v1", Resource: "resourcequotas"}
)

// bareRead is the program that people write without us: it connects, reads the namespaces and the quotas of the cluster
// page by page, and knows nothing of retries, history or what it read. It fails where it does not find so many quotas.
func bareRead(ctx context.Context, kube *servers.Kube, quotas int) error {
	client, err := dynamic.NewForConfig(bareConfig(kube))
	if err != nil {
		return err
	}
	if _, err := bareList(ctx, client, namespaceResource); err != nil {
		return err
	}
	found, err := bareList(ctx, client, quotaResource)
	if err == nil && found != quotas {
		err = fmt.Errorf("the bare program found %d quotas of %d", found, quotas)
	}
	return err
}

func bareList(ctx context.Context, client dynamic.Interface, resource schema.GroupVersionResource) (count int, err error) {
	options := metav1.ListOptions{Limit: page}
	for {
		list, err := client.Resource(resource).List(ctx, options)
		if err != nil {
			return 0, err
		}
		count += len(list.Items)
		if options.Continue = list.GetContinue(); options.Continue == "" {
			return count, nil
		}
	}
}

// bareQuery reads what should be from app-interface, as such a program does at each start.
func bareQuery(ctx context.Context, url, query string) error {
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct {
		Data   map[string]any `json:"data"`
		Errors []any          `json:"errors"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return err
	}
	if len(answer.Errors) > 0 || len(answer.Data) == 0 {
		return fmt.Errorf("app-interface answers without data: %v", answer.Errors)
	}
	return nil
}

// bareApply has the server apply the objects, a few at a time.
func bareApply(ctx context.Context, kube *servers.Kube, objects []corev1.ResourceQuota) error {
	client, err := dynamic.NewForConfig(bareConfig(kube))
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i := range objects {
		group.Go(func() error {
			object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&objects[i])
			if err != nil {
				return err
			}
			_, err = client.Resource(quotaResource).Namespace(objects[i].Namespace).
				Apply(ctx, objects[i].Name, &unstructured.Unstructured{Object: object}, metav1.ApplyOptions{FieldManager: "bare", Force: true})
			return err
		})
	}
	return group.Wait()
}
