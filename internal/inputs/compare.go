package inputs

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/deephash"
)

// Partition says which scope the elements of an answer belong to: by the name of a root field, the path of the field
// that names the scope, such as {"namespaces": "cluster.name"}. A scope must depend on its own elements alone.
type Partition map[string]string

// Difference is how the answers of two bundles differ.
type Difference struct {
	// Base and Head are the hashes of all that was read from either bundle.
	Base, Head deephash.Sum
	// Scopes are those whose elements differ, sorted.
	Scopes []string
	// Unmapped says what differs that belongs to no scope; empty where everything belongs to one.
	Unmapped []string
}

// Same says whether the answers are the same.
func (d Difference) Same() bool { return d.Base == d.Head }

// Compare compares what was read from a bundle, the base, with what was read from another one, the head. It looks at
// all of it: what the partition does not assign to a scope is in Unmapped where it differs, so that nothing is left out.
//
// Differs from the reference: a difference that belongs to no scope makes a check run in full. There it is ignored as
// soon as another difference yields a shard.
func Compare(base, head *Recording, partition Partition) (Difference, error) {
	before, err := digest(base, partition)
	if err != nil {
		return Difference{}, err
	}
	after, err := digest(head, partition)
	if err != nil {
		return Difference{}, err
	}
	d := Difference{Base: before.total(), Head: after.total()}
	scopes := map[string]bool{}
	for _, id := range before.differing(after) {
		if id.scope != "" {
			scopes[id.scope] = true
			continue
		}
		d.Unmapped = append(d.Unmapped, id.String())
	}
	d.Scopes = slices.Sorted(maps.Keys(scopes))
	slices.Sort(d.Unmapped)
	d.Unmapped = slices.Compact(d.Unmapped)
	return d, nil
}

// part is a part of what was read that is compared as a whole.
type part struct {
	request, query, root string
	// scope is empty for what belongs to none.
	scope string
}

// String names the part in messages.
func (p part) String() string { return fmt.Sprintf("%s of query %s", p.root, p.query) }

// digests are the hashes of the parts.
type digests map[part]deephash.Sum

func digest(r *Recording, partition Partition) (digests, error) {
	all := digests{}
	for request, answer := range r.all() {
		decoded, err := deephash.Decode(answer.Data)
		if err != nil {
			return nil, apierr.Errorf(apierr.Invalid, "query %s: the answer is not JSON: %w", answer.Query, err)
		}
		roots, isObject := decoded.(map[string]any)
		if !isObject {
			return nil, apierr.Errorf(apierr.Invalid, "query %s: the answer is not an object", answer.Query)
		}
		for name, value := range roots {
			whole := part{request: request, query: answer.Query, root: name}
			list, isList := value.([]any)
			path, mapped := partition[name]
			if !isList || !mapped {
				all[whole] = deephash.Value(value, answer.Shape.Field(name))
				continue
			}
			// The part of no scope is always there, so that an empty list is not taken for none.
			groups := map[string][]deephash.Sum{"": {}}
			for _, element := range list {
				scope := lookup(element, path)
				groups[scope] = append(groups[scope], deephash.Element(element, answer.Shape.Field(name)))
			}
			for scope, elements := range groups {
				whole.scope = scope
				all[whole] = group(elements, answer.Shape.Field(name))
			}
		}
	}
	return all, nil
}

// group is the hash of the elements of one scope.
func group(elements []deephash.Sum, list *deephash.Shape) deephash.Sum {
	if list != nil && list.Unordered {
		return deephash.Multiset(elements)
	}
	return deephash.Sequence(elements)
}

// lookup returns the text at a path with dots, or "".
func lookup(value any, path string) string {
	for name := range strings.SplitSeq(path, ".") {
		fields, _ := value.(map[string]any)
		value = fields[name]
	}
	text, _ := value.(string)
	return text
}

// differing are the parts that only one side has, or that differ.
func (d digests) differing(other digests) []part {
	var parts []part
	for id, sum := range d {
		if there, both := other[id]; !both || there != sum {
			parts = append(parts, id)
		}
	}
	for id := range other {
		if _, both := d[id]; !both {
			parts = append(parts, id)
		}
	}
	return parts
}

// total is the hash of all parts.
func (d digests) total() deephash.Sum {
	var sums []deephash.Sum
	for id, sum := range d {
		sums = append(sums, deephash.Strings(id.request, id.root, id.scope, sum.String()))
	}
	return deephash.Multiset(sums)
}
