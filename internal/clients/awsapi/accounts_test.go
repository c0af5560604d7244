package awsapi_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/standin/aws"
)

func TestAnAccountIsInProgressForAWhile(t *testing.T) {
	for _, tc := range []struct {
		name  string
		lag   aws.Wait
		pass  time.Duration
		polls int // that still find it in progress
	}{
		{"for a number of questions", aws.Wait{Calls: 2}, 0, 2},
		{"for a time", aws.Wait{Seconds: 60}, time.Minute, 1},
		{"not at all", aws.Wait{}, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := start(t)
			w.Edit(func(e *aws.Estate) { e.Lag.Account = tc.lag })
			client := w.connect(t, manages())
			asked, err := client.CreateAccount(applying(t), "new@example.com", "new")
			require.NoError(t, err)
			require.Equal(t, awsapi.CreationInProgress, asked.State)
			require.Equal(t, "new", asked.Name)
			require.Empty(t, asked.AccountID)

			for range tc.polls {
				status, err := client.DescribeCreateAccountStatus(t.Context(), asked.ID)
				require.NoError(t, err)
				require.Equal(t, awsapi.CreationInProgress, status.State)
			}
			w.clock.advance(tc.pass)
			status, err := client.DescribeCreateAccountStatus(t.Context(), asked.ID)
			require.NoError(t, err)
			require.Equal(t, awsapi.CreationSucceeded, status.State)
			require.Empty(t, status.FailureReason)

			account, err := client.DescribeAccount(t.Context(), status.AccountID)
			require.NoError(t, err)
			require.Equal(t, awsapi.Account{ID: status.AccountID, Name: "new", Email: "new@example.com", State: "ACTIVE"}, account)
			inside := as("payer", awsapi.Role{AccountID: payer, Name: manager}, awsapi.Role{AccountID: status.AccountID, Name: access})
			identity, err := w.connect(t, inside).GetCallerIdentity(t.Context())
			require.NoError(t, err)
			require.Equal(t, status.AccountID, identity.AccountID, "the role into the new account is there")
		})
	}
}

func TestAnAccountThatCannotBeMade(t *testing.T) {
	for _, tc := range []struct {
		name   string
		email  string
		edit   func(*aws.Organization)
		reason string
	}{
		{"its address is taken", "other@example.com", func(*aws.Organization) {}, "EMAIL_ALREADY_EXISTS"},
		{"the organisation is full", "new@example.com", func(o *aws.Organization) { o.AccountLimit = 3 }, "ACCOUNT_LIMIT_EXCEEDED"},
		{"AWS does not want to", "new@example.com", func(o *aws.Organization) {
			o.Failures = map[string]string{"new@example.com": "INTERNAL_FAILURE"}
		}, "INTERNAL_FAILURE"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := start(t)
			w.Edit(func(e *aws.Estate) { tc.edit(e.Organizations["o-1"]) })
			client := w.connect(t, manages())
			asked, err := client.CreateAccount(applying(t), tc.email, "new")
			require.NoError(t, err)
			status, err := client.DescribeCreateAccountStatus(t.Context(), asked.ID)
			require.NoError(t, err, "a request that failed is an answer")
			require.Equal(t, awsapi.CreationFailed, status.State)
			require.Equal(t, tc.reason, status.FailureReason)
			require.Empty(t, status.AccountID)
			require.Len(t, w.Dump().Accounts, 3)
		})
	}
}

func TestAnEarlierAttemptIsFound(t *testing.T) {
	w := start(t)
	w.Edit(func(e *aws.Estate) { e.Lag.Account = aws.Wait{Seconds: 60} })
	client := w.connect(t, manages())
	var ids []string
	for _, name := range []string{"one", "two", "three"} {
		asked, err := client.CreateAccount(applying(t), name+"@example.com", name)
		require.NoError(t, err)
		ids = append(ids, asked.ID)
	}
	found, err := client.ListCreateAccountStatus(t.Context(), awsapi.CreationInProgress)
	require.NoError(t, err)
	require.Len(t, found, 3, "all pages")
	var listed []string
	for _, request := range found {
		listed = append(listed, request.ID)
	}
	require.ElementsMatch(t, ids, listed)

	w.clock.advance(time.Minute)
	found, err = client.ListCreateAccountStatus(t.Context(), awsapi.CreationInProgress)
	require.NoError(t, err)
	require.Empty(t, found)
	found, err = client.ListCreateAccountStatus(t.Context())
	require.NoError(t, err)
	require.Len(t, found, 3)

	accounts, err := client.ListAccounts(t.Context())
	require.NoError(t, err)
	emails := map[string]string{}
	for _, account := range accounts {
		emails[account.Email] = account.Name
	}
	require.Len(t, emails, 6, "all pages")
	require.Equal(t, "two", emails["two@example.com"])
}

func TestTags(t *testing.T) {
	w := start(t)
	client := w.connect(t, manages())
	tags, err := client.ListTags(t.Context(), member)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"a": "1", "b": "2", "c": "3"}, tags, "all pages")
	for range 2 {
		require.NoError(t, client.TagAccount(applying(t), member, map[string]string{"a": "9", "d": "4"}))
		require.NoError(t, client.UntagAccount(applying(t), member, "b", "not-there"))
	}
	require.Equal(t, map[string]string{"a": "9", "c": "3", "d": "4"}, w.member().Tags)
}

func TestUnits(t *testing.T) {
	w := start(t)
	client := w.connect(t, manages())
	root, err := client.ListUnits(t.Context())
	require.NoError(t, err)
	require.Equal(t, awsapi.Unit{ID: "r-1", Name: "Root", Children: []awsapi.Unit{
		{ID: "ou-1", Name: "Teams", Children: []awsapi.Unit{{ID: "ou-2", Name: "Payments", Children: []awsapi.Unit{}}}},
		{ID: "ou-3", Name: "Archive", Children: []awsapi.Unit{}},
		{ID: "ou-4", Name: "Sandbox", Children: []awsapi.Unit{}},
	}}, root, "all pages of all levels")
	for path, id := range map[string]string{"/Root": "r-1", "root/teams/payments/": "ou-2", "/Root/Sandbox": "ou-4"} {
		unit, err := root.Find(path)
		require.NoError(t, err, path)
		require.Equal(t, id, unit.ID, path)
	}
	for _, path := range []string{"/Root/Payments", "", "/Teams", "/Root/Teams/Payments/Deep"} {
		_, err := root.Find(path)
		fails(t, err, apierr.Missing, "there is no organisational unit")
	}
}

func TestMoveAccount(t *testing.T) {
	w := start(t)
	client := w.connect(t, manages())
	for range 2 {
		require.NoError(t, client.MoveAccount(applying(t), member, "ou-2"))
		require.Equal(t, "ou-2", w.member().Parent)
	}
	parent, err := client.GetParent(t.Context(), member)
	require.NoError(t, err)
	require.Equal(t, "ou-2", parent)
	moves := 0
	for _, call := range w.Calls() {
		if call.Operation == "MoveAccount" {
			moves++
		}
	}
	require.Equal(t, 1, moves, "what is there already is not moved")
}
