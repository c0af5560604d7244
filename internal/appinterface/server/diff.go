package server

// Diff is what changed between two bundles. A side is nil where the file is absent from that bundle.
type Diff struct {
	Datafiles map[string]DatafileDiff `json:"datafiles"`
	Resources map[string]ResourceDiff `json:"resources"`
}

// DatafileDiff is one changed datafile. Old and New marshal to the datafile as it stands in its bundle.
type DatafileDiff struct {
	Path   string  `json:"datafilepath"`
	Schema string  `json:"datafileschema"`
	Old    *object `json:"old,omitempty"`
	New    *object `json:"new,omitempty"`
}

// ResourceDiff is one changed resource.
type ResourceDiff struct {
	Path string  `json:"resourcepath"`
	Old  *object `json:"old,omitempty"`
	New  *object `json:"new,omitempty"`
}

// Compare returns the files that differ between two bundles. Datafiles are compared by value, whatever the order of
// their keys; resources by sha256sum.
func Compare(base, head *Bundle) Diff {
	diff := Diff{Datafiles: map[string]DatafileDiff{}, Resources: map[string]ResourceDiff{}}
	for _, side := range []*Bundle{base, head} {
		for path := range side.datafiles {
			if a, b := base.datafiles[path], head.datafiles[path]; !equalObjects(a, b) {
				diff.Datafiles[path] = datafileDiff(path, a, b)
			}
		}
		for path := range side.resources {
			a, b := base.resources[path], head.resources[path]
			if a == nil || b == nil || a.text("sha256sum") != b.text("sha256sum") {
				diff.Resources[path] = ResourceDiff{Path: path, Old: a, New: b}
			}
		}
	}
	return diff
}

func datafileDiff(path string, before, after *object) DatafileDiff {
	diff := DatafileDiff{Path: path, Schema: after.text("$schema"), Old: before, New: after}
	if after == nil {
		diff.Schema = before.text("$schema")
	}
	return diff
}

func equalObjects(a, b *object) bool {
	if a == nil || b == nil {
		return a == b
	}
	if len(a.keys) != len(b.keys) {
		return false
	}
	for _, key := range a.keys {
		other, ok := b.values[key]
		if !ok || !equalValues(a.values[key], other) {
			return false
		}
	}
	return true
}

func equalValues(a, b any) bool {
	switch v := a.(type) {
	case *object:
		other, ok := b.(*object)
		return ok && equalObjects(v, other)
	case []any:
		other, ok := b.([]any)
		if !ok || len(v) != len(other) {
			return false
		}
		for i := range v {
			if !equalValues(v[i], other[i]) {
				return false
			}
		}
		return true
	default:
		return same(a, b)
	}
}
