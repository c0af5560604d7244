// Package views reads from Temporal what operators see: the state of the fleet, lists of runs, one run in detail. It asks
// few questions however many integrations there are: lists in place of one question for each, and of what cannot be
// listed only what is shown, some at a time.
package views

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/uilink"
)

const (
	// pageSize is the most that servers return in one answer.
	pageSize = 1000
	// atOnce bounds the questions that are asked side by side.
	atOnce = 16
)

// Source is where views are read. Its methods return errors as Temporal's client does, with what was asked for in front.
type Source struct {
	*connect.Connection
	Links uilink.Links
}

// list goes through the executions that match a query, the running ones first and then the latest to end. It asks for the
// next page only when somebody wants it.
func (s Source) list(ctx context.Context, query string, size int) iter.Seq2[*workflow.WorkflowExecutionInfo, error] {
	return func(yield func(*workflow.WorkflowExecutionInfo, error) bool) {
		for page := []byte(nil); ; {
			answer, err := s.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
				Namespace: s.Namespace, Query: query, PageSize: int32(size), NextPageToken: page,
			})
			if err != nil {
				yield(nil, err)
				return
			}
			for _, execution := range answer.GetExecutions() {
				if !yield(execution, nil) {
					return
				}
			}
			if page = answer.GetNextPageToken(); len(page) == 0 {
				return
			}
		}
	}
}

// unsearchable says whether a query was refused because the server does not know the search attributes.
func unsearchable(err error) bool {
	var invalid *serviceerror.InvalidArgument
	return errors.As(err, &invalid) && strings.Contains(invalid.Message, "search attribute")
}

// fromMemo reads a field, or its zero value where it is not there or not to be read.
func fromMemo[T any](s Source, memo *common.Memo, field string) T {
	var value T
	if payload, ok := memo.GetFields()[field]; ok {
		_ = s.Payloads.Converter.FromPayload(payload, &value)
	}
	return value
}

// quoted is a text in a query.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// in is the condition that a field has one of the values.
func in(field string, values []string) string {
	all := make([]string, len(values))
	for i, value := range values {
		all[i] = quoted(value)
	}
	return fmt.Sprintf("%s IN (%s)", field, strings.Join(all, ", "))
}

// and joins the conditions that are there.
func and(conditions ...string) string {
	var all []string
	for _, condition := range conditions {
		if condition != "" {
			all = append(all, condition)
		}
	}
	return strings.Join(all, " AND ")
}
