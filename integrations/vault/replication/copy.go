package replication

import "fmt"

// Copy is a secret of the source that the destination has, too. It says nothing of what is in it.
type Copy struct {
	Path string `json:"path"`
	// From and To are the instances.
	From string `json:"from"`
	To   string `json:"to"`
	// KV is the version of the key-value engine.
	KV int `json:"kv"`
	// Version is the number of the latest version; 0 in KV v1.
	Version int `json:"version,omitempty"`
	// Differs says of what is in the destination that its content is another one. In KV v2 the numbers tell.
	Differs bool `json:"differs,omitempty"`
	// Unreadable says why what is in the destination cannot be compared.
	Unreadable string `json:"unreadable,omitempty"`
}

// Key implements plan.Item.
func (c Copy) Key() string { return c.Path }

// Equal implements plan.Item. A destination that is ahead stays as it is.
func (c Copy) Equal(current Copy) bool {
	return current.Unreadable == "" && current.KV == c.KV && !current.Differs && current.Version >= c.Version
}

// Title implements plan.Titled.
func (c Copy) Title() string {
	return fmt.Sprintf("secret %s of %s in %s", c.Path, c.From, c.To)
}

// Explain implements plan.Explained.
func (c Copy) Explain(current Copy) string {
	switch {
	case current.Unreadable != "" || current.KV != c.KV:
		return ""
	case current.Differs:
		return "its content differs"
	default:
		return fmt.Sprintf("version %d there, version %d at the source", current.Version, c.Version)
	}
}
