package cluster_test

import "time"

// The API server's authorizer and its controllers work from watches: what was written counts a moment later.
const (
	binding = 20 * time.Second
	tick    = 20 * time.Millisecond
)
