package workflows

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

// undertaking is the workflow of a scope of a long-running integration, or of a change that is followed. It carries the steps of its plan one after the
// other as far as each goes, leaves those that wait for a while, and ends when none is open. Runs that join it have it
// compare anew; it answers them when nothing goes on but waiting.
type undertaking struct {
	*run
	steps []*Step
	// offer is what is wanted by now, where that was not looked at yet.
	offer *Input
	// joined are the runs that wait for an answer.
	joined    []Execution
	cancelled *Decision
	// plan is the latest one, and failures are what was wrong with it.
	plan      plan.Plan
	failures  []Failure
	held      []HeldChange
	published published
}

// undertake runs the scope until no step is open.
func (r *run) undertake(ctx workflow.Context) (*Result, error) {
	u := &undertaking{run: r}
	r.searchable = r.in.Scope.Searchable
	r.progress.Scope = r.in.Scope.Name
	for i := range r.in.Carried {
		u.steps = append(u.steps, &r.in.Carried[i])
	}
	switch {
	case len(u.steps) == 0:
		u.join(r.in)
	case r.in.Followed:
		u.follow()
	}
	if err := u.listen(ctx); err != nil {
		return nil, err
	}
	for {
		if err := u.work(ctx); err != nil {
			return nil, err
		}
		if err := u.answer(ctx); err != nil {
			return nil, err
		}
		if u.over() {
			if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) || u.busy(ctx) }); err != nil {
				return nil, u.abandon(ctx, err)
			}
			if !u.busy(ctx) {
				break
			}
			continue
		}
		if workflow.GetInfo(ctx).GetContinueAsNewSuggested() && len(u.joined) == 0 && !u.busy(ctx) && workflow.AllHandlersFinished(ctx) {
			return nil, u.continueAsNew(ctx)
		}
		if _, err := workflow.AwaitWithTimeout(ctx, u.rest(workflow.Now(ctx)), func() bool { return u.busy(ctx) }); err != nil {
			return nil, u.abandon(ctx, err)
		}
	}
	if err := remember(ctx, u.plan, u.failed); err != nil {
		return nil, err
	}
	return u.result, u.result.err()
}

// work carries on until every step is over or has its time to come.
func (u *undertaking) work(ctx workflow.Context) error {
	for u.take(ctx); u.cancelled == nil; u.take(ctx) {
		if u.offer != nil {
			u.compareAnew(ctx)
		}
		step := u.next(workflow.Now(ctx))
		if step == nil {
			break
		}
		u.carryOn(ctx, step)
		if err := ctx.Err(); err != nil {
			return u.abandon(ctx, err)
		}
	}
	u.expire(workflow.Now(ctx))
	u.show(ctx, "")
	return nil
}

// compareAnew makes the plan of what is wanted by now. A step that is wanted still goes on as it stands and is looked at
// at once; one that is not is dropped. Where there is no plan the steps are those of the one before.
func (u *undertaking) compareAnew(ctx workflow.Context) {
	u.in, u.offer = *u.offer, nil
	u.notifies = u.in.Scope.Notify
	scope := u.in.Scope.Scope
	u.result = newRun(ctx, u.spec, u.in).result
	u.result.Bundle = scope.Bundle.SHA
	u.failures, u.held = nil, nil
	p, err := u.compare(ctx, scope)
	if err == nil {
		p, err = u.hold(ctx, scope, p)
	}
	u.held = u.result.Held
	if err != nil {
		u.failures = append(u.failures, failureOf(scope.Name, err))
		for _, step := range u.steps {
			step.Wake = step.Wake || step.open()
		}
		return
	}
	u.plan = p
	for _, problem := range p.Problems {
		u.failures = append(u.failures, Failure{Scope: scope.Name, Kind: "Invalid", Message: problem})
	}
	for _, refused := range p.Refused {
		u.failures = append(u.failures, Failure{Scope: scope.Name, Kind: refused.Kind, Message: refused.Summary + ": " + refused.Message})
	}
	u.steps = u.merge(p.Changes, workflow.Now(ctx))
}

// merge returns the steps of the changes behind those that are over. What a run has been told of is forgotten.
func (u *undertaking) merge(changes []plan.Raw, now time.Time) []*Step {
	var steps []*Step
	before := map[string]*Step{}
	for _, step := range u.steps {
		if step.closed() && !step.Reported {
			steps = append(steps, step)
		}
		before[step.Key] = step
	}
	for _, change := range changes {
		step := before[change.Key]
		if step == nil || !step.open() {
			step = newStep(change, now)
		}
		step.Change, step.Summary, step.Wake = change, change.Summary, true
		steps = append(steps, step)
	}
	return steps
}

// next is the step whose turn it is: the first that is to be looked at now, with none open in an earlier wave.
func (u *undertaking) next(now time.Time) *Step {
	for _, step := range u.steps {
		if step.skip != nil {
			return step
		}
		if step.open() && (step.Wake || step.Next != nil && !now.Before(*step.Next)) && u.ready(step) {
			return step
		}
	}
	return nil
}

// ready says whether every step of an earlier wave is done or skipped.
func (u *undertaking) ready(step *Step) bool {
	return !slices.ContainsFunc(u.steps, func(other *Step) bool {
		return !sameWave(other.Change.Head, step.Change.Head) && earlier(other.Change.Head, step.Change.Head) && !other.closed()
	})
}

func earlier(a, b plan.Head) bool {
	if (a.Action == plan.Delete) != (b.Action == plan.Delete) {
		return b.Action == plan.Delete
	}
	return (a.Wave < b.Wave) == (a.Action != plan.Delete)
}

// carryOn looks at a step, or takes it for done because a person says so.
func (u *undertaking) carryOn(ctx workflow.Context, step *Step) {
	scope := u.in.Scope.Scope
	if skip := step.skip; skip != nil {
		step.refusal = u.step(ctx, StepSkip, "skip: "+step.Summary, nil, scope, step.Change)
		if step.refusal == nil {
			step.become(StepSkipped, "skipped by "+cmp.Or(skip.By, "somebody")+": "+skip.Reason, workflow.Now(ctx))
		}
		step.skip = nil
		return
	}
	afresh, change := step.afresh, step.Change
	change.Begun = u.in.Followed && step.Tries > 0
	step.Wake, step.afresh = false, false
	u.show(ctx, step.Summary)
	var stand plan.Stand
	err := u.step(ctx, StepAdvance, step.Summary, &stand, scope, change, afresh)
	now := workflow.Now(ctx)
	step.Tries++
	switch {
	case err != nil:
		u.fail(ctx, step, failureOf("", err))
	case stand.Phase == plan.PhaseDone:
		step.become(StepDone, stand.Words, now)
	case stand.Phase == plan.PhaseBlocked:
		step.become(StepBlocked, stand.Words, now)
		if stand.NotBefore != nil {
			step.lookAgain(u.firstLook(), stand.Within, stand.NotBefore, now)
		}
	default:
		step.become(StepWaiting, stand.Words, now)
		step.lookAgain(u.firstLook(), stand.Within, stand.NotBefore, now)
	}
	if stand.Late && !step.Late {
		u.tellOf(ctx, step, Late)
	}
	step.Late = stand.Late
}

// fail notes that a step could not be carried on.
func (u *undertaking) fail(ctx workflow.Context, step *Step, failure Failure) {
	now := workflow.Now(ctx)
	if u.goesOn(step, failure) {
		step.become(StepWaiting, "it cannot be looked at: "+failure.Message, now)
		step.lookAgain(u.firstLook(), 0, nil, now)
		return
	}
	step.Kind = failure.Kind
	step.become(StepFailed, failure.Message, now)
	if len(u.joined) == 0 {
		u.tellOf(ctx, step, Unfinished)
	}
}

func (u *undertaking) firstLook() time.Duration { return cmp.Or(u.spec.FirstRetry, firstLook) }

// expire ends the steps that nothing came of.
func (u *undertaking) expire(now time.Time) {
	for _, step := range u.steps {
		if deadline := step.deadline(u.spec.ApprovalDeadline); !deadline.IsZero() && !now.Before(deadline) {
			step.Kind = "Unavailable"
			step.become(StepFailed, fmt.Sprintf("nothing came of it since %s: %s", step.Since.UTC().Format(time.DateTime), step.Words), now)
		}
	}
}

// rest is how long nothing has to be done.
func (u *undertaking) rest(now time.Time) time.Duration {
	rest := waitingDeadline
	for _, step := range u.steps {
		if step.Next != nil && u.ready(step) {
			rest = min(rest, step.Next.Sub(now))
		}
		if deadline := step.deadline(u.spec.ApprovalDeadline); !deadline.IsZero() {
			rest = min(rest, deadline.Sub(now))
		}
	}
	return max(rest, 0)
}

// busy says whether a message asks for something, or a step that was not its turn has it.
func (u *undertaking) busy(ctx workflow.Context) bool {
	if messages(ctx) || u.cancelled != nil {
		return messages(ctx)
	}
	return u.offer != nil || u.next(workflow.Now(ctx)) != nil
}

// over says whether there is nothing left to wait for. Steps behind a failed one are left to the next run.
func (u *undertaking) over() bool {
	if u.offer != nil || len(u.joined) > 0 {
		return false
	}
	return u.cancelled != nil || !slices.ContainsFunc(u.steps, func(step *Step) bool { return step.open() && u.ready(step) })
}

// settled says whether the runs that joined need not stay.
func (u *undertaking) settled() bool {
	return !slices.ContainsFunc(u.steps, func(step *Step) bool {
		return step.open() && u.ready(step) && !step.patient(u.firstLook())
	})
}

// answer tells the runs that joined what has come of the steps, once nothing goes on but waiting.
func (u *undertaking) answer(ctx workflow.Context) error {
	if u.cancelled == nil && !u.settled() {
		return nil
	}
	u.sum()
	if err := u.publish(ctx); err != nil {
		return err
	}
	joined := u.joined
	u.joined = nil
	id := workflow.GetInfo(ctx).WorkflowExecution.ID
	for _, run := range joined {
		answer := Settled{WorkflowID: id, Result: *u.result}
		// A run that has ended meanwhile needs no answer.
		if err := workflow.SignalExternalWorkflow(ctx, run.WorkflowID, run.RunID, SettledSignal, answer).Get(ctx, nil); err != nil {
			workflow.GetLogger(ctx).Info("a run does not take its answer", "run", run.WorkflowID, "error", err)
		}
	}
	if len(joined) > 0 {
		for _, step := range u.steps {
			step.Reported = step.Reported || step.closed()
		}
	}
	return nil
}

// publishNews is the change by which search attributes are set where they say something else than before, and no longer
// at each look at a step that waits.
const publishNews = "publish-news"

// publish puts the outcome into the search attributes.
func (u *undertaking) publish(ctx workflow.Context) error {
	if !u.searchable {
		return nil
	}
	news := published{u.result.Outcome, len(u.result.Changes) + len(u.result.Held), u.result.Bundle}
	if workflow.GetVersion(ctx, publishNews, workflow.DefaultVersion, 1) != workflow.DefaultVersion && news == u.published {
		return nil
	}
	u.published = news
	return publish(ctx, u.progress.Scope, u.result)
}

// published is what the search attributes say.
type published struct {
	outcome Outcome
	changes int
	bundle  string
}

// sum makes the result: what was done since the last answer, and where the open steps stand.
func (u *undertaking) sum() {
	r := u.result
	scope := u.progress.Scope
	r.Changes, r.Held, r.Errors = []Change{}, append([]HeldChange{}, u.held...), append([]Failure{}, u.failures...)
	for _, step := range u.steps {
		if step.Reported {
			continue
		}
		outcome, words := step.outcome(), step.Words
		if step.State == StepPending {
			words = "after " + strings.Join(u.before(step), ", ")
		}
		givenUp := u.cancelled != nil && step.open()
		if givenUp {
			outcome = Failed
		}
		r.Changes = append(r.Changes, Change{Head: step.Change.Head, Scope: scope, Outcome: outcome, Note: words})
		if outcome == Failed && !givenUp {
			u.failed[step.Key] = true
			r.Errors = append(r.Errors, Failure{Scope: scope, Kind: step.Kind, Message: step.Summary + ": " + step.Words})
		}
	}
	if u.cancelled != nil {
		r.Errors = append(r.Errors, Failure{Scope: scope, Message: fmt.Sprintf("cancelled by %s: %s; the next run goes on", cmp.Or(u.cancelled.By, "somebody"), u.cancelled.Comment)})
	}
	r.Outcome = r.outcome()
}

// before names the steps that one waits for.
func (u *undertaking) before(step *Step) []string {
	var keys []string
	for _, other := range u.steps {
		if earlier(other.Change.Head, step.Change.Head) && !sameWave(other.Change.Head, step.Change.Head) && !other.closed() {
			keys = append(keys, other.Key)
		}
	}
	return keys
}

// abandon answers the runs that joined when Temporal cancels the workflow.
func (u *undertaking) abandon(ctx workflow.Context, err error) error {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	u.cancelled = &Decision{By: "Temporal", Comment: "the workflow was cancelled"}
	if answerErr := u.answer(ctx); answerErr != nil {
		return answerErr
	}
	return err
}

func (u *undertaking) continueAsNew(ctx workflow.Context) error {
	next := u.in
	next.ReplyTo, next.Carried = nil, nil
	for _, step := range u.steps {
		if !step.Reported {
			next.Carried = append(next.Carried, *step)
		}
	}
	return workflow.NewContinueAsNewError(ctx, workflow.GetInfo(ctx).WorkflowType.Name, next)
}

// show puts the steps where people see them. Under way is what is being done, or "".
func (u *undertaking) show(ctx workflow.Context, underWay string) {
	u.progress.Step = "waiting"
	if underWay != "" {
		u.progress.Step = underWay
	}
	u.progress.Steps = u.progress.Steps[:0]
	u.progress.Changes, u.progress.Applied, u.progress.Failed = len(u.steps), 0, 0
	for _, step := range u.steps {
		u.progress.Steps = append(u.progress.Steps, step.StepProgress)
		switch {
		case step.closed():
			u.progress.Applied++
		case step.State == StepFailed:
			u.progress.Failed++
		}
	}
	workflow.SetCurrentDetails(ctx, stepsMarkdown(u.progress.Steps, u.failures))
}

// stepsMarkdown is what the current details show.
func stepsMarkdown(steps []StepProgress, failures []Failure) string {
	var b strings.Builder
	if len(steps) > 0 {
		b.WriteString("| step | state | since | |\n|---|---|---|---|\n")
	}
	for _, step := range steps {
		b.WriteString(fmt.Sprintf("| %s | **%s** | %s | %s |\n", step.Key, step.State, step.Since.UTC().Format(time.DateTime), strings.ReplaceAll(step.Words, "|", "\\|")))
	}
	for _, failure := range failures {
		b.WriteString("- " + failure.String() + "\n")
	}
	if slices.ContainsFunc(steps, func(s StepProgress) bool { return s.State == StepBlocked }) {
		b.WriteString("\nWhat is blocked waits for a person: send the update `" + RetryStepMessage + "` or `" + SkipStepMessage + "`, or use `starter retry-step` and `starter skip-step`.\n")
	}
	if b.Len() == 0 {
		return "nothing to do"
	}
	return b.String()
}
