package accountmanager

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/jinja"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// How the merge requests are known, in the reference's words.
const (
	requestType  = "AwsAccount"
	requestLabel = Name
	autoMerge    = Name + "-allow-auto-merge-mrs"
)

// fileDone says whether the merge request is open, or the file is in.
func (r *reconciler) fileDone(ctx context.Context, s reconcile.Scope, want Step) (bool, error) {
	at, err := r.repository(ctx, s)
	if err != nil {
		return false, err
	}
	// What the file is to hold is known when there is an account. It plays no part in what is looked for.
	found, err := at.Look(ctx, want.request(nil))
	return found.Outcome == mergerequest.AlreadyOpen || found.Outcome == mergerequest.NothingToDo, err
}

// addFile opens the merge request that replaces the account request by the account's file.
func (r *reconciler) addFile(ctx context.Context, s reconcile.Scope, a attempt) (plan.Stand, error) {
	uid := a.UID
	if uid == "" {
		if _, err := a.book.read(ctx, describeAccount, &uid); err != nil {
			return plan.Stand{}, err
		}
	}
	if uid == "" {
		return plan.Waiting("the account is not there yet"), nil
	}
	content, err := a.Addition.render(uid)
	if err != nil {
		return plan.Stand{}, err
	}
	at, err := r.repository(ctx, s)
	if err != nil {
		return plan.Stand{}, err
	}
	request := a.request(content)
	if r.toggled(ctx, autoMerge, false) {
		request.Labels = append(request.Labels, mergerequest.AutoMerge)
	}
	if _, err := at.Ensure(ctx, request); err != nil {
		return plan.Stand{}, err
	}
	return plan.Done(), nil
}

// repository is app-interface's own.
func (r *reconciler) repository(ctx context.Context, s reconcile.Scope) (*mergerequest.Direct, error) {
	return r.requests(s).AppInterfaceRepository(ctx, mergerequest.Allow{Opening: true})
}

// request is the merge request with the file's content.
func (s Step) request(content []byte) mergerequest.Request {
	return mergerequest.Request{
		Type:        requestType,
		Title:       s.Account + ": AWS account template collection file",
		Description: "New AWS account template collection file " + s.Addition.Path,
		Labels:      []string{},
		Files:       []mergerequest.FileChange{mergerequest.CreateFile(s.Addition.Path, content), mergerequest.DeleteFile(s.File)},
		Unless:      []string{s.Addition.Path},
		Kind:        &mergerequest.Kind{Label: requestLabel},
		Touches:     s.Addition.Path,
	}
}

// render makes the content of the file of the account with the given ID.
func (a Addition) render(uid string) ([]byte, error) {
	request, err := values(a.Request)
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "the account request cannot be read: %w", err)
	}
	text, err := jinja.Render(a.TemplatePath, a.Template, map[string]any{
		"accountRequest": request, "uid": uid, "settings": a.Settings, "timestamp": a.Timestamp,
	})
	return []byte(text), err
}

// values decodes JSON with whole numbers as such, which templates print without a fraction.
func values(text json.RawMessage) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	return numbers(value)
}

func numbers(value any) (any, error) {
	var err error
	switch value := value.(type) {
	case json.Number:
		if whole, err := value.Int64(); err == nil {
			return whole, nil
		}
		float, err := value.Float64()
		if err != nil {
			return nil, fmt.Errorf("%s is no number that fits: %w", value, err)
		}
		return float, nil
	case map[string]any:
		for key := range value {
			if value[key], err = numbers(value[key]); err != nil {
				return nil, err
			}
		}
	case []any:
		for i := range value {
			if value[i], err = numbers(value[i]); err != nil {
				return nil, err
			}
		}
	}
	return value, nil
}
