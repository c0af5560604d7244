// Package globals has variables that change, for the test that finds them.
package globals

import "sync"

var (
	assigned  string
	counted   int
	table     = map[string]int{}
	list      = []int{1}
	config    struct{ Name string }
	lock      sync.Mutex
	guarded   struct{ mu sync.RWMutex }
	pointedAt int
	emptied   = map[string]int{}
	fixed     = map[string]int{"a": 1}
)

// Change changes them.
func Change() *int {
	assigned = "a"
	counted++
	table["a"] = fixed["a"]
	list[0] = 2
	config.Name = "b"
	lock.Lock()
	guarded.mu.Lock()
	delete(emptied, "a")
	fixed := 1
	fixed++
	return &pointedAt
}
