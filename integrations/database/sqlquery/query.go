package sqlquery

import (
	"fmt"
	"time"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
)

// Stage is how far a query is.
type Stage int

// The stages, in their order.
const (
	// Made is a query whose objects are there.
	Made Stage = iota + 1
	// Ended is one whose Job has ended well.
	Ended
	// Cleared is one whose objects are gone again.
	Cleared
)

// Query is a query and how far it is, or is to come. It has no SQL: the objects are made of what app-interface has.
type Query struct {
	Name string `json:"name"`
	// Place is the namespace of the instance.
	jobs.Place
	Output string `json:"output,omitempty"`
	// Recurs says that it is a CronJob.
	Recurs bool  `json:"recurs,omitempty"`
	Stage  Stage `json:"stage"`
	// Since is when the objects of a current one were made.
	Since time.Time `json:"since,omitzero"`
}

// Key implements plan.Item.
func (q Query) Key() string { return q.Name }

// Title implements plan.Titled.
func (q Query) Title() string { return fmt.Sprintf("SQL query %s in %s", q.Name, q.Place) }

// Equal implements plan.Item: a query is as far as it is to come.
func (q Query) Equal(current Query) bool { return current.Stage >= q.Stage }

// Explain implements plan.Explained.
func (q Query) Explain(current Query) string {
	switch {
	case q.Recurs:
		return "it is to be deleted"
	case current.Stage == Made && q.Stage == Ended:
		return "its Job has not ended yet"
	}
	return "its objects are deleted on " + due(current.Since).Format(time.DateTime)
}

// keptFor is how long the objects of a query are kept.
const keptFor = 7 * 24 * time.Hour

// due is when the objects of a query are to go.
func due(since time.Time) time.Time { return since.UTC().Add(keptFor) }

// kind is that of the object that runs the query.
func (q Query) kind() string {
	if q.Recurs {
		return "CronJob.batch"
	}
	return jobs.JobKind
}

// result says how to get what the query has found.
func (q Query) result() string {
	switch q.Output {
	case filesystem:
		return fmt.Sprintf("copy the result while its pod sleeps, for an hour: oc -n %s cp POD:%s FILE", q.Namespace, resultFile[1:])
	case encrypted:
		return fmt.Sprintf("the result, encrypted, is in its logs: oc -n %s logs job/%s", q.Namespace, q.Name)
	}
	return fmt.Sprintf("the result is in its logs: oc -n %s logs job/%s", q.Namespace, q.Name)
}
