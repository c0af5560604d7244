package reconcile

// System is an external system. All activities of the integrations that work on it share a task queue, and with
// it a rate limit and credentials.
type System string

// The systems that there are clients for.
const (
	AppInterface System = "app-interface"
	Kubernetes   System = "kubernetes"
	Quay         System = "quay"
)

// Queue is the task queue of the system's activities.
func (s System) Queue() string { return "act-" + string(s) }

// ActivitiesPerSecond is the system's rate limit over all workers; 0 means none.
func (s System) ActivitiesPerSecond() float64 {
	switch s {
	case Quay:
		return 20
	case AppInterface, Kubernetes:
	}
	return 0
}
