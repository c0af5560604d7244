package namespaces

// Namespace is one namespace of a cluster. There is nothing to it but that it exists.
type Namespace struct {
	Cluster string `json:"cluster"`
	Name    string `json:"name"`
}

// Key implements plan.Item.
func (n Namespace) Key() string { return n.Name }

// Equal implements plan.Item.
func (n Namespace) Equal(Namespace) bool { return true }

// Title implements plan.Titled.
func (n Namespace) Title() string { return "namespace " + n.Name + " in cluster " + n.Cluster }
