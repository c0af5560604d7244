package supportcasessos

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
)

func TestKeysInMessages(t *testing.T) {
	const report = "We have become aware that the AWS Access Key "
	for _, tc := range []struct {
		name, message string
		want          []string
	}{
		{"before a space", report + "AKIA1 belonging to somebody", []string{"AKIA1"}},
		{"at the end", report + "AKIA1", []string{"AKIA1"}},
		{"before a comma", report + "AKIA1, belonging to somebody", []string{"AKIA1"}},
		{"before a full stop and a line break", "Hello.\n" + report + "AKIA1.\nBye", []string{"AKIA1"}},
		{"in quotes", report + `"AKIA1" is public`, []string{"AKIA1"}},
		{"on the next line", "We have become aware that\r\nthe AWS Access Key\r\nAKIA1 is public", []string{"AKIA1"}},
		{"two of them", report + "AKIA2 and more. " + report + "AKIA1", []string{"AKIA1", "AKIA2"}},
		{"twice", report + "AKIA1. " + report + "AKIA1.", []string{"AKIA1"}},
		{"without the sentence", "The AWS Access Key AKIA1 is fine", nil},
		{"without a key", report, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Equal(t, tc.want, exposedIn([]awsapi.Case{{Messages: []string{"Hello", tc.message}}}))
		})
	}
}

func TestOnlyAccountsOfTheUSGovernmentHaveAnotherSupport(t *testing.T) {
	for partition, want := range map[string]string{"": "us-east-1", "aws": "us-east-1", "aws-us-gov": "us-gov-west-1"} {
		require.Equal(t, want, supportRegion(partition))
	}
}

// users is an account with many users of one key each, of which one is gone by the time it is asked for.
type users struct {
	aws
	count           int
	failure         error
	asking, highest atomic.Int32
}

func (u *users) ListUsers(context.Context) ([]string, error) {
	names := make([]string, u.count)
	for i := range names {
		names[i] = fmt.Sprint(i)
	}
	return names, nil
}

func (u *users) ListAccessKeys(_ context.Context, user string) ([]awsapi.AccessKeyState, error) {
	now := u.asking.Add(1)
	defer u.asking.Add(-1)
	for seen := u.highest.Load(); now > seen && !u.highest.CompareAndSwap(seen, now); seen = u.highest.Load() {
	}
	if user == "7" {
		return nil, u.failure
	}
	return []awsapi.AccessKeyState{{ID: "AKIA" + user}}, nil
}

func TestKeysOfAllUsers(t *testing.T) {
	many := &users{count: 200, failure: apierr.Errorf(apierr.Missing, "no such user")}
	keys, err := keysOfAllUsers(t.Context(), many)
	require.NoError(t, err)
	require.Len(t, keys, 199)
	require.NotContains(t, keys, "AKIA7", "a user who is gone has no keys")
	require.LessOrEqual(t, many.highest.Load(), int32(readsAtOnce))

	_, err = keysOfAllUsers(t.Context(), &users{count: 200, failure: apierr.Errorf(apierr.Limited, "slow down")})
	require.True(t, apierr.Is(err, apierr.Limited), "a part of the keys is none")
}
