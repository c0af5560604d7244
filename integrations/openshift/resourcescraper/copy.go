package resourcescraper

// Copy is a secret in Vault with the data of an object. It says nothing of what is in it.
type Copy struct {
	Path string `json:"path"`
	// Name is the object's.
	Name string `json:"name"`
	// Digest is that of the data.
	Digest string `json:"digest,omitempty"`
	// Unreadable says why what is in Vault cannot be compared.
	Unreadable string `json:"unreadable,omitempty"`
}

// Key implements plan.Item.
func (c Copy) Key() string { return c.Path }

// Title implements plan.Titled.
func (c Copy) Title() string { return "secret " + c.Path + " in Vault" }

// Equal implements plan.Item.
func (c Copy) Equal(current Copy) bool { return current.Unreadable == "" && current.Digest == c.Digest }

// Explain implements plan.Explained.
func (c Copy) Explain(current Copy) string {
	if current.Unreadable != "" {
		return ""
	}
	return "its content differs"
}
