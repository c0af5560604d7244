package jobs

import (
	"cmp"
	"context"
	"fmt"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Settings are the field sqlQuery of app-interface-settings: where the images of Jobs come from. Queries bind to it what
// they select of the field.
type Settings struct {
	// ImageRepository holds an image of each engine's name, tagged with its versions.
	ImageRepository string     `json:"imageRepository"`
	PullSecret      PullSecret `json:"pullSecret"`
}

// PullSecret names the secret in Vault with the credentials of the repository, and what the Secret made of it is to have
// besides.
type PullSecret struct {
	Path        string            `json:"path"`
	Version     int               `json:"version"`
	Labels      appinterface.JSON `json:"labels"`
	Annotations appinterface.JSON `json:"annotations"`
	Type        string            `json:"type"`
}

// Body is the Secret of a name with the fields of the one in Vault, and more labels. It holds secrets.
func (p PullSecret) Body(ctx context.Context, secrets secret.Reader, name string, labels map[string]any) (map[string]any, error) {
	all, annotations := map[string]any{}, map[string]any{}
	if err := p.Labels.Decode(&all); err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "sqlQuery.pullSecret.labels in app-interface-settings are not texts by name: %w", err)
	}
	if err := p.Annotations.Decode(&annotations); err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "sqlQuery.pullSecret.annotations in app-interface-settings are not texts by name: %w", err)
	}
	for key, value := range labels {
		all[key] = value
	}
	fields, err := secrets.ReadAll(ctx, secret.Ref{Path: p.Path, Version: &p.Version})
	if err != nil {
		return nil, err
	}
	data, err := kubeapi.SecretData(fields)
	if err != nil {
		return nil, fmt.Errorf("secret %s: %w", p.Path, err)
	}
	metadata := map[string]any{"name": name, "annotations": annotations}
	if len(all) > 0 {
		metadata["labels"] = all
	}
	return map[string]any{"apiVersion": "v1", "kind": "Secret", "type": cmp.Or(p.Type, "Opaque"), "metadata": metadata, "data": data}, nil
}

// ServiceAccount is one for the pods of a Job, without a token.
func ServiceAccount(name string, labels map[string]any) map[string]any {
	return map[string]any{
		"apiVersion": "v1", "kind": "ServiceAccount",
		"metadata":                     map[string]any{"name": name, "labels": labels},
		"automountServiceAccountToken": false,
	}
}
