package resources

import (
	"cmp"
	"context"
	"path"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// vaultSecret is a Secret with the fields of a secret of Vault.
func (s *Source) vaultSecret(ctx context.Context, item Item, wanted namespaced.Wanted) (namespaced.Body, error) {
	name := cmp.Or(item.Name, path.Base(item.Path))
	if !wanted("Secret", name) {
		return namespaced.Body{}, nil
	}
	labels, err := stringMap("labels", item.Labels)
	if err != nil {
		return namespaced.Body{}, err
	}
	annotations, err := stringMap("annotations", item.Annotations)
	if err != nil {
		return namespaced.Body{}, err
	}
	fields, err := s.Secrets.ReadAll(ctx, secret.Ref{Path: item.Path, Version: item.Version})
	if err != nil {
		return namespaced.Body{}, err
	}
	if namespaced.IsTrue(item.ValidateAlertmanagerConfig) {
		config, ok := fields[item.alertmanagerKey()]
		if !ok {
			return namespaced.Body{}, errNoConfig(item.alertmanagerKey())
		}
		if err := checkAlertmanager(config.Reveal(), true); err != nil {
			return namespaced.Body{}, err
		}
	}
	metadata := map[string]any{"name": name, "annotations": annotations}
	if len(labels) > 0 {
		metadata["labels"] = labels
	}
	object := map[string]any{"apiVersion": "v1", "kind": "Secret", "type": cmp.Or(item.Type, "Opaque"), "metadata": metadata}
	data, err := kubeapi.SecretData(fields)
	if err != nil {
		return namespaced.Body{}, err
	}
	if len(data) > 0 {
		object["data"] = data
	}
	return namespaced.Body{Object: object, Secret: true}, nil
}
