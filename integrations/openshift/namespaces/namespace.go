package namespaces

// Namespace is one namespace of a cluster. There is nothing to it but that it exists.
type Namespace struct {
	Cluster string `json:"cluster"`
	Name    string `json:"name"`
	// Disputed says that app-interface wants it both to exist and to be gone. It is left as it is and reported.
	Disputed bool `json:"disputed,omitempty"`
}

// Key implements plan.Item.
func (n Namespace) Key() string { return n.Name }

// Equal implements plan.Item. A disputed namespace equals nothing, so that Vet sees it whether it exists or not.
func (n Namespace) Equal(Namespace) bool { return !n.Disputed }

// Title implements plan.Titled.
func (n Namespace) Title() string { return "namespace " + n.Name + " in cluster " + n.Cluster }
