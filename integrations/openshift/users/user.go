package users

// User is a user of a cluster. There is nothing to it but that it exists.
type User struct {
	Cluster string `json:"cluster"`
	Name    string `json:"name"`
}

// Key implements plan.Item.
func (u User) Key() string { return u.Name }

// Equal implements plan.Item.
func (u User) Equal(User) bool { return true }

// Title implements plan.Titled.
func (u User) Title() string { return "user " + u.Name + " in cluster " + u.Cluster }
