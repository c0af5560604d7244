package awskey_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/secret/awskey"
)

// shelf has one secret, or fails.
type shelf struct {
	fields map[string]secret.Value
	err    error
}

func (s shelf) Read(context.Context, secret.Ref) (secret.Value, error) { return secret.Value{}, s.err }

func (s shelf) ReadAll(context.Context, secret.Ref) (map[string]secret.Value, error) {
	return s.fields, s.err
}

func TestRetrieve(t *testing.T) {
	whole := map[string]secret.Value{"aws_access_key_id": secret.New("AKIA1"), "aws_secret_access_key": secret.New("hunter2"), "region": secret.New("r")}
	got, err := awskey.Provider{Secrets: shelf{fields: whole}, Ref: secret.Ref{Path: "creds"}}.Retrieve(t.Context())
	require.NoError(t, err)
	require.Equal(t, "AKIA1", got.AccessKeyID)
	require.Equal(t, "hunter2", got.SecretAccessKey)
	require.Empty(t, got.SessionToken)
	require.True(t, got.CanExpire)
	require.WithinRange(t, got.Expires, time.Now().Add(14*time.Minute), time.Now().Add(15*time.Minute))

	for name, tc := range map[string]struct {
		shelf shelf
		kind  apierr.Kind
		says  string
	}{
		"a secret that is not there":    {shelf{err: apierr.Errorf(apierr.Missing, "no creds")}, apierr.Invalid, "AWS access key: no creds"},
		"a secret that nobody may read": {shelf{err: apierr.Errorf(apierr.Denied, "not for you")}, apierr.Denied, "AWS access key: not for you"},
		"a key without an ID":           {shelf{fields: map[string]secret.Value{"aws_secret_access_key": secret.New("hunter2")}}, apierr.Invalid, "secret creds has no field aws_access_key_id: add it"},
		"an empty key":                  {shelf{fields: map[string]secret.Value{"aws_access_key_id": secret.New("AKIA1"), "aws_secret_access_key": secret.New("")}}, apierr.Invalid, "secret creds has no field aws_secret_access_key: add it"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := awskey.Provider{Secrets: tc.shelf, Ref: secret.Ref{Path: "creds"}}.Retrieve(t.Context())
			require.ErrorContains(t, err, tc.says)
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
}
