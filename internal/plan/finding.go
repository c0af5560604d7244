package plan

// Finding is one thing that a validator found. Findings of severity Error fail the run.
type Finding struct {
	Severity Severity `json:"severity"`
	// Subject names the object, such as "app payments".
	Subject string `json:"subject"`
	// Message says what is wrong and what to do about it.
	Message string `json:"message"`
}

// Severity says whether a finding fails the run.
type Severity string

// The two severities.
const (
	SeverityError Severity = "error"
	SeverityInfo  Severity = "info"
)
