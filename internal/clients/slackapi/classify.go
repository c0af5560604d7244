package slackapi

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// verdict is what every answer of Slack begins with.
type verdict struct {
	OK    *bool  `json:"ok"`
	Error string `json:"error"`
	// Needed is the scope that the token has not.
	Needed string `json:"needed"`
}

// refusal is the error that Slack answered, with the remedy where there is a plain one.
type refusal struct{ code, needed string }

func (r *refusal) Error() string {
	switch {
	case r.needed != "":
		return fmt.Sprintf("%s: give the app of the token the scope %s and install it again", r.code, r.needed)
	case r.kind() == apierr.Denied:
		return r.code + ": renew the token that the workspace's datafile names, or give its app the right"
	case r.code == "channel_not_found":
		return r.code + ": create the channel, or invite the app where it is private"
	case r.code == "is_archived":
		return r.code + ": unarchive the channel, or name another one in app-interface"
	}
	return r.code
}

// refusal classifies the error.
func (v verdict) refusal() error {
	r := &refusal{code: v.Error, needed: v.Needed}
	if r.code == "" {
		r.code = "no reason given"
	}
	return apierr.New(r.kind(), r)
}

// kind is what a code of Slack's reference means. What is not known here asks for something that Slack does not do.
func (r *refusal) kind() apierr.Kind {
	switch r.code {
	case "access_denied", "account_inactive", "ekm_access_denied", "invalid_auth", "missing_scope", "no_permission", "not_allowed_token_type",
		"not_authed", "org_login_required", "permission_denied", "restricted_action", "team_access_not_granted", "token_expired", "token_revoked",
		"two_factor_setup_required":
		return apierr.Denied
	case "channel_not_found", "no_such_subteam", "subteam_not_found", "user_not_found", "users_not_found":
		return apierr.Missing
	case "handle_already_exists", "name_already_exists":
		return apierr.Conflict
	case "rate_limited", "ratelimited":
		return apierr.Limited
	case "fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org":
		return apierr.Unavailable
	}
	return apierr.Invalid
}

// unanswered classifies an answer that the API itself did not give. Its pages of HTML say no more than the status.
func unanswered(resp *http.Response) error {
	return apierr.FromResponse(resp, fmt.Errorf("%s (%d)", http.StatusText(resp.StatusCode), resp.StatusCode))
}

// said tells whether Slack refused with exactly this code.
func said(err error, code string) bool {
	var refused *refusal
	return errors.As(err, &refused) && refused.code == code
}
