package fleet

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Local are what a file overrides, by integration. They win over app-interface and over the definitions.
type Local map[string]LocalOverride

// LocalOverride is what is said of one integration, of all its shards. What is not said stays as it is.
type LocalOverride struct {
	Timing *Timing
	// Args replace the datafile's extraArgs; those that make a shard stay.
	Args []string
	// HasArgs says that there are some, and be it none at all.
	HasArgs  bool
	Paused   string
	Disabled bool
	DryRun   *bool
	Jitter   *time.Duration
	CatchUp  *time.Duration
}

// localKeys are the keys below an integration's name.
func localKeys() []string {
	return []string{"every", "cron", "args", "paused", "disabled", "dryRun", "jitter", "catchUp"}
}

// ParseLocal reads a file such as
//
//	integrations:
//	  quay-membership: {every: 5m, paused: "quay is down until Monday"}
//
// Its error is Invalid, holds every mistake, and names the line of each.
func ParseLocal(text []byte, registry *reconcile.Registry) (Local, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, apierr.New(apierr.Invalid, err)
	}
	local := Local{}
	if len(document.Content) == 0 {
		return local, nil
	}
	var errs []error
	each(document.Content[0], []string{"integrations"}, &errs, func(_ string, all *yaml.Node) {
		each(all, nil, &errs, func(name string, one *yaml.Node) {
			d, err := registry.Get(name)
			if err != nil {
				errs = append(errs, at(one, err))
				return
			}
			override, err := parseOverride(d, one)
			if err != nil {
				errs = append(errs, err)
				return
			}
			local[name] = override
		})
	})
	if err := errors.Join(errs...); err != nil {
		return nil, apierr.New(apierr.Invalid, err)
	}
	return local, nil
}

func parseOverride(d reconcile.Definition, node *yaml.Node) (LocalOverride, error) {
	var o LocalOverride
	var errs []error
	seen := map[string]bool{}
	each(node, localKeys(), &errs, func(key string, value *yaml.Node) {
		seen[key] = true
		if err := o.set(d, key, value); err != nil {
			errs = append(errs, at(value, fmt.Errorf("%s of %s: %w", key, d.Name, err)))
		}
	})
	if seen["every"] && seen["cron"] {
		errs = append(errs, at(node, fmt.Errorf("%s has both every and cron", d.Name)))
	}
	return o, errors.Join(errs...)
}

func (o *LocalOverride) set(d reconcile.Definition, key string, value *yaml.Node) error {
	var err error
	switch key {
	case "every":
		o.Timing = &Timing{}
		if o.Timing.Every, err = duration(value); err == nil {
			err = o.Timing.validate()
		}
	case "cron":
		o.Timing = &Timing{}
		if err = value.Decode(&o.Timing.Cron); err == nil {
			err = o.Timing.validate()
		}
	case "args":
		o.HasArgs = true
		if err = value.Decode(&o.Args); err == nil {
			_, err = args(d, o.Args)
		}
	case "paused":
		if err = value.Decode(&o.Paused); err == nil && (value.ShortTag() != "!!str" || strings.TrimSpace(o.Paused) == "") {
			err = errors.New("say why, in words")
		}
	case "disabled":
		err = value.Decode(&o.Disabled)
	case "dryRun":
		err = value.Decode(&o.DryRun)
	case "jitter":
		o.Jitter, err = positive(value)
	case "catchUp":
		o.CatchUp, err = positive(value)
	}
	return err
}

func duration(value *yaml.Node) (time.Duration, error) {
	d, err := time.ParseDuration(value.Value)
	if err != nil {
		return 0, fmt.Errorf("%q is no duration such as 90s, 10m or 6h", value.Value)
	}
	return d, nil
}

func positive(value *yaml.Node) (*time.Duration, error) {
	d, err := duration(value)
	if err == nil && d < 0 {
		err = fmt.Errorf("%s is negative", d)
	}
	return &d, err
}

// each calls visit for the entries of a mapping. Keys that are not allowed, or stand there twice, are errors; nil
// allows all.
func each(node *yaml.Node, allowed []string, errs *[]error, visit func(key string, value *yaml.Node)) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.ShortTag() == "!!null" {
		return
	}
	if node.Kind != yaml.MappingNode {
		*errs = append(*errs, at(node, errors.New("expected keys with values")))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		switch {
		case seen[key.Value]:
			*errs = append(*errs, at(key, fmt.Errorf("%q stands there twice", key.Value)))
		case allowed != nil && !slices.Contains(allowed, key.Value):
			*errs = append(*errs, at(key, fmt.Errorf("unknown key %q%s", key.Value, reconcile.Suggest(key.Value, allowed, ""))))
		default:
			visit(key.Value, value)
		}
		seen[key.Value] = true
	}
}

func at(node *yaml.Node, err error) error { return fmt.Errorf("line %d: %w", node.Line, err) }

// apply changes a schedule.
func (o LocalOverride) apply(s *Schedule) {
	if o.Timing != nil {
		s.Timing = *o.Timing
		s.CatchUp = s.catchUp()
	}
	if o.DryRun != nil {
		s.DryRun = *o.DryRun
	}
	if o.Jitter != nil {
		s.Jitter = *o.Jitter
	}
	if o.CatchUp != nil {
		s.CatchUp = *o.CatchUp
	}
	if o.Paused != "" {
		s.Pause = &Pause{By: ConfiguredPause, Reason: o.Paused}
	}
}

// words are the flags of a run without those of the shard.
func (o LocalOverride) words(spec Spec) []string {
	if o.HasArgs {
		return o.Args
	}
	return strings.Fields(spec.ExtraArgs)
}
