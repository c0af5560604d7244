// Package deployment says what the targets of saas files deploy: their parameters and image tags, the images of what is
// rendered, and the configuration that is hashed and compared from run to run. It is pure: what others answer, it is given.
package deployment

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/pyjson"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Key is where a target's configuration is kept in the state.
func Key(file *saasfile.File, template *saasfile.Template, target *saasfile.Target) string {
	key := Place(file, template, target)
	if target.Name != nil && *target.Name != "" {
		key += "/" + *target.Name
	}
	return key
}

// Place is the part that all keys of a target's triggers begin with.
func Place(file *saasfile.File, template *saasfile.Template, target *saasfile.Target) string {
	namespace := target.Namespace
	return strings.Join([]string{file.Name, template.Name, namespace.Cluster.Name, namespace.Name, namespace.Environment.Name}, "/")
}

// Config is a target's configuration, whose change deploys the target anew. Its fields, their names and their nulls are the
// reference's: states and promotion data carry its hash, and one field more would deploy everything everywhere.
func Config(file *saasfile.File, template *saasfile.Template, target *saasfile.Target) (pyjson.Object, error) {
	var texts [3]any
	for i, field := range []appinterface.JSON{target.Parameters, file.Parameters, template.Parameters} {
		text, err := parameterText(field)
		if err != nil {
			return nil, err
		}
		texts[i] = text
	}
	config := pyjson.Object{
		{Key: "path", Value: template.Path},
		{Key: "name", Value: optional(target.Name)},
		{Key: "namespace", Value: namespace(target.Namespace)},
		{Key: "ref", Value: target.Ref},
		{Key: "promotion", Value: promotion(target.Promotion)},
		{Key: "parameters", Value: texts[0]},
		{Key: "secretParameters", Value: secrets(target.SecretParameters, "format")},
		{Key: "upstream", Value: upstream(target.Upstream)},
		{Key: "images", Value: images(target.Images)},
		{Key: "disable", Value: boolean(target.Disable)},
		{Key: "delete", Value: boolean(target.Delete)},
		{Key: "saas_file_parameters", Value: texts[1]},
		{Key: "saas_file_managed_resource_types", Value: list(file.ManagedResourceTypes, text)},
		{Key: "url", Value: template.Url},
		{Key: "rt_parameters", Value: texts[2]},
	}
	if len(template.SecretParameters) > 0 {
		config = append(config, pyjson.Member{Key: "rt_secretparameters", Value: secrets(template.SecretParameters, "q_format")})
	}
	if len(file.SecretParameters) > 0 {
		config = append(config, pyjson.Member{Key: "saas_file_secretparameters", Value: secrets(file.SecretParameters, "q_format")})
	}
	return config, nil
}

// Configs are the configurations of a file's targets by their keys. Of two targets with one key the last one counts.
func Configs(file *saasfile.File) (map[string]pyjson.Object, error) {
	configs := map[string]pyjson.Object{}
	for template, target := range file.Targets() {
		config, err := Config(file, template, target)
		if err != nil {
			return nil, err
		}
		configs[Key(file, template, target)] = config
	}
	return configs, nil
}

// Hash is the target_config_hash of promotions.
func Hash(config pyjson.Object) string {
	sum := sha256.Sum256([]byte(pyjson.Sorted().Text(config)))
	return hex.EncodeToString(sum[:])[:16]
}

// parameterText is a field of parameters as text, in its order.
func parameterText(field appinterface.JSON) (any, error) {
	if field.IsNull() {
		return nil, nil
	}
	parameters, err := saasfile.Parameters(field)
	if err != nil {
		return nil, err
	}
	return pyjson.Compact().Text(parameters), nil
}

func namespace(n *saasfile.Namespace) any {
	return pyjson.Object{
		{Key: "name", Value: n.Name},
		{Key: "app", Value: pyjson.Object{{Key: "name", Value: n.App.Name}}},
		{Key: "cluster", Value: pyjson.Object{{Key: "name", Value: n.Cluster.Name}, {Key: "serverUrl", Value: n.Cluster.ServerURL}}},
	}
}

func promotion(p *saasfile.Promotion) any {
	if p == nil {
		return nil
	}
	return pyjson.Object{
		{Key: "auto", Value: boolean(p.Auto)},
		{Key: "publish", Value: list(p.Publish, text)},
		{Key: "subscribe", Value: list(p.Subscribe, text)},
		{Key: "redeployOnPublisherConfigChange", Value: boolean(p.RedeployOnPublisherConfigChange)},
		{Key: "soakDays", Value: number(p.SoakDays)},
		{Key: "schedule", Value: optional(p.Schedule)},
		{Key: "promotion_data", Value: list(p.PromotionData, promotionData)},
	}
}

func promotionData(d saasfile.PromotionData) any {
	return pyjson.Object{
		{Key: "channel", Value: optional(d.Channel)},
		{Key: "data", Value: list(d.Data, func(data saasfile.ChannelData) any {
			seen := pyjson.Object{{Key: "type", Value: data.GetType()}}
			if parent, ok := data.(*saasfile.ParentSaas); ok {
				seen = append(seen,
					pyjson.Member{Key: "parent_saas", Value: optional(parent.ParentSaas)},
					pyjson.Member{Key: "target_config_hash", Value: optional(parent.TargetConfigHash)})
			}
			return seen
		})},
	}
}

// secrets are references to secrets; the name of the field for their format differs from level to level.
func secrets(parameters []saasfile.SecretParameter, format string) any {
	return list(parameters, func(p saasfile.SecretParameter) any {
		return pyjson.Object{{Key: "name", Value: p.Name}, {Key: "secret", Value: reference(p.Secret, format)}}
	})
}

func reference(ref secret.Ref, format string) any {
	seen := pyjson.Object{
		{Key: "path", Value: ref.Path},
		{Key: "field", Value: ref.Field},
		{Key: "version", Value: number(ref.Version)},
		{Key: format, Value: nil},
	}
	if ref.Format != "" {
		seen[3].Value = ref.Format
	}
	return seen
}

func upstream(u *saasfile.Upstream) any {
	if u == nil {
		return nil
	}
	return pyjson.Object{
		{Key: "instance", Value: pyjson.Object{{Key: "name", Value: u.Instance.Name}, {Key: "serverUrl", Value: u.Instance.ServerUrl}}},
		{Key: "name", Value: u.Name},
	}
}

func images(all []saasfile.Image) any {
	return list(all, func(i saasfile.Image) any {
		return pyjson.Object{
			{Key: "org", Value: pyjson.Object{
				{Key: "name", Value: i.Org.Name},
				{Key: "instance", Value: pyjson.Object{{Key: "url", Value: i.Org.Instance.Url}}},
			}},
			{Key: "name", Value: i.Name},
		}
	})
}

// list is null for what is no list.
func list[T any](all []T, see func(T) any) any {
	if all == nil {
		return nil
	}
	seen := make([]any, len(all))
	for i, one := range all {
		seen[i] = see(one)
	}
	return seen
}

func text(s string) any { return s }

func optional(s *string) any {
	if s == nil {
		return nil
	}
	return *s
}

func boolean(b *bool) any {
	if b == nil {
		return nil
	}
	return *b
}

func number(n *int) any {
	if n == nil {
		return nil
	}
	return json.Number(strconv.Itoa(*n))
}
