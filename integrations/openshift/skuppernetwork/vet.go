package skuppernetwork

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// configName is the ConfigMap that Skupper takes a site's configuration from, once.
const configName = "skupper-site"

// Vet refuses to change the configuration of a site that is there: Skupper does not take it over
// (https://github.com/skupperproject/skupper/issues/58).
//
// Differs from the reference: the other objects and links of the network are kept up. There nothing is done in any network.
func (r *reconciler) Vet(ctx context.Context, s reconcile.Scope, c plan.Change[Part]) error {
	if c.Action != plan.Update || c.Desired.Object == nil || c.Desired.Object.Kind != "ConfigMap" || c.Desired.Object.Name != configName {
		return nil
	}
	sites, err := r.members(ctx, s)
	if err != nil {
		return err
	}
	one, err := sites.named(c.Desired.Site)
	if err != nil {
		return err
	}
	client, err := r.client(ctx, s, one)
	if err != nil {
		return err
	}
	live, err := client.Get(ctx, "ConfigMap", one.namespace, configName)
	if apierr.Is(err, apierr.Missing) {
		return nil
	}
	if err != nil {
		return err
	}
	if differ := differing(live["data"], c.Desired.Object.Body["data"]); len(differ) > 0 {
		return apierr.Errorf(apierr.Invalid, "Skupper cannot change the configuration of a site (%s); delete the site %s by its skupperSite.delete, and have it made anew",
			strings.Join(differ, ", "), one)
	}
	return nil
}

// differing are the keys under which two configurations differ, sorted.
func differing(live, wanted any) []string {
	have, _ := live.(map[string]any)
	want, _ := wanted.(map[string]any)
	all := maps.Clone(have)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, want)
	var keys []string
	for key := range all {
		a, there := have[key]
		b, asked := want[key]
		if there != asked || !reflect.DeepEqual(a, b) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}
