package supportcasessos

// ExposedKey is an access key that AWS found in public.
type ExposedKey struct {
	Account string `json:"account"`
	// Path is that of the account's datafile in app-interface's repository.
	Path string `json:"path"`
	// ID is the access key's, which is no secret.
	ID string `json:"id"`
}

// Key implements plan.Item.
func (k ExposedKey) Key() string { return k.ID }

// Equal implements plan.Item: a request has nothing besides its key.
func (k ExposedKey) Equal(ExposedKey) bool { return true }

// Title implements plan.Titled.
func (k ExposedKey) Title() string {
	return "merge request to delete access key " + k.ID + " of account " + k.Account
}
