package clusterbots

import (
	"context"
	"encoding/base64"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

const (
	namespaceKind = "Namespace"
	accountKind   = "ServiceAccount"
	secretKind    = "Secret"
	rbac          = "rbac.authorization.k8s.io"
	bindingKind   = "ClusterRoleBinding." + rbac
)

// apply makes the objects of a bot. The namespace of a dedicated-admin bot comes with the cluster; a namespace that is
// there is left as it is.
//
// Differs from the reference: every object has our annotations; the reference leaves them out of namespaces and bindings.
func apply(ctx context.Context, client cluster, bot Item) error {
	objects := bot.objects()
	if bot.What == clusterAdmin {
		_, err := client.Get(ctx, namespaceKind, "", bot.Namespace)
		if err != nil && !apierr.Is(err, apierr.Missing) {
			return err
		}
		if err != nil {
			objects = append([]map[string]any{object("v1", namespaceKind, bot.Namespace, nil, nil)}, objects...)
		}
	}
	for _, body := range objects {
		namespace, _ := body["metadata"].(map[string]any)["namespace"].(string)
		name, _ := body["metadata"].(map[string]any)["name"].(string)
		o := kubeapi.Object{Cluster: bot.Cluster, Namespace: namespace, Kind: kubeapi.KindAndGroup(body), Name: name, Body: body}
		if err := client.Apply(ctx, kubeapi.Owner{Integration: Name, Version: version}, o); err != nil {
			return err
		}
	}
	return nil
}

// objects are the bot's service account, the Secret that the cluster puts its token into, and its binding.
func (i Item) objects() []map[string]any {
	account := object("v1", accountKind, i.Account, map[string]any{"namespace": i.Namespace}, nil)
	token := object("v1", secretKind, i.secretName(), map[string]any{
		"namespace": i.Namespace, "annotations": map[string]any{"kubernetes.io/service-account.name": i.Account},
	}, map[string]any{"type": "kubernetes.io/service-account-token"})
	if i.What != clusterAdmin {
		return []map[string]any{account, token}
	}
	binding := object(rbac+"/v1", "ClusterRoleBinding", i.binding(), nil, map[string]any{
		"roleRef":  map[string]any{"apiGroup": rbac, "kind": "ClusterRole", "name": "cluster-admin"},
		"subjects": []any{map[string]any{"kind": accountKind, "name": i.Account, "namespace": i.Namespace}},
	})
	return []map[string]any{account, token, binding}
}

func object(apiVersion, kind, name string, metadata, rest map[string]any) map[string]any {
	body := map[string]any{"apiVersion": apiVersion, "kind": kind, "metadata": map[string]any{"name": name}}
	for key, value := range metadata {
		body["metadata"].(map[string]any)[key] = value
	}
	for key, value := range rest {
		body[key] = value
	}
	return body
}

const (
	// firstLook and lastLook bound for how long a step waits by itself for a token, which clusters make within a second.
	firstLook = 100 * time.Millisecond
	lastLook  = 2 * time.Second
)

// madeToken waits a little for the bot's token, with growing pauses.
func madeToken(ctx context.Context, client cluster, bot Item) (secret.Value, error) {
	for pause := firstLook; ; pause *= 2 {
		found, err := token(ctx, client, bot)
		if !apierr.Is(err, apierr.NotYet) || pause > lastLook {
			return found, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return secret.Value{}, context.Cause(ctx)
		case <-timer.C:
		}
	}
}

// token reads the bot's token. It is NotYet where the cluster has not made it.
func token(ctx context.Context, client cluster, bot Item) (secret.Value, error) {
	live, err := client.Get(ctx, secretKind, bot.Namespace, bot.secretName())
	if err != nil {
		return secret.Value{}, err
	}
	data, _ := live["data"].(map[string]any)
	encoded, _ := data["token"].(string)
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(decoded) == 0 {
		return secret.Value{}, apierr.Errorf(apierr.NotYet, "[%s] the cluster has not yet made the token of service account %s/%s", bot.Cluster, bot.Namespace, bot.Account)
	}
	return secret.New(string(decoded)), nil
}

// credentials are what Vault has of a bot, as the reference writes them.
func (c clusterDatafile) credentials(bot Item, token secret.Value) vaultapi.Data {
	return vaultapi.Text(map[string]secret.Value{
		"server":   secret.New(c.ServerUrl),
		tokenField: token,
		"username": secret.New(bot.Namespace + "/" + bot.Account + " # not used by automation"),
	})
}
