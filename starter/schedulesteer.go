package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/app-sre/qontract-temporal/internal/clients/temporalapi"
	"github.com/app-sre/qontract-temporal/internal/fleet"
	"github.com/app-sre/qontract-temporal/internal/readonly"
)

// steering are the flags of the commands that steer schedules.
type steering struct {
	by, reason, output string
}

func (s *steering) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.by, "by", "", "who does it (default your user and host)")
	cmd.Flags().StringVarP(&s.output, "output", "o", "text", "text or json")
}

// steered is what became of one schedule.
type steered struct {
	Schedule string `json:"schedule"`
	Outcome  string `json:"outcome"`
	Error    string `json:"error,omitempty"`
}

func (p *program) schedulePauseCommand() *cobra.Command {
	s := &steering{}
	cmd := &cobra.Command{
		Use:     "pause NAME...",
		Short:   "Keep schedules from starting runs",
		Long:    "pause keeps schedules from starting runs, until somebody resumes them; `starter schedule apply` does not. Runs that are under way go on.",
		Example: "  starter schedule pause quay-membership --reason 'quay.io is down'\n  starter schedule pause 'openshift-*' --reason 'prod-1 is rebuilt'",
		Args:    someSchedules,
		RunE: func(cmd *cobra.Command, names []string) error {
			if strings.TrimSpace(s.reason) == "" {
				return usageError{errors.New("say why: --reason 'quay.io is down'")}
			}
			return p.steer(cmd.Context(), s, names, func(ctx context.Context, c *temporalapi.Client, is temporalapi.Live) (string, error) {
				if is.Paused {
					return "is paused already: " + fleet.ParseNote(is.Note).String(), nil
				}
				return "paused", c.PauseSchedule(ctx, is.ID, fleet.Pause{By: s.by, Reason: s.reason}.Note())
			})
		},
	}
	s.add(cmd)
	cmd.Flags().StringVar(&s.reason, "reason", "", "why; everybody sees it")
	return cmd
}

func (p *program) scheduleResumeCommand() *cobra.Command {
	s := &steering{}
	cmd := &cobra.Command{
		Use:     "resume NAME...",
		Short:   "Let paused schedules start runs again",
		Long:    "resume lets paused schedules start runs again. What schedules.yaml pauses is paused again by the next apply.",
		Example: "  starter schedule resume quay-membership",
		Args:    someSchedules,
		RunE: func(cmd *cobra.Command, names []string) error {
			return p.steer(cmd.Context(), s, names, func(ctx context.Context, c *temporalapi.Client, is temporalapi.Live) (string, error) {
				if !is.Paused {
					return "is not paused", nil
				}
				return "resumed", c.ResumeSchedule(ctx, is.ID, "resumed by "+s.by)
			})
		},
	}
	s.add(cmd)
	return cmd
}

func (p *program) scheduleTriggerCommand() *cobra.Command {
	s := &steering{}
	cmd := &cobra.Command{
		Use:     "trigger NAME...",
		Short:   "Start runs now",
		Long:    "trigger starts what the schedules start, now, also where they are paused. Where a run is under way it starts none.",
		Example: "  starter schedule trigger quay-membership",
		Args:    someSchedules,
		RunE: func(cmd *cobra.Command, names []string) error {
			return p.steer(cmd.Context(), s, names, func(ctx context.Context, c *temporalapi.Client, is temporalapi.Live) (string, error) {
				if len(is.Running) > 0 {
					return "skipped: under way already: workflow " + is.Running[0], nil
				}
				return "triggered", c.TriggerSchedule(ctx, is.ID)
			})
		},
	}
	s.add(cmd)
	return cmd
}

func (p *program) scheduleDeleteCommand() *cobra.Command {
	s := &steering{}
	cmd := &cobra.Command{
		Use:     "delete NAME...",
		Short:   "Remove schedules",
		Long:    "delete removes schedules of ours. The next apply makes those anew that are wanted: say `disabled: true` in schedules.yaml, or pause them.",
		Example: "  starter schedule delete quay-membership",
		Args:    someSchedules,
		RunE: func(cmd *cobra.Command, names []string) error {
			return p.steer(cmd.Context(), s, names, func(ctx context.Context, c *temporalapi.Client, is temporalapi.Live) (string, error) {
				return "deleted", c.DeleteSchedule(ctx, is.ID)
			})
		},
	}
	s.add(cmd)
	return cmd
}

// steer does one thing to each of the schedules. What fails for one keeps it from none of the others.
func (p *program) steer(ctx context.Context, s *steering, names []string, do func(context.Context, *temporalapi.Client, temporalapi.Live) (string, error)) error {
	if err := format(s.output, "text", "json"); err != nil {
		return err
	}
	s.by = cmp.Or(s.by, identity())
	c, closed, err := p.schedules(ctx, s.by)
	if err != nil {
		return err
	}
	defer closed()
	all, err := c.ListSchedules(ctx)
	if err != nil {
		return err
	}
	chosen, err := named(all, names)
	if err != nil {
		return err
	}
	results, failed := []steered{}, false
	for _, one := range chosen {
		outcome, err := do(readonly.Grant(ctx), c, one)
		result := steered{Schedule: one.ID, Outcome: outcome}
		if err != nil {
			failed, result.Outcome, result.Error = true, "failed", err.Error()
		}
		results = append(results, result)
		if s.output == "text" {
			fmt.Fprintln(p.stdout, strings.TrimSuffix(one.ID+": "+result.Outcome+": "+result.Error, ": "))
		}
	}
	if s.output == "json" {
		if err := writeJSON(p.stdout, results); err != nil {
			return err
		}
	}
	if failed {
		return exitError(exitFailure)
	}
	return nil
}
