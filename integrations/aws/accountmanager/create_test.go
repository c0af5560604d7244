package accountmanager

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/plan"
	standin "github.com/app-sre/qontract-temporal/internal/standin/aws"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

func (w *world) organization() *standin.Organization { return w.aws.Dump().Organizations["o-1"] }

// made is the ID of the account acme.
func (w *world) made() string {
	for id, account := range w.aws.Dump().Accounts {
		if account.Name == "acme" {
			return id
		}
	}
	return ""
}

func TestAnAccountIsAskedForOnceAndFollowed(t *testing.T) {
	w := newWorld(t)
	w.aws.Edit(func(e *standin.Estate) { e.Lag.Account.Calls = 2 })
	step := w.step(createAccount, "")
	for range 2 {
		stand := w.advance(step)
		require.Equal(t, plan.PhaseWaiting, stand.Phase)
		require.Contains(t, stand.Words, "AWS is making the account, request car-")
		require.False(t, w.isDone(step))
	}
	for w.advance(step).Phase != plan.PhaseDone {
		require.Less(t, len(w.aws.Calls()), 20)
	}
	require.Equal(t, 1, w.count("CreateAccount"))
	require.Len(t, w.organization().Requests, 1)
	for id := range w.organization().Requests {
		require.JSONEq(t, `"`+id+`"`, w.noted("acme.create-account"))
	}
	require.JSONEq(t, `"`+w.made()+`"`, w.noted("acme.describe-account"))
	require.True(t, w.isDone(step))

	calls := len(w.aws.Calls())
	require.Equal(t, plan.Done(), w.advance(step))
	require.Len(t, w.aws.Calls(), calls, "what is done asks AWS nothing")
}

func TestARequestWhoseAnswerWasLostIsFound(t *testing.T) {
	for _, tc := range []struct {
		name  string
		calls int
	}{
		{"while AWS makes the account", 5},
		{"when the account is there", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.aws.Edit(func(e *standin.Estate) { e.Lag.Account.Calls = tc.calls })
			step := w.step(createAccount, "")
			w.faults.FailNext(fault.Call{Method: http.MethodPost, Path: "/", Operation: "organizations.CreateAccount", Write: true}, fault.Failure{Status: 500, AfterEffect: true})
			_, err := w.try(step, false)
			require.Error(t, err)
			require.Zero(t, w.faults.Waiting(), "the failure came")
			require.Len(t, w.organization().Requests, 1)
			for w.advance(step).Phase != plan.PhaseDone {
				require.Less(t, len(w.aws.Calls()), 50)
			}
			require.Len(t, w.organization().Requests, 1)
			require.JSONEq(t, `"`+w.made()+`"`, w.noted("acme.describe-account"))
		})
	}
}

func TestAnAccountWhoseRequestIsForgottenIsFound(t *testing.T) {
	w := newWorld(t)
	step := w.step(createAccount, "")
	w.aws.Edit(func(e *standin.Estate) {
		e.Accounts["444444444444"] = &standin.Account{Name: "acme", Email: "Acme@example.com", Parent: "r-1"}
	})
	require.Equal(t, plan.Done(), w.advance(step))
	require.Zero(t, w.count("CreateAccount"))
	require.JSONEq(t, `"444444444444"`, w.noted("acme.describe-account"))
	require.NotEmpty(t, w.noted("acme.create-account"), "without it the reference asks for another account")
}

func TestAnAccountThatTheReferenceAskedForIsFollowed(t *testing.T) {
	w := newWorld(t)
	w.aws.Edit(func(e *standin.Estate) {
		e.Organizations["o-1"].Requests = map[string]*standin.AccountRequest{
			"car-1": {Name: "acme", Email: "acme@example.com", Role: accountRole, State: "IN_PROGRESS"},
		}
	})
	w.note(createAccount, "car-1")
	require.Equal(t, plan.Done(), w.advance(w.step(createAccount, "")))
	require.Zero(t, w.count("CreateAccount"))
}

func TestARefusedAccountWaitsForAPerson(t *testing.T) {
	w := newWorld(t)
	w.aws.Edit(func(e *standin.Estate) {
		e.Organizations["o-1"].Failures = map[string]string{"acme@example.com": "EMAIL_ALREADY_EXISTS"}
	})
	step := w.step(createAccount, "")
	for w.advance(step).Phase == plan.PhaseWaiting {
		require.Less(t, len(w.aws.Calls()), 50)
	}
	stand := w.advance(step)
	require.Equal(t, plan.PhaseBlocked, stand.Phase)
	require.Contains(t, stand.Words, "EMAIL_ALREADY_EXISTS: another AWS account has the e-mail acme@example.com, change accountOwner.email in data/aws/acme.yml, then retry the step")
	require.Equal(t, 1, w.count("CreateAccount"), "nothing is asked for again until a person says so")

	step.Email = "acme+2@example.com"
	require.Equal(t, plan.PhaseBlocked, w.advance(step).Phase)
	w.faults.FailNext(fault.Call{Method: http.MethodPost, Path: "/", Operation: "organizations.CreateAccount", Write: true}, fault.Failure{Status: 500, AfterEffect: true})
	_, err := w.try(step, true)
	require.Error(t, err)
	for stand = w.retry(step); stand.Phase == plan.PhaseWaiting; stand = w.advance(step) {
		require.Less(t, len(w.aws.Calls()), 50)
	}
	require.Equal(t, plan.Done(), stand)
	require.Equal(t, 2, w.count("CreateAccount"))
}

func TestARefusalWhoseAnswerWasLostIsFound(t *testing.T) {
	w := newWorld(t)
	w.aws.Edit(func(e *standin.Estate) {
		e.Organizations["o-1"].Requests = map[string]*standin.AccountRequest{
			"car-1": {Name: "acme", Email: "acme@example.com", Role: accountRole, State: "FAILED", Reason: "EMAIL_ALREADY_EXISTS"},
		}
	})
	step := w.step(createAccount, "")
	for range 2 {
		stand := w.advance(step)
		require.Equal(t, plan.PhaseBlocked, stand.Phase)
		require.Contains(t, stand.Words, "request car-1: EMAIL_ALREADY_EXISTS")
	}
	require.JSONEq(t, `"car-1"`, w.noted("acme.create-account"))
	require.Zero(t, w.count("CreateAccount"))
	require.Equal(t, plan.PhaseWaiting, w.retry(step).Phase)
	require.Equal(t, 1, w.count("CreateAccount"))
}

func TestAnAccountOfAnotherEmailIsNoneOfOurs(t *testing.T) {
	w := newWorld(t)
	w.aws.Edit(func(e *standin.Estate) {
		e.Accounts["444444444444"] = &standin.Account{Name: "acme", Email: "foreign@example.com", Parent: "r-1"}
	})
	require.Equal(t, plan.PhaseWaiting, w.advance(w.step(createAccount, "")).Phase)
	require.Equal(t, 1, w.count("CreateAccount"))
}

func TestAnAccountOfSomebodyElseIsNotTaken(t *testing.T) {
	w := newWorld(t)
	w.aws.Edit(func(e *standin.Estate) {
		e.Organizations["o-1"].Requests = map[string]*standin.AccountRequest{
			"car-1": {Name: "acme", Email: "foreign@example.com", Role: accountRole, State: "SUCCEEDED", Account: "444444444444"},
		}
		e.Accounts["444444444444"] = &standin.Account{Name: "acme", Email: "foreign@example.com", Parent: "r-1"}
	})
	step := w.step(createAccount, "")
	stand := w.advance(step)
	require.Equal(t, plan.PhaseBlocked, stand.Phase)
	require.Contains(t, stand.Words, "request car-1 made the account 444444444444 with the e-mail foreign@example.com, and the owner's is acme@example.com")
	require.Empty(t, w.noted("acme.create-account"))
	require.Equal(t, plan.PhaseWaiting, w.retry(step).Phase, "another account is asked for")
	require.Equal(t, 1, w.count("CreateAccount"))
	require.ErrorContains(t, w.skip(step), "set uid in data/aws/acme.yml")
}
