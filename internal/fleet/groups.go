package fleet

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// GroupLabel is the label of an integration's datafile that names its group of workers.
const GroupLabel = "workerGroup"

// Group is a set of workers alike: what one worker Deployment runs in one namespace.
type Group struct {
	Name      string
	Namespace Namespace
	// ImageRef is the tag of the group's own image, or "".
	ImageRef string
	// QueueSuffix is "" where the workers have the image of all.
	QueueSuffix string
	// Units are sorted by ID. Disabled shards are left out.
	Units []Unit
}

// Integrations are the names of those that the workers take, sorted.
func (g Group) Integrations() []string {
	var names []string
	for _, u := range g.Units {
		names = append(names, u.Integration)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Groups are those of the managed units, sorted by namespace and name. Integrations that app-interface does not manage
// are taken by workers that it does not manage either.
func (f Fleet) Groups() []Group {
	var groups []Group
	for _, u := range f.Units {
		if u.Managed == nil || u.Shard.Override.Disabled {
			continue
		}
		i := slices.IndexFunc(groups, func(g Group) bool {
			return g.Name == u.Group && g.Namespace.Path == u.Managed.Namespace.Path
		})
		if i < 0 {
			i = len(groups)
			groups = append(groups, Group{Name: u.Group, Namespace: u.Managed.Namespace, ImageRef: u.imageRef(), QueueSuffix: u.QueueSuffix})
		}
		groups[i].Units = append(groups[i].Units, u)
	}
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(strings.Compare(a.Namespace.Path, b.Namespace.Path), strings.Compare(a.Name, b.Name))
	})
	return groups
}

// group is the one of the datafile's label, else the family.
func group(d reconcile.Definition, one Integration) (string, error) {
	var labels map[string]any
	if err := one.Labels.Decode(&labels); err != nil {
		return "", apierr.Errorf(apierr.Invalid, "labels: %w", err)
	}
	switch name := labels[GroupLabel].(type) {
	case nil:
		return d.Family, nil
	case string:
		if nameForm.MatchString(name) {
			return name, nil
		}
	}
	return "", apierr.Errorf(apierr.Invalid, "the label %s is %v; expected a name of lower-case letters, digits and dashes", GroupLabel, labels[GroupLabel])
}

// nameForm is what Kubernetes takes as part of a name.
var nameForm = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

// ownImage puts a unit with an image of its own into a group of its own, whose task queues no other worker serves. That
// of a shard is the shard's; that of an integration is shared by all integrations of the group with the same image.
func (u *Unit) ownImage() {
	switch {
	case u.Shard.Override.ImageRef != "":
		u.QueueSuffix = u.Shard.Suffix
		u.Group = u.Integration + u.Shard.Suffix
	case u.imageRef() != "":
		u.QueueSuffix = "-" + notInNames.ReplaceAllString(strings.ToLower(u.imageRef()), "-")
		u.Group += u.QueueSuffix
	}
}

func (u Unit) imageRef() string {
	if u.Managed == nil {
		return ""
	}
	return cmp.Or(u.Shard.Override.ImageRef, u.Managed.Spec.ImageRef)
}

// The parameters of an environment that say whether integrations run dry there, as the reference's template has them.
const (
	dryRunParameter        = "DRY_RUN"
	managerDryRunParameter = "MANAGER_DRY_RUN"
	managerName            = "integrations-manager"
)

// dryRun says what the environment does: where the reference would change nothing, neither do we.
func (u Unit) dryRun() (bool, error) {
	if u.Managed == nil {
		return false, nil
	}
	environment := u.Managed.Namespace.Environment
	var parameters map[string]any
	if err := environment.Parameters.Decode(&parameters); err != nil {
		return false, apierr.Errorf(apierr.Invalid, "the parameters of the environment %s: %w", environment.Name, err)
	}
	name := dryRunParameter
	if u.Integration == managerName {
		name = managerDryRunParameter
	}
	switch value := parameters[name]; value {
	case nil, "", "--no-dry-run":
		return false, nil
	case "--dry-run":
		return true, nil
	default:
		return false, apierr.Errorf(apierr.Invalid, "the parameter %s of the environment %s is %v; expected --dry-run or --no-dry-run", name, environment.Name, value)
	}
}
