package integrationsmanager

import (
	"maps"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/fleet"
)

// shared are the variables that come from the objects of a namespace that the reference's integrations use as well. None
// of them has to be there.
var shared = [...]struct {
	name, kind, object, key string
	// wanted says whether a unit needs it.
	wanted func(fleet.Spec) bool
}{
	{"SENTRY_DSN", "configMapKeyRef", "app-interface", "SENTRY_DSN", always},
	{"UNLEASH_API_URL", "secretKeyRef", "unleash", "API_URL", toggles},
	{"UNLEASH_CLIENT_ACCESS_TOKEN", "secretKeyRef", "unleash", "CLIENT_ACCESS_TOKEN", toggles},
	{"APP_INTERFACE_STATE_BUCKET", "secretKeyRef", "app-interface", "aws.s3.bucket", state},
	{"APP_INTERFACE_STATE_BUCKET_REGION", "secretKeyRef", "app-interface", "aws.region", state},
	{"APP_INTERFACE_STATE_AWS_PROFILE", "secretKeyRef", "app-interface", "aws.profile.state", state},
}

func always(fleet.Spec) bool       { return true }
func toggles(spec fleet.Spec) bool { return spec.DisableUnleash == nil || !*spec.DisableUnleash }
func state(spec fleet.Spec) bool   { return spec.State != nil && *spec.State }

// variables is the environment of the group's workers, sorted by name after the configuration file. Two units that want
// different values for one variable cannot share workers.
func variables(g fleet.Group) ([]any, error) {
	list := []any{map[string]any{"name": "QONTRACT_CONFIG", "value": configFolder + "/config.toml"}}
	for _, v := range shared {
		if slices.ContainsFunc(g.Units, func(u fleet.Unit) bool { return v.wanted(u.Managed.Spec) }) {
			list = append(list, map[string]any{"name": v.name, "valueFrom": map[string]any{
				v.kind: map[string]any{"name": v.object, "key": v.key, "optional": true},
			}})
		}
	}
	extra := map[string]fleet.EnvVar{}
	from := map[string]string{}
	for _, unit := range g.Units {
		for _, v := range unit.Managed.Spec.ExtraEnv {
			if v.Name == "" {
				v.Name = v.SecretKey
			}
			if known, twice := extra[v.Name]; twice && known != v {
				return nil, apierr.Errorf(apierr.Invalid, "extraEnv: %s wants another value of %s than %s: give them different groups with the label %s", unit.ID, v.Name, from[v.Name], fleet.GroupLabel)
			}
			extra[v.Name], from[v.Name] = v, unit.ID
		}
	}
	for _, name := range slices.Sorted(maps.Keys(extra)) {
		v := extra[name]
		entry := map[string]any{"name": name, "value": v.Value}
		if v.SecretKey != "" {
			entry = map[string]any{"name": name, "valueFrom": map[string]any{"secretKeyRef": map[string]any{"name": v.SecretName, "key": v.SecretKey}}}
		}
		list = append(list, entry)
	}
	return list, nil
}
