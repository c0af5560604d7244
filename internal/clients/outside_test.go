package clients_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/clients/gitlabapi"
	"github.com/app-sre/qontract-temporal/internal/clients/prometheusapi"
	"github.com/app-sre/qontract-temporal/internal/clients/slackapi"
	"github.com/app-sre/qontract-temporal/internal/clients/smtpapi"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// untouchable is a reader that nobody may ask.
type untouchable struct{ t *testing.T }

func (u untouchable) Read(context.Context, secret.Ref) (secret.Value, error) {
	require.Fail(u.t, "a secret was read")
	return secret.Value{}, nil
}

func (u untouchable) ReadAll(context.Context, secret.Ref) (map[string]secret.Value, error) {
	require.Fail(u.t, "a secret was read")
	return map[string]secret.Value{}, nil
}

// TestFailureMode14_NothingBesidesAppInterfaceIsReadUnseen asks every client for something while what app-interface
// answers is recorded.
func TestFailureMode14_NothingBesidesAppInterfaceIsReadUnseen(t *testing.T) {
	app, err := appinterface.New(appinterface.Config{URL: "http://127.0.0.1:1/graphql"})
	require.NoError(t, err)
	set := clients.New(app, untouchable{t})
	ref := secret.Ref{Path: "creds/x", Field: "token"}
	for _, tc := range []struct {
		reads string
		read  func(context.Context) error
	}{
		{"the secret creds/x#token", func(ctx context.Context) error {
			_, err := set.Secrets().Read(ctx, ref)
			return err
		}},
		{"the secret creds/x#token", func(ctx context.Context) error {
			_, err := set.Secrets().ReadAll(ctx, ref)
			return err
		}},
		{"the secret creds/x", func(ctx context.Context) error {
			_, err := set.SecretStore().Fetch(ctx, "creds/x", 0)
			return err
		}},
		{"the secret creds/x", func(ctx context.Context) error {
			return set.SecretStore().Write(readonly.Grant(ctx), "creds/x", vaultapi.Data{})
		}},
		{"cluster prod-1", func(ctx context.Context) error {
			_, err := set.Clusters().Connect(ctx, plan.Scope{}, appinterface.Cluster{Name: "prod-1", ServerURL: "https://127.0.0.1:1", AutomationToken: &ref}, false)
			return err
		}},
		{"quay https://quay.io", func(ctx context.Context) error {
			_, err := set.Quay().Connect(ctx, "https://quay.io", ref)
			return err
		}},
		{"gitlab https://gitlab.example.com", func(ctx context.Context) error {
			_, err := set.GitLab().Connect(ctx, gitlabapi.Instance{URL: "https://gitlab.example.com", Token: ref})
			return err
		}},
		{"AWS account payer", func(ctx context.Context) error {
			_, err := set.AWS().Connect(ctx, awsapi.Access{Account: "payer", Credentials: ref, Region: "us-east-1"})
			return err
		}},
		{"slack acme", func(ctx context.Context) error {
			_, err := set.Slack().Connect(ctx, slackapi.Workspace{Name: "acme"}, ref)
			return err
		}},
		{"jenkins ci", func(ctx context.Context) error {
			_, err := set.Jenkins().Connect(ctx, "ci", ref)
			return err
		}},
		{"prometheus telemeter", func(ctx context.Context) error {
			_, err := set.Prometheus().Connect(ctx, prometheusapi.Instance{Name: "telemeter", Token: &ref})
			return err
		}},
		{"the mail server", func(ctx context.Context) error {
			_, err := set.Mail().Connect(ctx, smtpapi.Settings{Credentials: ref})
			return err
		}},
		{"the state", func(ctx context.Context) error {
			_, err := set.State("sql-query").Exists(ctx, "x")
			return err
		}},
	} {
		t.Run(tc.reads, func(t *testing.T) {
			ctx, recording := inputs.Record(t.Context())
			err := tc.read(ctx)
			require.ErrorContains(t, err, "it reads "+tc.reads+", which is no data of app-interface")
			require.True(t, apierr.Is(err, apierr.Invalid))
			require.Equal(t, []string{tc.reads}, recording.Outside())
		})
	}
}
