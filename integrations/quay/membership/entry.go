package membership

// Entry is a team, or with a member one membership of it.
type Entry struct {
	// Org is <instance>/<organisation>.
	Org    string `json:"org"`
	Team   string `json:"team"`
	Member string `json:"member,omitempty"`
}

// Key implements plan.Item.
func (e Entry) Key() string {
	if e.Member == "" {
		return e.Team
	}
	return e.Team + "/" + e.Member
}

// Equal implements plan.Item: an entry has nothing besides its key.
func (e Entry) Equal(Entry) bool { return true }

// Title implements plan.Titled.
func (e Entry) Title() string {
	team := "team " + e.Team + " of " + e.Org
	if e.Member == "" {
		return team
	}
	return "membership of " + e.Member + " in " + team
}

// Wave implements plan.Ordered: a team comes before its members.
func (e Entry) Wave() int {
	if e.Member == "" {
		return 0
	}
	return 1
}
