package integrationsmanager

import (
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/fleet"
)

// resources are the largest amounts that any of the group's units asks for, resource by resource: runs of one take turns
// with runs of the others. It is nil where none asks for any.
func resources(g fleet.Group) (map[string]any, error) {
	largest := map[string]map[string]resource.Quantity{"requests": {}, "limits": {}}
	for _, unit := range g.Units {
		asked := unit.Managed.Spec.Resources
		if own := unit.Shard.Override.Resources; own != nil {
			asked = own
		}
		if asked == nil {
			continue
		}
		for _, amount := range []struct{ kind, name, text string }{
			{"requests", "cpu", asked.Requests.Cpu}, {"requests", "memory", asked.Requests.Memory},
			{"limits", "cpu", asked.Limits.Cpu}, {"limits", "memory", asked.Limits.Memory},
		} {
			if amount.text == "" {
				continue
			}
			quantity, err := resource.ParseQuantity(amount.text)
			if err != nil {
				return nil, apierr.Errorf(apierr.Invalid, "%s of %s: %s %q is no amount such as 500m or 256Mi", amount.kind, unit.ID, amount.name, amount.text)
			}
			if known, ok := largest[amount.kind][amount.name]; !ok || quantity.Cmp(known) > 0 {
				largest[amount.kind][amount.name] = quantity
			}
		}
	}
	named := map[string]any{}
	for kind, amounts := range largest {
		texts := map[string]any{}
		for name, quantity := range amounts {
			texts[name] = quantity.String()
		}
		if len(texts) > 0 {
			named[kind] = texts
		}
	}
	if len(named) == 0 {
		return nil, nil
	}
	return named, nil
}
