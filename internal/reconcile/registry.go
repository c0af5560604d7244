package reconcile

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Family is the list of integrations of one folder below integrations/.
type Family struct {
	Name         string
	Integrations []Definition
}

// Registry holds the definitions by name.
type Registry struct {
	definitions []Definition
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// NewRegistry checks the families' definitions and puts them in one list, sorted by name. Its error names every
// definition that is malformed or stands there twice.
func NewRegistry(families ...Family) (*Registry, error) {
	r := &Registry{}
	seen := map[string]string{}
	var errs []error
	for _, family := range families {
		for _, d := range family.Integrations {
			d.Family = family.Name
			if other, dup := seen[d.Name]; dup {
				errs = append(errs, fmt.Errorf("integration %s stands in the families %s and %s", d.Name, other, family.Name))
				continue
			}
			seen[d.Name] = family.Name
			if err := d.validate(); err != nil {
				errs = append(errs, fmt.Errorf("integration %q of family %s: %w", d.Name, family.Name, err))
				continue
			}
			r.definitions = append(r.definitions, d)
		}
	}
	slices.SortFunc(r.definitions, func(a, b Definition) int { return strings.Compare(a.Name, b.Name) })
	return r, errors.Join(errs...)
}

func (d Definition) validate() error {
	switch {
	case !nameForm.MatchString(d.Name):
		return errors.New("the name is not lower-case words joined by dashes")
	case d.Summary == "":
		return errors.New("no summary")
	case d.Build == nil:
		return errors.New("no Build")
	case len(d.Reads) == 0:
		return errors.New("reads from no system")
	case d.Every <= 0:
		return errors.New("no interval")
	case d.LongRunning && len(d.Writes) == 0:
		return errors.New("it is long-running and writes to no system")
	}
	for i, p := range d.Params {
		if p.Help == "" {
			return fmt.Errorf("flag --%s has no help", p.Name)
		}
		if p.Default != "" {
			if err := p.check([]string{p.Default}); err != nil {
				return fmt.Errorf("default: %w", err)
			}
		}
		if slices.ContainsFunc(d.Params[:i], func(q Param) bool { return q.Name == p.Name }) {
			return fmt.Errorf("flag --%s stands there twice", p.Name)
		}
	}
	for _, flag := range d.Apart {
		if !slices.Contains(d.paramNames(), flag) {
			return fmt.Errorf("runs are told apart by --%s, which is no flag of the integration", flag)
		}
	}
	if d.Partition != nil {
		return d.Partition.validate(d.paramNames())
	}
	return nil
}

var pathForm = regexp.MustCompile(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$`)

func (p Partition) validate(flags []string) error {
	if len(p.Roots) == 0 {
		return errors.New("the partition has no roots")
	}
	for root, path := range p.Roots {
		if !pathForm.MatchString(path) {
			return fmt.Errorf("the partition's path %q of %s is not names joined by dots", path, root)
		}
	}
	if p.Most <= 0 {
		return errors.New("the partition lets no scope run by itself")
	}
	if p.Flag != "" && !slices.Contains(flags, p.Flag) {
		return fmt.Errorf("the partition's flag --%s is none of the integration's%s", p.Flag, Suggest(p.Flag, flags, "--"))
	}
	return nil
}

// All returns the definitions sorted by name.
func (r *Registry) All() []Definition { return slices.Clone(r.definitions) }

// Names returns the names, sorted.
func (r *Registry) Names() []string {
	names := make([]string, len(r.definitions))
	for i, d := range r.definitions {
		names[i] = d.Name
	}
	return names
}

// Get returns the definition of that name. Its error is Invalid and suggests the nearest names.
func (r *Registry) Get(name string) (Definition, error) {
	for _, d := range r.definitions {
		if d.Name == name {
			return d, nil
		}
	}
	return Definition{}, apierr.Errorf(apierr.Invalid, "there is no integration %q%s", name, Suggest(name, r.Names(), ""))
}

// Select returns the definitions that match a comma-separated list of globs. A glob with "!" in front takes away;
// a list that only takes away starts from all. A glob that matches nothing is an error.
func (r *Registry) Select(globs string) ([]Definition, error) {
	chosen := map[string]bool{}
	patterns := strings.Split(globs, ",")
	if strings.HasPrefix(strings.TrimSpace(patterns[0]), "!") {
		patterns = append([]string{"*"}, patterns...)
	}
	for _, pattern := range patterns {
		pattern, exclude := strings.CutPrefix(strings.TrimSpace(pattern), "!")
		matched := false
		for _, name := range r.Names() {
			ok, err := path.Match(pattern, name)
			if err != nil {
				return nil, apierr.Errorf(apierr.Invalid, "--integrations: %q: %w", pattern, err)
			}
			if ok {
				matched = true
				chosen[name] = !exclude
			}
		}
		if !matched {
			return nil, apierr.Errorf(apierr.Invalid, "%q matches no integration%s", pattern, Suggest(pattern, r.Names(), ""))
		}
	}
	var selected []Definition
	for _, d := range r.definitions {
		if chosen[d.Name] {
			selected = append(selected, d)
		}
	}
	if len(selected) == 0 {
		return nil, apierr.Errorf(apierr.Invalid, "%s leaves no integration", globs)
	}
	return selected, nil
}

// nearest returns up to three candidates that name may be a misspelling of, the nearest first.
func nearest(name string, candidates []string) []string {
	const most = 3
	limit := max(2, len(name)/3)
	near := slices.DeleteFunc(slices.Clone(candidates), func(c string) bool {
		return levenshtein.ComputeDistance(name, c) > limit && (len(name) < 4 || !strings.Contains(c, name))
	})
	slices.SortStableFunc(near, func(a, b string) int {
		return levenshtein.ComputeDistance(name, a) - levenshtein.ComputeDistance(name, b)
	})
	return near[:min(most, len(near))]
}
