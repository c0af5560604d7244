package plan

import (
	"slices"
	"strconv"
)

// Scope is the part of an estate that one run of the steps covers, together with the run's arguments and the
// bundle it reads. It travels to every step and is the same for all of them.
type Scope struct {
	// Integration is the integration's name.
	Integration string `json:"integration"`
	// Name is the cluster, account or organisation; "" means that the integration is not split.
	Name   string `json:"name,omitempty"`
	Bundle Bundle `json:"bundle"`
	Args   Args   `json:"args,omitempty"`
}

// String names the scope in messages.
func (s Scope) String() string {
	if s.Name == "" {
		return s.Integration
	}
	return s.Integration + "/" + s.Name
}

// Bundle is the snapshot of app-interface that a run is pinned to.
type Bundle struct {
	// SHA is the bundle's sha256 in hex; "" means that the run is not pinned.
	SHA string `json:"sha,omitempty"`
	// Commit and Timestamp are those of the git commit that the bundle was made from. Timestamp is in Unix seconds.
	Commit    string `json:"commit,omitempty"`
	Timestamp int64  `json:"timestamp,omitempty"`
	// AnySchema lifts the allow-list of schemas in the integration's datafile.
	AnySchema bool `json:"anySchema,omitempty"`
}

// Args are the values of an integration's flags, with their defaults filled in.
type Args map[string][]string

// String returns the flag's value, or "".
func (a Args) String(name string) string {
	if len(a[name]) == 0 {
		return ""
	}
	return a[name][0]
}

// Strings returns all values of a flag that may be given several times.
func (a Args) Strings(name string) []string { return a[name] }

// Allows says whether a filter flag lets the value pass: it names it, or nothing at all.
func (a Args) Allows(name, value string) bool {
	return len(a[name]) == 0 || slices.Contains(a[name], value)
}

// Bool returns the flag's value, or false.
func (a Args) Bool(name string) bool { return a.String(name) == "true" }

// Tristate returns the value of a flag pair such as --internal/--external, or nil when neither was given.
func (a Args) Tristate(name string) *bool {
	value, err := strconv.ParseBool(a.String(name))
	if err != nil {
		return nil
	}
	return &value
}

// Int returns the flag's value, or 0.
func (a Args) Int(name string) int {
	value, err := strconv.Atoi(a.String(name))
	if err != nil {
		return 0
	}
	return value
}
