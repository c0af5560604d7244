package accountmanager

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/plan"
	standin "github.com/app-sre/qontract-temporal/internal/standin/aws"
)

// quotas is a step that wants these.
func (w *world) quotas(quotas ...Quota) Step {
	step := w.step(serviceQuotas, memberID)
	step.Quotas = quotas
	return step
}

// answers lets AWS answer requests for a quota so.
func (w *world) answers(quota, status string) {
	w.aws.Edit(func(e *standin.Estate) { e.Accounts[memberID].QuotaAnswers = map[string]string{quota: status} })
}

func (w *world) requests() map[string]*standin.QuotaRequest { return w.account(memberID).QuotaRequests }

func TestQuotasAreAskedForAndFollowed(t *testing.T) {
	w := newWorld(t)
	w.aws.Edit(func(e *standin.Estate) { e.Lag.Quota.Calls = 2 })
	step := w.quotas(Quota{"ec2", "L-1", 20}, Quota{"ec2", "L-2", 5}, Quota{"ec2", "L-2", 4})
	stand := w.advance(step)
	require.Equal(t, plan.PhaseWaiting, stand.Phase)
	require.Contains(t, stand.Words, "to raise quota ec2/L-1 to 20, which is PENDING")
	require.Len(t, w.requests(), 1, "a quota that is high enough is left alone")
	id := slices.Collect(maps.Keys(w.requests()))[0]
	require.JSONEq(t, `{"last_applied_quotas": [{"service_code": "ec2", "quota_code": "L-1", "value": 20}, {"service_code": "ec2", "quota_code": "L-2", "value": 5},
		{"service_code": "ec2", "quota_code": "L-2", "value": 4}], "ids": ["`+id+`"]}`, w.noted("acme.request-service-quota"))
	require.False(t, w.isDone(step))
	for w.advance(step).Phase != plan.PhaseDone {
		require.Less(t, len(w.aws.Calls()), 50)
	}
	require.JSONEq(t, `["`+id+`"]`, w.noted("acme.check-service-quota-status"))
	require.Equal(t, 1, w.count("RequestServiceQuotaIncrease"))
	require.True(t, w.isDone(step))
}

func TestAHigherQuotaIsNotLowered(t *testing.T) {
	w := newWorld(t)
	w.aws.Edit(func(e *standin.Estate) {
		e.Accounts[memberID].Quotas = map[string]map[string]float64{"us-east-1": {"ec2/L-1": 99}}
	})
	step := w.quotas(Quota{"ec2", "L-1", 20})
	require.Equal(t, plan.Done(), w.advance(step))
	require.Empty(t, w.requests())
	require.JSONEq(t, `{"last_applied_quotas": [{"service_code": "ec2", "quota_code": "L-1", "value": 20}], "ids": []}`, w.noted("acme.request-service-quota"))
	require.Empty(t, w.noted("acme.check-service-quota-status"), "as in the reference, which has nothing to check")
	require.True(t, w.isDone(step))
}

func TestAnAccountWithoutQuotasNeedsNoStep(t *testing.T) {
	w := newWorld(t)
	require.True(t, w.isDone(w.quotas()))
	w.note(serviceQuotas, quotaNote{Quotas: []Quota{{"ec2", "L-1", 20}}, IDs: []string{}})
	require.False(t, w.isDone(w.quotas()), "the reference would note that they are not wanted any more")
	require.Equal(t, plan.Done(), w.advance(w.quotas()))
	require.JSONEq(t, `{"last_applied_quotas": [], "ids": []}`, w.noted("acme.request-service-quota"))
}

func TestARefusedQuotaWaitsForAPerson(t *testing.T) {
	for _, status := range []string{"DENIED", "NOT_APPROVED", "INVALID_REQUEST", "CASE_CLOSED"} {
		t.Run(status, func(t *testing.T) {
			w := newWorld(t)
			w.answers("ec2/L-1", status)
			step := w.quotas(Quota{"ec2", "L-1", 20}, Quota{"ec2", "L-2", 6})
			stand := w.advance(step)
			require.Equal(t, plan.PhaseBlocked, stand.Phase)
			require.Contains(t, stand.Words, "to raise quota ec2/L-1 to 20, which is "+status)
			require.NotContains(t, stand.Words, "L-2")
			require.Equal(t, stand, w.advance(step))
			require.Len(t, w.requests(), 2, "nothing is asked for again until a person says so")

			w.answers("ec2/L-1", "APPROVED")
			require.Equal(t, plan.PhaseWaiting, w.retry(step).Phase)
			require.Equal(t, plan.Done(), w.advance(step))
			require.Len(t, w.requests(), 3)
			require.True(t, w.isDone(step))
		})
	}
	t.Run("or is skipped", func(t *testing.T) {
		w := newWorld(t)
		w.answers("ec2/L-1", "DENIED")
		step := w.quotas(Quota{"ec2", "L-1", 20})
		require.Equal(t, plan.PhaseBlocked, w.advance(step).Phase)
		require.NoError(t, w.skip(step))
		require.True(t, w.isDone(step))
		step.Quotas[0].Value = 21
		require.False(t, w.isDone(step), "until something else is wanted")
	})
	t.Run("or raised by hand", func(t *testing.T) {
		w := newWorld(t)
		w.answers("ec2/L-1", "DENIED")
		step := w.quotas(Quota{"ec2", "L-1", 20})
		require.Equal(t, plan.PhaseBlocked, w.advance(step).Phase)
		w.aws.Edit(func(e *standin.Estate) {
			e.Accounts[memberID].Quotas = map[string]map[string]float64{"us-east-1": {"ec2/L-1": 20}}
		})
		require.Equal(t, plan.Done(), w.advance(step))
	})
}

func TestAnOpenRequestIsTakenUp(t *testing.T) {
	for _, tc := range []struct {
		name   string
		status string
		value  float64
		phase  plan.Phase
		words  string
	}{
		{"for the same value", "CASE_OPENED", 20, plan.PhaseWaiting, "request q-1 to raise quota ec2/L-1 to 20, which is CASE_OPENED"},
		{"for another value it is waited for", "PENDING", 15, plan.PhaseWaiting, "has not answered request q-1 to raise quota ec2/L-1 to 15 yet"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.aws.Edit(func(e *standin.Estate) {
				e.Accounts[memberID].QuotaRequests = map[string]*standin.QuotaRequest{
					"q-1": {Region: "us-east-1", Service: "ec2", Quota: "L-1", Value: tc.value, Status: tc.status},
				}
			})
			stand := w.advance(w.quotas(Quota{"ec2", "L-2", 6}, Quota{"ec2", "L-1", 20}))
			require.Equal(t, tc.phase, stand.Phase)
			require.Contains(t, stand.Words, tc.words)
			if tc.value == 20 {
				require.Contains(t, w.noted("acme.request-service-quota"), "q-1")
				return
			}
			require.Empty(t, w.wrote(), "nothing is asked for before all can be")
			require.Empty(t, w.noted("acme.request-service-quota"))
		})
	}
}

func TestARequestThatAWSForgotWaitsForAPerson(t *testing.T) {
	w := newWorld(t)
	w.note(serviceQuotas, quotaNote{Quotas: []Quota{{"ec2", "L-1", 20}}, IDs: []string{"gone"}})
	step := w.quotas(Quota{"ec2", "L-1", 20})
	stand := w.advance(step)
	require.Equal(t, plan.PhaseBlocked, stand.Phase)
	require.Contains(t, stand.Words, "request gone, which it does not know any more")
	require.Equal(t, plan.Done(), w.retry(step))
	require.Len(t, w.requests(), 1)
}

func TestAQuotaThatAWSDoesNotHaveIsNamed(t *testing.T) {
	w := newWorld(t)
	_, err := w.try(w.quotas(Quota{"ec2", "L-9", 1}), false)
	require.ErrorContains(t, err, "ec2/L-9")
	require.ErrorContains(t, err, "correct the quotaLimits of data/aws/acme.yml")
}
