package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/converter"

	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/workflows"
)

func (p *program) watchCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "watch WORKFLOW",
		Short: "Follow a run to its end",
		Long: "watch shows the progress of a run that was started elsewhere, and ends as `starter run` does. The run goes on when watching is interrupted.\n" +
			"Of a scope whose changes wait for others, such as an AWS account, it shows each step with its state and since when.",
		Example: "  starter watch openshift-resourcequotas\n  starter watch openshift-resourcequotas/prod-1 -o json\n  starter watch aws-account-manager/payer-1/team-a",
		Args:    exactly(1, "the ID of one workflow"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := format(output, "text", "json"); err != nil {
				return err
			}
			c, err := p.connect(cmd.Context())
			if err != nil {
				return err
			}
			defer c.Close()
			result, err := p.watcher(c).follow(cmd.Context(), args[0], "")
			if err != nil {
				return err
			}
			if err := p.print(output, result); err != nil {
				return err
			}
			p.printPage(output, c, result)
			return exitOf(result, false)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text or json")
	return cmd
}

// watcher shows the progress of runs.
type watcher struct {
	client *connect.Connection
	out    io.Writer
	live   bool
	shown  string
	// steps are the lines about steps that were shown, by workflow and step.
	steps map[string]string
}

func (p *program) watcher(c *connect.Connection) *watcher {
	return &watcher{client: c, out: p.stderr, live: p.interactive(), steps: map[string]string{}}
}

// lookEvery is the pause between two looks at a run.
const lookEvery = 500 * time.Millisecond

// follow shows progress until the run has ended, and returns its result. When ctx ends first the run goes on.
func (w *watcher) follow(ctx context.Context, workflowID, runID string) (*workflows.Result, error) {
	type end struct {
		result *workflows.Result
		err    error
	}
	ended := make(chan end, 1)
	go func() {
		result := &workflows.Result{}
		err := w.client.GetWorkflow(ctx, workflowID, runID).Get(ctx, result)
		if failed := workflows.ResultOf(err); failed != nil {
			result, err = failed, nil
		}
		ended <- end{result, err}
	}()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case e := <-ended:
			_ = w.describe(ctx, workflowID, runID)
			w.clear()
			return e.result, w.explain(ctx, workflowID, e.err)
		case <-ctx.Done():
			return nil, w.explain(ctx, workflowID, ctx.Err())
		case <-ticker.C:
			w.show(w.describe(ctx, workflowID, runID))
		}
	}
}

// explain says what an error of waiting means for the run.
func (w *watcher) explain(ctx context.Context, workflowID string, err error) error {
	var missing *serviceerror.NotFound
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		w.clear()
		fmt.Fprintf(w.out, "Detached; the run goes on. `starter watch %s` shows it again.\n", workflowID)
		return exitError(exitDetached)
	case errors.As(err, &missing):
		return fmt.Errorf("there is no workflow %q; `starter list` names the integrations, and a run has its integration's name", workflowID)
	}
	return fmt.Errorf("workflow %s: %w", workflowID, err)
}

// describe says in one line where the run stands.
func (w *watcher) describe(ctx context.Context, workflowID, runID string) string {
	ctx, cancel := context.WithTimeout(ctx, 4*lookEvery)
	defer cancel()
	progress, err := w.progress(ctx, workflowID, runID)
	if err != nil {
		return "waiting for a worker"
	}
	w.showSteps(workflowID, progress.Steps)
	done, text := 0, progress.Step
	var running []string
	for _, scope := range progress.Scopes {
		switch {
		case scope.Outcome != "":
			done++
		case scope.Started:
			running = append(running, scope.Scope)
		}
	}
	if len(progress.Scopes) > 0 {
		text = fmt.Sprintf("%d of %d scopes done", done, len(progress.Scopes))
		if len(running) > 0 {
			text += ", " + w.describeScope(ctx, progress, running)
		}
	} else if progress.Changes > 0 && progress.Step == workflows.Applying {
		text += fmt.Sprintf(", %d of %d changes applied", progress.Applied, progress.Changes)
		if progress.Failed > 0 {
			text += fmt.Sprintf(", %d failed", progress.Failed)
		}
	}
	if trouble := w.trouble(ctx, workflowID, runID); trouble != "" {
		text += "; " + trouble
	}
	return text
}

// describeScope looks at the first scope that runs and counts the others.
func (w *watcher) describeScope(ctx context.Context, progress workflows.Progress, running []string) string {
	text := strings.Join(running, ", ")
	const few = 3
	if len(running) > few {
		text = fmt.Sprintf("%s and %d more", strings.Join(running[:few], ", "), len(running)-few)
	}
	for _, scope := range progress.Scopes {
		if scope.Scope == running[0] {
			return text + " running; " + scope.Scope + ": " + w.describe(ctx, scope.WorkflowID, "")
		}
	}
	return text
}

func (w *watcher) progress(ctx context.Context, workflowID, runID string) (workflows.Progress, error) {
	var progress workflows.Progress
	answer, err := w.client.QueryWorkflow(ctx, workflowID, runID, workflows.ProgressQuery)
	if err != nil {
		return progress, err
	}
	return progress, answer.Get(&progress)
}

// trouble names the error of a step that is being tried again.
func (w *watcher) trouble(ctx context.Context, workflowID, runID string) string {
	description, err := w.client.DescribeWorkflowExecution(ctx, workflowID, runID)
	if err != nil {
		return ""
	}
	for _, pending := range description.GetPendingActivities() {
		if last := pending.GetLastFailure(); last != nil {
			converter.DecodeCommonFailureAttributes(w.client.Payloads.Converter, last)
			return fmt.Sprintf("trying again (attempt %d): %s", pending.GetAttempt(), last.GetMessage())
		}
	}
	return ""
}

// showSteps writes a line for each step that stands otherwise than before.
func (w *watcher) showSteps(workflowID string, steps []workflows.StepProgress) {
	for _, step := range steps {
		line := fmt.Sprintf("%s  %s: %s", step.Since.Local().Format(time.DateTime), step.Key, step.State)
		if step.Words != "" {
			line += ": " + step.Words
		}
		key := workflowID + "/" + step.Key
		if w.steps[key] == line {
			continue
		}
		w.steps[key] = line
		w.clear()
		fmt.Fprintln(w.out, line)
	}
}

// show writes the line where it differs from the one before.
func (w *watcher) show(line string) {
	if line == w.shown {
		return
	}
	w.shown = line
	if w.live {
		fmt.Fprint(w.out, "\r\x1b[K"+line)
		return
	}
	fmt.Fprintln(w.out, line)
}

func (w *watcher) clear() {
	if w.live && w.shown != "" {
		fmt.Fprint(w.out, "\r\x1b[K")
	}
	w.shown = ""
}

// warnWithoutWorker says so when no worker takes the integration's runs.
func (w *watcher) warnWithoutWorker(ctx context.Context, integration string) {
	if why := untaken(ctx, w.client, integration); why != "" {
		fmt.Fprintln(w.out, why)
	}
}
