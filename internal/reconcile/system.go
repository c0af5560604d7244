package reconcile

// System is an external system. All activities of the integrations that work on it share a task queue, and with
// it a rate limit and credentials.
type System string

// The systems that there are clients for.
const (
	AppInterface System = "app-interface"
	AWS          System = "aws"
	GitHub       System = "github"
	GitLab       System = "gitlab"
	Jenkins      System = "jenkins"
	Kubernetes   System = "kubernetes"
	OCM          System = "ocm"
	Prometheus   System = "prometheus"
	Quay         System = "quay"
	Slack        System = "slack"
	Temporal     System = "temporal"
	Vault        System = "vault"
)

// Queue is the task queue of the system's activities.
func (s System) Queue() string { return "act-" + string(s) }

// ActivitiesPerSecond is the system's rate limit over all workers; 0 means none.
func (s System) ActivitiesPerSecond() float64 {
	switch s {
	case Quay:
		return 20
	case AppInterface, AWS, GitHub, GitLab, Jenkins, Kubernetes, OCM, Prometheus, Slack, Temporal, Vault:
	}
	return 0
}
