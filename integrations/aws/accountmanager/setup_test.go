package accountmanager

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/plan"
	standin "github.com/app-sre/qontract-temporal/internal/standin/aws"
)

func TestStateIsAsTheReferenceWritesIt(t *testing.T) {
	for _, tc := range []struct{ task, want string }{
		{tagAccount, `{"app-interface-name": "acme"}`},
		{moveAccount, `"/root/teams"`},
		{accountAlias, `"acme"`},
		{contactOfSecurity, `"Security Officer security@example.com +1"`},
		{supportedRegions, `["us-east-1", "ap-east-1"]`},
	} {
		t.Run(tc.task, func(t *testing.T) {
			w := newWorld(t)
			step := w.whole(tc.task)
			require.False(t, w.isDone(step))
			require.Equal(t, plan.Done(), w.advance(step))
			require.JSONEq(t, tc.want, w.noted("acme."+tc.task))
			require.True(t, w.isDone(step))

			calls := len(w.aws.Calls())
			require.Equal(t, plan.Done(), w.advance(step))
			require.Len(t, w.aws.Calls(), calls, "what is done asks AWS nothing")

			skipped := newWorld(t)
			require.NoError(t, skipped.skip(step))
			require.JSONEq(t, tc.want, skipped.noted("acme."+tc.task))
			require.True(t, skipped.isDone(step))
			require.Empty(t, skipped.aws.Calls())
		})
	}
}

func TestANullInStateIsNothing(t *testing.T) {
	w := newWorld(t)
	w.note(moveAccount, nil)
	require.False(t, w.isDone(w.whole(moveAccount)))
	w.note(describeAccount, nil)
	require.False(t, w.isDone(w.whole(createAccount)))
}

func TestEarlierTagsAreRemovedAndThoseOfOthersStay(t *testing.T) {
	w := newWorld(t)
	w.aws.Edit(func(e *standin.Estate) {
		e.Accounts[memberID].Tags = map[string]string{"team": "a", "owner": "b", "theirs": "c"}
	})
	w.note(tagAccount, map[string]string{"team": "a", "owner": "b"})
	step := w.step(tagAccount, memberID)
	step.Tags = map[string]string{"owner": "new", "cost": "1"}
	require.Equal(t, plan.Done(), w.advance(step))
	require.Equal(t, map[string]string{"owner": "new", "cost": "1", "theirs": "c"}, w.account(memberID).Tags)
}

func TestAnAccountIsMovedIntoAUnitThatIsThere(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, plan.Done(), w.advance(w.whole(moveAccount)))
	require.Equal(t, "ou-1", w.account(memberID).Parent)

	step := w.whole(moveAccount)
	step.Unit = "/Root/Nowhere"
	_, err := w.try(step, false)
	require.ErrorContains(t, err, "organization.ou in data/aws/acme.yml: there is no organisational unit /Root/Nowhere")
}

func TestAnAliasOfAnotherAccountWaitsForAPerson(t *testing.T) {
	w := newWorld(t)
	step := w.whole(accountAlias)
	step.Alias = "taken"
	stand := w.advance(step)
	require.Equal(t, plan.PhaseBlocked, stand.Phase)
	require.Contains(t, stand.Words, "set another alias in data/aws/acme.yml")
	require.Empty(t, w.account(memberID).Alias)
	require.Empty(t, w.noted("acme.account-alias"))
}

func TestRegionsAreEnabledAndDisabled(t *testing.T) {
	w := newWorld(t)
	w.aws.Edit(func(e *standin.Estate) {
		e.Accounts[memberID].Regions = map[string]*standin.Region{"me-south-1": {Status: "ENABLED"}, "af-south-1": {Status: "ENABLED"}}
	})
	step := w.step(supportedRegions, memberID)
	step.Regions = []string{"us-east-1", "ap-east-1", "af-south-1"}
	require.Equal(t, plan.Done(), w.advance(step))
	require.Equal(t, map[string]*standin.Region{
		"ap-east-1": {Status: "ENABLED"}, "af-south-1": {Status: "ENABLED"}, "me-south-1": {Status: "DISABLED"},
	}, w.account(memberID).Regions)
	step.Regions = []string{"af-south-1", "us-east-1", "ap-east-1"}
	require.True(t, w.isDone(step), "their order is of no matter")
}

func TestARegionThatAWSIsChangingIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	w.aws.Edit(func(e *standin.Estate) {
		e.Accounts[memberID].Regions = map[string]*standin.Region{
			"me-south-1": {Status: "ENABLING", Pending: &standin.Pending{Calls: 1}},
		}
	})
	step := w.step(supportedRegions, memberID)
	step.Regions = []string{"ap-east-1"}
	require.Equal(t, plan.Waiting("AWS has not ended an earlier change of the regions me-south-1 yet"), w.advance(step))
	require.Equal(t, "ENABLED", w.account(memberID).Regions["ap-east-1"].Status, "the others are not held up")
	require.Equal(t, plan.Done(), w.advance(step))
	require.Equal(t, "DISABLED", w.account(memberID).Regions["me-south-1"].Status)
}

func TestARegionThatAWSDoesNotHaveIsNamed(t *testing.T) {
	w := newWorld(t)
	step := w.step(supportedRegions, memberID)
	step.Regions = []string{"ap-east-1", "moon-1"}
	_, err := w.try(step, false)
	require.ErrorContains(t, err, "AWS has no region moon-1 for the account: correct supportedDeploymentRegions in data/aws/acme.yml")
	require.Empty(t, w.wrote())
}

func TestNoRegionsAreAnEmptyListInState(t *testing.T) {
	w := newWorld(t)
	step := w.step(supportedRegions, memberID)
	require.False(t, w.isDone(step))
	require.Equal(t, plan.Done(), w.advance(step))
	require.JSONEq(t, `[]`, w.noted("acme.set-supported-regions"))
	require.True(t, w.isDone(step))
}

func TestASupportCaseIsOpenedOnceAndFollowed(t *testing.T) {
	w := newWorld(t)
	step := w.step(enterpriseSupport, memberID)
	for range 2 {
		stand := w.advance(step)
		require.Equal(t, plan.PhaseWaiting, stand.Phase)
		require.Contains(t, stand.Words, "which is unassigned")
		require.False(t, w.isDone(step))
	}
	cases := w.account(payerID).Cases
	require.Len(t, cases, 1)
	for id, opened := range cases {
		require.Equal(t, "Add account 222222222222 to Enterprise Support", opened.Subject)
		require.Contains(t, opened.Body, "[rh-internal-account-name: acme]")
		require.JSONEq(t, `"`+id+`"`, w.noted("acme.enable-enterprise-support"))
		w.aws.Edit(func(e *standin.Estate) { e.Accounts[payerID].Cases[id].Status = "resolved" })
		require.Equal(t, plan.Done(), w.advance(step))
		require.JSONEq(t, `true`, w.noted(id+".check-enterprise-support-status"))
	}
	require.True(t, w.isDone(step))
}

func TestUnderAPlanForAllNoCaseIsNeeded(t *testing.T) {
	w := newWorld(t)
	w.aws.Edit(func(e *standin.Estate) { e.Accounts[payerID].Support = "enterprise" })
	step := w.step(enterpriseSupport, memberID)
	require.Equal(t, plan.Done(), w.advance(step))
	require.JSONEq(t, `""`, w.noted("acme.enable-enterprise-support"))
	require.Empty(t, w.account(payerID).Cases)
	require.True(t, w.isDone(step))
}

func TestASupportCaseCanBeSkipped(t *testing.T) {
	w := newWorld(t)
	step := w.step(enterpriseSupport, memberID)
	require.Equal(t, plan.PhaseWaiting, w.advance(step).Phase)
	require.NoError(t, w.skip(step))
	require.True(t, w.isDone(step))

	early := newWorld(t)
	require.NoError(t, early.skip(step))
	require.True(t, early.isDone(step))
}

func TestASupportCaseThatAWSForgotWaitsForAPerson(t *testing.T) {
	w := newWorld(t)
	w.note(enterpriseSupport, "case-gone")
	step := w.step(enterpriseSupport, memberID)
	stand := w.advance(step)
	require.Equal(t, plan.PhaseBlocked, stand.Phase)
	require.Contains(t, stand.Words, "AWS no longer knows the support case case-gone")
	require.Equal(t, plan.PhaseWaiting, w.retry(step).Phase)
	require.Len(t, w.account(payerID).Cases, 1)
}
