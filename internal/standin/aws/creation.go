package aws

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
)

// States of a request for an account.
const (
	inProgress = "IN_PROGRESS"
	succeeded  = "SUCCEEDED"
	failed     = "FAILED"
)

// defaultRole is made in a new account where the request names no other.
const defaultRole = "OrganizationAccountAccessRole"

var (
	emailForm = regexp.MustCompile(`^[^\s@]+@[^\s@]+\.[^\s@]+$`)
	roleForm  = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)
)

func createAccount(t tree, in struct{ Email, AccountName, RoleName string }) (object, *refusal) {
	if in.RoleName == "" {
		in.RoleName = defaultRole
	}
	switch {
	case len(in.Email) < 6 || len(in.Email) > 64 || !emailForm.MatchString(in.Email):
		return nil, invalid("InvalidInputException", "You specified an invalid value for email.")
	case in.AccountName == "" || len(in.AccountName) > 50:
		return nil, invalid("InvalidInputException", "You specified an invalid value for accountName.")
	case !roleForm.MatchString(in.RoleName):
		return nil, invalid("InvalidInputException", "You specified an invalid value for roleName.")
	}
	id := lower("car-", 32, t.id, in.Email, strconv.Itoa(len(t.Requests)))
	request := &AccountRequest{
		Name: in.AccountName, Email: in.Email, Role: in.RoleName, State: inProgress, Pending: t.estate.Lag.Account.begin(t.now),
	}
	put(&t.Requests, id, request)
	return object{"CreateAccountStatus": t.requestView(id)}, nil
}

func describeCreateAccountStatus(t tree, in struct{ CreateAccountRequestID string }) (object, *refusal) {
	request := t.Requests[in.CreateAccountRequestID]
	if request == nil {
		return nil, invalid("CreateAccountStatusNotFoundException", "You specified a create account request that doesn't exist.")
	}
	t.progress(request)
	return object{"CreateAccountStatus": t.requestView(in.CreateAccountRequestID)}, nil
}

func listCreateAccountStatus(t tree, in struct {
	States    []string
	NextToken string
}) (object, *refusal) {
	wanted := []string{}
	for _, id := range slices.Sorted(maps.Keys(t.Requests)) {
		t.progress(t.Requests[id])
		if len(in.States) == 0 || slices.Contains(in.States, t.Requests[id].State) {
			wanted = append(wanted, id)
		}
	}
	ids, next, ok := page(t.call, wanted, in.NextToken)
	if !ok {
		return nil, badToken
	}
	views := []object{}
	for _, id := range ids {
		views = append(views, t.requestView(id))
	}
	return paged(object{"CreateAccountStatuses": views}, next), nil
}

// progress ends a request whose wait is over.
func (t tree) progress(request *AccountRequest) {
	if request.State != inProgress || !request.Pending.over(t.now) {
		return
	}
	request.Pending = nil
	if request.Reason = t.reason(request); request.Reason != "" {
		request.State = failed
		return
	}
	request.State, request.Account = succeeded, t.estate.accountNumber(request.Email)
	put(&t.estate.Accounts, request.Account, &Account{
		Name: request.Name, Email: request.Email, Parent: t.Root,
		Roles: map[string]*Role{request.Role: {Trusts: []string{t.Management}, Policies: []string{AdministratorAccess}}},
	})
}

// reason says why an account cannot be made; it is empty where it can.
func (t tree) reason(request *AccountRequest) string {
	if reason := t.Failures[request.Email]; reason != "" {
		return reason
	}
	for _, account := range t.estate.Accounts {
		if account.Email == request.Email {
			return "EMAIL_ALREADY_EXISTS"
		}
	}
	if t.AccountLimit > 0 && len(t.members()) >= t.AccountLimit {
		return "ACCOUNT_LIMIT_EXCEEDED"
	}
	return ""
}

func (t tree) requestView(id string) object {
	request := t.Requests[id]
	view := object{"Id": id, "AccountName": request.Name, "State": request.State}
	if request.Account != "" {
		view["AccountId"] = request.Account
	}
	if request.Reason != "" {
		view["FailureReason"] = request.Reason
	}
	return view
}
