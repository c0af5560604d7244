package mergerequest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/readonly"
)

// Argument is one field of a queue message: what the reference's constructor of the Type takes under this name.
type Argument struct {
	Name  string
	Value any
}

// Sender puts messages into a queue of SQS.
type Sender interface {
	SendMessage(ctx context.Context, queueURL, body string) error
}

// Queue leaves requests to the program that reads the queue: the reference's gitlab-mr-sqs-consumer, or ours. That one
// looks for what is open and what is in.
type Queue struct {
	sender Sender
	url    string
}

// NewQueue returns a gateway to the queue with the URL.
func NewQueue(sender Sender, url string) *Queue { return &Queue{sender: sender, url: url} }

// Ensure sends the request's message, once more each time it is called: the reader opens no request twice. A request
// without Arguments is Invalid.
func (q *Queue) Ensure(ctx context.Context, r Request) (Result, error) {
	body, err := r.message()
	if err != nil {
		return Result{}, err
	}
	if err := readonly.Check(ctx, fmt.Sprintf("queue merge request %q", r.Title)); err != nil {
		return Result{}, err
	}
	if err := q.sender.SendMessage(ctx, q.url, body); err != nil {
		return Result{}, fmt.Errorf("queue merge request %q: %w", r.Title, err)
	}
	return Result{Outcome: Queued}, nil
}

// Look finds every request Missing that could be sent: what is open and what is in is known to the queue's reader alone.
// Who plans by it sends the message again on each run, as the reference does.
func (q *Queue) Look(_ context.Context, r Request) (Result, error) {
	if _, err := r.message(); err != nil {
		return Result{}, err
	}
	return Result{Outcome: Missing}, nil
}

// message is the JSON object that the reference sends: pr_type and the arguments.
func (r Request) message() (string, error) {
	if err := r.check(); err != nil {
		return "", err
	}
	if r.Arguments == nil {
		return "", apierr.Errorf(apierr.Invalid, "merge request %q: type %s cannot go through a queue: set mergeRequestGateway to gitlab in the app-interface-settings datafile", r.Title, r.Type)
	}
	var out bytes.Buffer
	out.WriteByte('{')
	for i, field := range append([]Argument{{"pr_type", r.Type}}, r.Arguments...) {
		if i > 0 {
			out.WriteByte(',')
		}
		name, err := plainJSON(field.Name)
		if err != nil {
			return "", apierr.Errorf(apierr.Invalid, "merge request %q: %w", r.Title, err)
		}
		value, err := plainJSON(field.Value)
		if err != nil {
			return "", apierr.Errorf(apierr.Invalid, "merge request %q: argument %s: %w", r.Title, field.Name, err)
		}
		out.Write(name)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteByte('}')
	return out.String(), nil
}

// plainJSON leaves characters that mean something in HTML as they are.
func plainJSON(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(out.Bytes()), nil
}
