// Package mergerequest opens merge requests in app-interface's repository, and closes those that are out of date: for
// integrations whose changes people, or the merge queue, have to let in. A request is the same as one that is open when
// its title, or the data at the end of its description, say so. Titles, labels, data and queue messages are those of the
// reference, so that either system knows the other's requests.
//
// There are two ways: Direct talks to GitLab, Queue leaves a message to a program that does. App-interface's settings
// say which (Choose).
package mergerequest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Gateway sees to it that requests are made, and looks for them.
type Gateway interface {
	// Ensure has the request opened, unless it is open already or its changes are in. It may be repeated, and be killed at
	// any point: in the end there is one open request with the whole change. It is refused outside apply.
	Ensure(ctx context.Context, r Request) (Result, error)
	// Look returns what Ensure would find, without writing: AlreadyOpen with the URL, NothingToDo, or Missing. It does not
	// say which requests Ensure would close, or withhold. Integrations plan by it.
	Look(ctx context.Context, r Request) (Result, error)
}

// Request is a merge request as it should be. What it consists of must be the same on every attempt.
type Request struct {
	// Type is the name of what makes such requests. Its branch begins with it, and it is the pr_type of queue messages.
	Type  string
	Title string
	// Description is the text for people. The data of a Kind is put below it.
	Description string
	// Labels are those that the request is opened with, besides the Kind's. Nil is Hold, so that no request goes in unseen
	// because nobody thought of it; an empty list is none.
	Labels []string
	// Files are the changes, in their order. They go into one commit.
	Files []FileChange
	// Unless are files: where one of them is on the target branch, all has been done.
	Unless []string
	// Message is the commit message; the title where it is empty.
	Message string

	// Kind says besides the title which open requests are the same; nil leaves it at the title.
	Kind *Kind
	// Data is what the description of a Kind says, by the names of its fields, without the version.
	Data map[string]string
	// Touches makes every open request of the Kind the same that changes this file.
	Touches string

	// Arguments are the queue message besides its type; nil for a request that cannot go through a queue.
	Arguments []Argument
}

// Outcome is what came of a request, or was found of one.
type Outcome string

const (
	// Opened is a request that is open now.
	Opened Outcome = "opened"
	// AlreadyOpen is a request that was open before, or one whose title another one has.
	AlreadyOpen Outcome = "already open"
	// NothingToDo is a request whose changes are on the target branch.
	NothingToDo Outcome = "nothing to do"
	// Missing is a request that would be opened.
	Missing Outcome = "missing"
	// Withheld is a request that Allow does not allow to open, or to open in place of one that it does not allow to close.
	Withheld Outcome = "withheld"
	// Queued is a request that was left in the queue.
	Queued Outcome = "queued"
)

// Result is what came of a request or was found of one, and which other ones were closed for it.
type Result struct {
	Outcome Outcome
	// URL leads to the open request, where there is one.
	URL string
	// Closed are the URLs of those that were out of date.
	Closed []string
}

// typeName is what a branch's name may begin with.
var typeName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// titleLimit is GitLab's, in characters.
const titleLimit = 255

// check finds what nobody could carry out.
func (r Request) check() error {
	invalid := func(format string, args ...any) error {
		return apierr.Errorf(apierr.Invalid, "merge request %q: %w", r.Title, fmt.Errorf(format, args...))
	}
	switch {
	case !typeName.MatchString(r.Type):
		return invalid("%q is no type: use letters, digits, dots, dashes and underscores", r.Type)
	case strings.TrimSpace(r.Title) == "":
		return invalid("type %s has no title", r.Type)
	case utf8.RuneCountInString(r.Title) > titleLimit:
		return invalid("its title is longer than the %d characters that GitLab takes", titleLimit)
	case r.Kind == nil && (r.Data != nil || r.Touches != ""):
		return invalid("it has data but no kind")
	case r.Kind != nil:
		if err := r.Kind.check(r.Data); err != nil {
			return invalid("%w", err)
		}
	}
	return nil
}

// branch is where the change is put together.
//
// Differs from the reference: the digits in the name of a merge request's branch come from what the request is for, not
// from chance, so that an attempt finds the branch of the one before. They are twelve, not six, so that no two share a
// branch.
func (r Request) branch() string {
	digest := sha256.Sum256([]byte(r.purpose()))
	return r.Type + "-" + hex.EncodeToString(digest[:6])
}

// purpose is the same for all requests of which one is enough.
func (r Request) purpose() string {
	switch {
	case r.Kind != nil && r.Touches != "":
		return strings.Join([]string{r.Kind.Label, r.Touches}, "\n")
	case r.Kind != nil && r.Kind.hasData():
		return strings.Join(append([]string{r.Kind.Label}, r.Kind.purpose(r.Data)...), "\n")
	default:
		return r.Title
	}
}

func (r Request) labels() []string {
	labels := r.Labels
	if labels == nil {
		labels = []string{Hold}
	}
	if r.Kind != nil {
		return append([]string{r.Kind.Label}, labels...)
	}
	return labels
}

func (r Request) description() string {
	if r.Kind != nil && r.Kind.hasData() {
		return strings.TrimRight(r.Description, "\n") + "\n\n" + r.Kind.text(r.Data)
	}
	return r.Description
}
