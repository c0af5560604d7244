package workflows

import (
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// Input starts a run of an integration.
type Input struct {
	DryRun bool `json:"dryRun,omitempty"`
	// Args are the integration's flags as they were given.
	Args plan.Args `json:"args,omitempty"`
	// Unpinned reads whatever bundle is current at each query.
	Unpinned bool `json:"unpinned,omitempty"`
	// AnySchema lifts the allow-list of schemas in the integration's datafile.
	AnySchema bool `json:"anySchema,omitempty"`
	// Bundle is the sha of the bundle that a dry run reads in place of the current one.
	Bundle string `json:"bundle,omitempty"`
	// CompareWith makes a dry run cover only what differs from another bundle.
	CompareWith *CompareWith `json:"compareWith,omitempty"`
	// Approved limits the run to held changes that a person has approved.
	Approved *ApprovedChanges `json:"approved,omitempty"`
	// Scope is set in the child workflow of one scope.
	Scope *ScopeInput `json:"scope,omitempty"`
	// ReplyTo is the run that the workflow of a long-running scope answers.
	ReplyTo *Execution `json:"replyTo,omitempty"`
	// Carried are the steps of a long-running scope that goes on in a new history, or the one that is followed.
	Carried []Step `json:"carried,omitempty"`
	// Followed says that the workflow follows one change of an integration whose runs are ordinary.
	Followed bool `json:"followed,omitempty"`
}

// Execution is a run of a workflow.
type Execution struct {
	WorkflowID string `json:"workflowId"`
	RunID      string `json:"runId"`
}

// ScopeInput is what a run hands to the child of one scope.
type ScopeInput struct {
	plan.Scope
	// Searchable says that the server knows the search attributes.
	Searchable bool `json:"searchable,omitempty"`
	// Notify says that people are told of approvals.
	Notify bool `json:"notify,omitempty"`
}

// Opened is the answer of the open step: what the run is pinned to and what it covers.
type Opened struct {
	Bundle plan.Bundle `json:"bundle"`
	// Args are the flags with their defaults filled in.
	Args plan.Args `json:"args,omitempty"`
	// Sharded says that each of Shards gets a child workflow; otherwise the run covers everything itself.
	Sharded bool     `json:"sharded,omitempty"`
	Shards  []string `json:"shards,omitempty"`
	// Searchable says that the server knows the search attributes.
	Searchable bool `json:"searchable,omitempty"`
	// Standing is what people know of the integration's runs; nil where nobody is told anything.
	Standing *Standing `json:"standing,omitempty"`
	// Skipped says why there is nothing to run; then no bundle is pinned and no scope listed.
	Skipped string `json:"skipped,omitempty"`
}

// Applied is the answer of the apply step for a batch: the changes that failed for good.
type Applied struct {
	Failures []ChangeFailure `json:"failures,omitempty"`
}

// ChangeFailure is a change that could not be applied.
type ChangeFailure struct {
	Key     string `json:"key"`
	Kind    string `json:"kind,omitempty"`
	Message string `json:"message"`
}

// Outcome sums a run up.
type Outcome string

// The outcomes.
const (
	Clean   Outcome = "clean"
	Planned Outcome = "planned"
	Success Outcome = "applied"
	Held    Outcome = "held"
	// Waiting means that changes are begun and wait for others; the workflows of their scopes go on.
	Waiting Outcome = "waiting"
	Failed  Outcome = "failed"
	// Invalid means that a validator found faults.
	Invalid Outcome = "invalid"
	// Skipped means that the run was not to be, or that there was nothing to run: the result's reason or its comparison says
	// why.
	Skipped Outcome = "skipped"
	// Stuck is what the search attribute of a run that goes on says while none of its steps ends. No run ends with it.
	Stuck Outcome = "stuck"
)

// Result is what a run ends with, as `starter run -o json` prints it.
type Result struct {
	Integration string       `json:"integration"`
	WorkflowID  string       `json:"workflowId"`
	RunID       string       `json:"runId"`
	DryRun      bool         `json:"dryRun"`
	Bundle      string       `json:"bundle"`
	Outcome     Outcome      `json:"outcome"`
	Changes     []Change     `json:"changes"`
	Findings    []Found      `json:"findings"`
	Held        []HeldChange `json:"held"`
	Errors      []Failure    `json:"errors"`
	// Comparison is there where the run was compared with another bundle.
	Comparison *Comparison `json:"comparison,omitempty"`
	// Reason is why the run was skipped.
	Reason string `json:"reason,omitempty"`
}

// Change is one change of a run and what became of it.
type Change struct {
	plan.Head
	Scope string `json:"scope"`
	// Outcome is "planned", "applied", "failed" or "waiting".
	Outcome Outcome `json:"outcome"`
	// Note says what a change waits for.
	Note string `json:"note,omitempty"`
}

// HeldChange is a change that waits for approval.
type HeldChange struct {
	plan.Head
	Scope string `json:"scope"`
	// Guard is why.
	Guard string `json:"guard"`
	// Approval is the workflow that waits for the decision; "" in a dry run.
	Approval string `json:"approval,omitempty"`
}

// Found is a finding with the scope that it was found in.
type Found struct {
	plan.Finding
	Scope string `json:"scope"`
}

// Failure is one error of a run.
type Failure struct {
	Scope string `json:"scope"`
	// Kind is the error's kind as internal/apierr names it, or "".
	Kind    string `json:"kind,omitempty"`
	Message string `json:"message"`
}

// The kinds of internal/apierr that the workflows tell apart.
const (
	guardKind    = "Guard"
	conflictKind = "Conflict"
)

// FailedRun is the type of the error that a run ends with when something failed; its details hold the Result.
const FailedRun = "RunFailed"

// ProgressQuery is the name of the query that answers with a Progress.
const ProgressQuery = "progress"

// Applying is the step of a Progress in which changes are applied.
const Applying = "applying"

// Progress says where a run stands.
type Progress struct {
	Scope string `json:"scope,omitempty"`
	// Step is in words, such as "reading the current state".
	Step    string `json:"step"`
	Changes int    `json:"changes"`
	Applied int    `json:"applied"`
	Failed  int    `json:"failed"`
	// Stuck says that no step has ended for long.
	Stuck bool `json:"stuck,omitempty"`
	// Scopes are the children of a run that is split, by scope in the order of the run.
	Scopes []ScopeProgress `json:"scopes,omitempty"`
	// Steps are the changes of a long-running scope.
	Steps []StepProgress `json:"steps,omitempty"`
}

// ScopeProgress is the state of one child.
type ScopeProgress struct {
	Scope      string `json:"scope"`
	WorkflowID string `json:"workflowId"`
	// Outcome is empty until the child has ended.
	Outcome Outcome `json:"outcome,omitempty"`
	Started bool    `json:"started"`
}
