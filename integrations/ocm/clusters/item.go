package clusters

// The keys of items: a cluster has one of each.
const (
	cluster = "cluster"
	request = "merge-request"
)

// Item is a cluster, or the merge request for its datafile.
type Item struct {
	Cluster string `json:"cluster"`
	// What is one of the keys.
	What string `json:"what"`
	// Facts are a cluster's, and Kind is that of one that is there.
	Facts facts `json:"facts,omitempty"`
	Kind  kind  `json:"kind,omitempty"`
	// State is that of a cluster that is there and not ready.
	State string `json:"state,omitempty"`
	// Fill is what the request adds.
	Fill *fill `json:"fill,omitempty"`
}

// Key implements plan.Item.
func (i Item) Key() string { return i.What }

// Equal implements plan.Item. A cluster that is not ready is left to whoever makes it.
func (i Item) Equal(current Item) bool {
	if i.What == request || current.State != "" {
		return true
	}
	change, refused := i.Facts.differences(current.Facts, current.Kind)
	return len(change) == 0 && len(refused) == 0
}

// Explain implements plan.Explained.
func (i Item) Explain(current Item) string {
	change, refused := i.Facts.differences(current.Facts, current.Kind)
	return i.Facts.words(current.Facts, append(change, refused...))
}

// Title implements plan.Titled.
func (i Item) Title() string {
	if i.What == request {
		return "merge request that adds to the datafile of cluster " + i.Cluster + " " + i.Fill.words()
	}
	return "cluster " + i.Cluster
}
