package cluster_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/app-sre/qontract-temporal/internal/testkit/cluster"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
)

func TestPermissionsAreTheRealServers(t *testing.T) {
	ctx := t.Context()
	c := start(t, cluster.Options{})
	load(t, c, `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: viewers, namespace: team-a}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: limited}]
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: other, namespace: team-b}}
`)
	k := client(t, c, serverstest.Kube(t).Limited)
	require.Eventually(t, func() bool { return allowed(ctx, t, k, "team-a") }, binding, tick)
	require.False(t, allowed(ctx, t, k, "team-b"))
	_, err := k.CoreV1().ConfigMaps("team-a").List(ctx, metav1.ListOptions{})
	require.NoError(t, err)
	_, err = k.CoreV1().ConfigMaps("team-b").List(ctx, metav1.ListOptions{})
	require.True(t, apierrors.IsForbidden(err), "%v", err)
	require.ErrorContains(t, err, `in the namespace "team-b"`)
	_, err = client(t, c, "nobody").CoreV1().ConfigMaps("team-a").List(ctx, metav1.ListOptions{})
	require.True(t, apierrors.IsUnauthorized(err), "%v", err)
}

func allowed(ctx context.Context, t *testing.T, k kubernetes.Interface, namespace string) bool {
	t.Helper()
	answer, err := k.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: namespace, Verb: "list", Resource: "configmaps"}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	return answer.Status.Allowed
}

func TestAServiceAccountTokenKnowsTheWorldsNamespace(t *testing.T) {
	ctx := t.Context()
	c := start(t, cluster.Options{})
	load(t, c, `
{apiVersion: v1, kind: ServiceAccount, metadata: {name: bot, namespace: team-a}}
---
apiVersion: v1
kind: Secret
type: kubernetes.io/service-account-token
metadata: {name: bot-token, namespace: team-a, annotations: {kubernetes.io/service-account.name: bot}}
`)
	k := client(t, c, serverstest.Kube(t).Automation)
	var token string
	require.Eventually(t, func() bool {
		secret, err := k.CoreV1().Secrets("team-a").Get(ctx, "bot-token", metav1.GetOptions{})
		require.NoError(t, err)
		token = string(secret.Data["token"])
		return token != "" && string(secret.Data["namespace"]) == "team-a"
	}, binding, tick)

	bot := client(t, c, token)
	_, err := bot.CoreV1().ConfigMaps("team-a").List(ctx, metav1.ListOptions{})
	require.ErrorContains(t, err, `"system:serviceaccount:team-a:bot"`)
	_, err = k.RbacV1().RoleBindings("team-a").Create(ctx, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "bot"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "edit"},
		Subjects:   []rbacv1.Subject{{Kind: "User", APIGroup: rbacv1.GroupName, Name: "system:serviceaccount:team-a:bot"}},
	}, metav1.CreateOptions{})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return allowed(ctx, t, bot, "team-a") }, binding, tick)
	require.NotContains(t, dump(t, c, cluster.Selection{Kinds: []string{"Secret"}}), "\ndata:", "a dump leaves out what is new in each run")
}
