package servers_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
)

const (
	// settled bounds what controllers do; the garbage collector looks for new owners every few seconds only.
	settled = 30 * time.Second
	tick    = 20 * time.Millisecond
)

func TestControllersDoTheirWork(t *testing.T) {
	ctx := t.Context()
	server := serverstest.Kube(t)
	k, err := kubernetes.NewForConfig(&rest.Config{Host: server.URL, BearerToken: server.Automation, QPS: -1,
		TLSClientConfig: rest.TLSClientConfig{CAData: server.CA}})
	require.NoError(t, err)
	namespace, err := k.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "controllers-"}}, metav1.CreateOptions{})
	require.NoError(t, err)
	name := namespace.Name

	require.Eventually(t, func() bool {
		_, err := k.CoreV1().ServiceAccounts(name).Get(ctx, "default", metav1.GetOptions{})
		return err == nil
	}, settled, tick, "a namespace gets its service account")

	owner, err := k.CoreV1().ConfigMaps(name).Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "owner"}}, metav1.CreateOptions{})
	require.NoError(t, err)
	_, err = k.CoreV1().ConfigMaps(name).Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "owned",
		OwnerReferences: []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: owner.Name, UID: owner.UID}}}}, metav1.CreateOptions{})
	require.NoError(t, err)
	require.NoError(t, k.CoreV1().ConfigMaps(name).Delete(ctx, "owner", metav1.DeleteOptions{}))
	require.Eventually(t, func() bool {
		_, err := k.CoreV1().ConfigMaps(name).Get(ctx, "owned", metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	}, settled, tick, "what a deleted object owned is collected")

	_, err = k.CoreV1().ResourceQuotas(name).Create(ctx, &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "quota"},
		Spec: corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"count/configmaps": resource.MustParse("7")}}}, metav1.CreateOptions{})
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		quota, err := k.CoreV1().ResourceQuotas(name).Get(ctx, "quota", metav1.GetOptions{})
		require.NoError(t, err)
		hard := quota.Status.Hard["count/configmaps"]
		return hard.Value() == 7
	}, settled, tick, "a quota is counted")

	began := time.Now()
	require.NoError(t, k.CoreV1().Namespaces().Delete(ctx, name, metav1.DeleteOptions{}))
	require.Eventually(t, func() bool {
		_, err := k.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	}, settled, tick, "a deleted namespace goes away")
	t.Logf("the namespace was gone after %s", time.Since(began).Round(time.Millisecond))
}
