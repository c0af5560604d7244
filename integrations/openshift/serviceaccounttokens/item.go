package serviceaccounttokens

import "github.com/app-sre/qontract-temporal/internal/clients/kubeapi"

// Item is a Secret of a cluster, or the copy of a token in Vault.
type Item struct {
	Object *kubeapi.Object `json:"object,omitempty"`
	Copy   *Copy           `json:"copy,omitempty"`
	// Issue names the account whose token has to be issued first.
	Issue string `json:"issue,omitempty"`
}

// Copy is a secret in Vault with the token of an account. It says nothing of what is in it.
type Copy struct {
	Path string `json:"path"`
	// Namespace and Name are those of the Secret with the same token.
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Differs says of what is in Vault that it is another token.
	Differs bool `json:"differs,omitempty"`
	// Unreadable says why what is in Vault cannot be compared.
	Unreadable string `json:"unreadable,omitempty"`
}

// Key implements plan.Item.
func (i Item) Key() string {
	if i.Copy != nil {
		return "vault/" + i.Copy.Path
	}
	return i.Object.Key()
}

// Title implements plan.Titled.
func (i Item) Title() string {
	switch {
	case i.Copy != nil:
		return "secret " + i.Copy.Path + " in Vault"
	case i.Issue != "":
		return i.Object.Title() + " with a new token of " + i.Issue
	}
	return i.Object.Title()
}

// Equal implements plan.Item.
func (i Item) Equal(current Item) bool {
	if i.Copy != nil {
		return !current.Copy.Differs && current.Copy.Unreadable == ""
	}
	return i.Object.Equal(*current.Object)
}

// Explain implements plan.Explained.
func (i Item) Explain(current Item) string {
	switch {
	case i.Copy != nil && current.Copy.Differs:
		return "its token is another one"
	case i.Copy != nil:
		return ""
	}
	return i.Object.Explain(*current.Object)
}
