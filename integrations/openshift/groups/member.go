package groups

// Member is a group of a cluster, or with a user one membership in it.
type Member struct {
	Cluster string `json:"cluster"`
	Group   string `json:"group"`
	User    string `json:"user,omitempty"`
}

// Key implements plan.Item.
func (m Member) Key() string {
	if m.User == "" {
		return m.Group
	}
	return m.Group + "/" + m.User
}

// Equal implements plan.Item: a member has nothing besides its key.
func (m Member) Equal(Member) bool { return true }

// Title implements plan.Titled.
func (m Member) Title() string {
	group := "group " + m.Group + " in cluster " + m.Cluster
	if m.User == "" {
		return group
	}
	return "membership of " + m.User + " in " + group
}

// Wave implements plan.Ordered: a group comes before its members.
func (m Member) Wave() int {
	if m.User == "" {
		return 0
	}
	return 1
}
