package main

import (
	"context"
	"fmt"
	"strings"
	"testing/fstest"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/app-sre/qontract-temporal/integrations/openshift/resourcequotas"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

const (
	clusterName = "prod-1"
	// atOnce is the concurrency of both sides.
	atOnce = 10
)

// estate is a cluster's namespaces with the same number of quotas each.
type estate struct {
	namespaces, quotas int
	// revision makes one bundle differ from another where nothing that is desired does.
	revision int
}

func (e estate) objects() int { return e.namespaces * e.quotas }

func namespaceName(n int) string { return fmt.Sprintf("team-%04d", n) }
func quotaName(n int) string     { return fmt.Sprintf("quota-%d", n) }

// datafiles are those of app-interface, ten namespaces to a quota file.
func (e estate) datafiles(clusterURL string) fstest.MapFS {
	files := fstest.MapFS{}
	add := func(name, format string, args ...any) {
		files["data/"+name] = &fstest.MapFile{Data: fmt.Appendf(nil, format, args...)}
	}
	add("integration.yml", "$schema: /app-sre/integration-1.yml\nname: %s\ndescription: d\nschemas:\n"+
		"- /app-sre/integration-1.yml\n- /openshift/cluster-1.yml\n- /openshift/namespace-1.yml\n- /openshift/quota-1.yml\n", resourcequotas.Name)
	add("cluster.yml", "$schema: /openshift/cluster-1.yml\nname: %s\nserverUrl: %s\ninsecureSkipTLSVerify: true\nauth: []\n"+
		"automationToken:\n  path: creds\n  field: token\n", clusterName, clusterURL)
	add("app.yml", "$schema: /app-sre/app-1.yml\nname: shop\ndescription: revision %d\nonboardingStatus: OnBoarded\n", e.revision)
	for n := range e.namespaces {
		add(fmt.Sprintf("namespaces/%d.yml", n), "$schema: /openshift/namespace-1.yml\nname: %s\ndescription: d\n"+
			"cluster:\n  $ref: /cluster.yml\napp:\n  $ref: /app.yml\nquota:\n  $ref: /quotas/%d.yml\n", namespaceName(n), n/10)
		if n%10 > 0 {
			continue
		}
		var quotas strings.Builder
		for q := range e.quotas {
			fmt.Fprintf(&quotas, "- name: %s\n  resources:\n    limits:\n      cpu: 4\n      memory: 8Gi\n    requests:\n      cpu: 2\n      memory: 4Gi\n    pods: %d\n", quotaName(q), q+20)
		}
		add(fmt.Sprintf("quotas/%d.yml", n/10), "$schema: /openshift/quota-1.yml\nname: quotas-%d\ndescription: d\nquotas:\n%s", n/10, quotas.String())
	}
	return files
}

// manifests are the same quotas as Kubernetes objects.
func (e estate) manifests() []corev1.ResourceQuota {
	var all []corev1.ResourceQuota
	for n := range e.namespaces {
		for q := range e.quotas {
			all = append(all, corev1.ResourceQuota{
				TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ResourceQuota"},
				ObjectMeta: metav1.ObjectMeta{Namespace: namespaceName(n), Name: quotaName(q)},
				Spec: corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{
					corev1.ResourceLimitsCPU: resource.MustParse("4"), corev1.ResourceLimitsMemory: resource.MustParse("8Gi"),
					corev1.ResourceRequestsCPU: resource.MustParse("2"), corev1.ResourceRequestsMemory: resource.MustParse("4Gi"),
					corev1.ResourcePods: *resource.NewQuantity(int64(q+20), resource.DecimalSI),
				}},
			})
		}
	}
	return all
}

// bareConfig connects as the worker does.
func bareConfig(kube *servers.Kube) *rest.Config {
	return &rest.Config{Host: kube.URL, BearerToken: kube.Automation, QPS: -1, TLSClientConfig: rest.TLSClientConfig{Insecure: true}}
}

// createNamespaces makes those of the estate that are missing.
func (e estate) createNamespaces(ctx context.Context, kube *servers.Kube) error {
	client, err := kubernetes.NewForConfig(bareConfig(kube))
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for n := range e.namespaces {
		group.Go(func() error {
			_, err := client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespaceName(n)}}, metav1.CreateOptions{})
			if apierrors.IsAlreadyExists(err) {
				return nil
			}
			return err
		})
	}
	return group.Wait()
}

// deleteQuotas deletes all quotas of the estate.
func (e estate) deleteQuotas(ctx context.Context, kube *servers.Kube) error {
	client, err := kubernetes.NewForConfig(bareConfig(kube))
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for n := range e.namespaces {
		group.Go(func() error {
			return client.CoreV1().ResourceQuotas(namespaceName(n)).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})
		})
	}
	return group.Wait()
}
