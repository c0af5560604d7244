package saasfile

import (
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// view is a namespace as templates and selectors see it: the fields of the query by their names in app-interface. Values of
// the JSON scalar are what read makes of them.
func view(n *Namespace, read func(appinterface.JSON) (any, error)) (map[string]any, error) {
	values := [...]appinterface.JSON{n.Labels, n.Environment.Labels, n.Environment.Parameters, n.App.Labels, n.More.Labels}
	var decoded [len(values)]any
	for i, text := range values {
		if text.IsNull() {
			continue
		}
		value, err := read(text)
		if err != nil {
			return nil, err
		}
		decoded[i] = value
	}
	cluster, err := clusterView(n, decoded[4], read)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"name": n.Name, "labels": decoded[0], "delete": boolean(n.Delete), "path": n.Path,
		"environment": map[string]any{
			"name": n.Environment.Name, "labels": decoded[1], "parameters": decoded[2],
			"secretParameters": secretViews(n.Environment.SecretParameters),
		},
		"app":         appView(n.App, decoded[3]),
		"cluster":     cluster,
		"skupperSite": skupperView(n.SkupperSite),
	}, nil
}

func clusterView(n *Namespace, labels any, read func(appinterface.JSON) (any, error)) (map[string]any, error) {
	cluster := n.Cluster
	seen := map[string]any{
		"name": cluster.Name, "serverUrl": cluster.ServerURL, "internal": boolean(cluster.Internal),
		"insecureSkipTLSVerify": nil, "labels": labels,
		"automationToken":             refView(cluster.AutomationToken),
		"clusterAdminAutomationToken": refView(cluster.ClusterAdminAutomationToken),
		"disable":                     nil, "jumpHost": nil, "spec": nil, "externalConfiguration": nil,
	}
	if cluster.InsecureSkipTLSVerify {
		seen["insecureSkipTLSVerify"] = true
	}
	if cluster.Disable != nil {
		seen["disable"] = map[string]any{"integrations": texts(cluster.Disable.Integrations)}
	}
	if host := cluster.JumpHost; host != nil {
		seen["jumpHost"] = map[string]any{
			"hostname": host.Hostname, "knownHosts": host.KnownHosts, "user": host.User, "port": number(host.Port),
			"remotePort": number(host.RemotePort), "identity": refView(&host.Identity),
		}
	}
	if n.More.Spec != nil {
		seen["spec"] = map[string]any{"region": n.More.Spec.Region}
	}
	if external := n.More.ExternalConfiguration; external != nil {
		labels, err := read(external.Labels)
		if err != nil {
			return nil, err
		}
		seen["externalConfiguration"] = map[string]any{"labels": labels}
	}
	return seen, nil
}

func appView(app NamespaceApp, labels any) map[string]any {
	seen := map[string]any{"name": app.Name, "labels": labels, "parentApp": nil, "selfServiceRoles": nil, "serviceOwners": nil, "codeComponents": nil}
	if app.ParentApp != nil {
		seen["parentApp"] = map[string]any{"name": app.ParentApp.Name}
	}
	if app.SelfServiceRoles != nil {
		seen["selfServiceRoles"] = each(app.SelfServiceRoles, func(r Role) any { return map[string]any{"name": r.Name} })
	}
	if app.ServiceOwners != nil {
		seen["serviceOwners"] = each(app.ServiceOwners, func(o Owner) any { return map[string]any{"name": o.Name, "email": o.Email} })
	}
	if app.CodeComponents != nil {
		seen["codeComponents"] = each(app.CodeComponents, func(c CodeComponent) any {
			return map[string]any{"url": c.Url, "blockedVersions": texts(c.BlockedVersions), "hotfixVersions": texts(c.HotfixVersions)}
		})
	}
	return seen
}

func secretViews(parameters []SecretParameter) any {
	if parameters == nil {
		return nil
	}
	return each(parameters, func(p SecretParameter) any {
		return map[string]any{"name": p.Name, "secret": refView(&p.Secret)}
	})
}

func refView(ref *secret.Ref) any {
	if ref == nil {
		return nil
	}
	seen := map[string]any{"path": ref.Path, "field": ref.Field, "version": number(ref.Version), "format": nil}
	if ref.Format != "" {
		seen["format"] = ref.Format
	}
	return seen
}

func skupperView(site *SkupperSite) any {
	if site == nil {
		return nil
	}
	return map[string]any{"delete": boolean(site.Delete)}
}

func each[T any](all []T, see func(T) any) []any {
	seen := make([]any, len(all))
	for i, one := range all {
		seen[i] = see(one)
	}
	return seen
}

func texts(all []string) any {
	if all == nil {
		return nil
	}
	return each(all, func(text string) any { return text })
}

func boolean(value *bool) any {
	if value == nil {
		return nil
	}
	return *value
}

func number(value *int) any {
	if value == nil {
		return nil
	}
	return *value
}
