package openshiftsaasdeploytriggercleaner

// Run is a PipelineRun.
type Run struct {
	Cluster   string `json:"cluster"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// UID tells a run from another one that takes its name later.
	UID string `json:"uid"`
}

// Key implements plan.Item.
func (r Run) Key() string { return r.Namespace + "/" + r.Name }

// Title implements plan.Titled.
func (r Run) Title() string { return "PipelineRun " + r.Key() + " in cluster " + r.Cluster }

// Equal implements plan.Item. A run that is kept stays as it is.
func (r Run) Equal(Run) bool { return true }
