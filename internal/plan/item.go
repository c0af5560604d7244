package plan

// Item is one thing that is kept as app-interface wants it. Both methods are pure. An item holds no secret value,
// only a reference to one or a digest.
type Item[T any] interface {
	// Key identifies the item within its scope.
	Key() string
	// Equal says whether the current item already is as this, the desired one, wants it.
	Equal(current T) bool
}

// Titled is an item that has a name in words, such as "ResourceQuota team-a/default in cluster prod-1". Without
// it the key is shown.
type Titled interface {
	Title() string
}

// Explained is an item that can say how a current item differs from it.
type Explained[T any] interface {
	Explain(current T) string
}

// Ordered is an item that others build on or that builds on others: creates and updates run by ascending wave,
// deletes by descending wave. Items of one wave run side by side.
type Ordered interface {
	Wave() int
}
