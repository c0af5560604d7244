package terraforminit

// Part is one of the two things that an account needs for Terraform's state: the bucket, or what tells app-interface of
// it.
type Part struct {
	Account string `json:"account"`
	// Bucket is the bucket's name, and Region where it is; both are empty for the template collection.
	Bucket string `json:"bucket,omitempty"`
	Region string `json:"region,omitempty"`
	// Path is the template collection's in app-interface's repository. What is there or open already has no Content.
	Path    string `json:"path,omitempty"`
	Content string `json:"content,omitempty"`
	// AutoMerge says that the merge request is to go in by itself.
	AutoMerge bool `json:"autoMerge,omitempty"`
}

// Key implements plan.Item.
func (p Part) Key() string {
	if p.Bucket != "" {
		return "bucket"
	}
	return "merge request"
}

// Equal implements plan.Item: what is there stays as it is. The content of a template collection has the time of its
// making in it, and people may have changed it.
func (p Part) Equal(Part) bool { return true }

// Title implements plan.Titled.
func (p Part) Title() string {
	if p.Bucket != "" {
		return "bucket " + p.Bucket + " in " + p.Region + " of AWS account " + p.Account
	}
	return "merge request for the Terraform state of AWS account " + p.Account
}

// Wave implements plan.Ordered: the request names the bucket, which has to be there.
func (p Part) Wave() int {
	if p.Bucket != "" {
		return 0
	}
	return 1
}
