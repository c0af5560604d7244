package mergerequest

// Labels that mean something to the merge queue and to people, as the reference writes them.
const (
	AutoMerge        = "bot/automerge"
	Approved         = "bot/approved"
	Hold             = "do-not-merge/hold"
	PendingReview    = "do-not-merge/pending-review"
	BotHold          = "bot/hold"
	AwaitingApproval = "awaiting-approval"
)

// ApprovedWith is the label of an approval with a priority, such as progressive-delivery.
func ApprovedWith(priority string) string { return Approved + ": " + priority }
