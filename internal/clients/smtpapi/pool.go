package smtpapi

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Settings are the smtp settings of app-interface.
type Settings struct {
	// Credentials have the fields server, port, username and password, and require_tls, which is true where it is absent.
	Credentials secret.Ref
	// Domain is added to names of recipients that are no addresses.
	Domain  string
	Timeout time.Duration
}

// ReadSettings reads the settings from app-interface. It is Invalid where there are none.
func ReadSettings(ctx context.Context, app graphql.Client) (Settings, error) {
	answer, err := smtpSettings(ctx, app)
	if err != nil {
		return Settings{}, fmt.Errorf("read the mail settings from app-interface: %w", err)
	}
	if len(answer.Settings) == 0 || answer.Settings[0].Smtp == nil {
		return Settings{}, apierr.Errorf(apierr.Invalid, "app-interface names no mail server: add smtp to the app-interface-settings datafile")
	}
	smtp := answer.Settings[0].Smtp
	settings := Settings{Credentials: smtp.Credentials, Domain: smtp.MailAddress}
	if smtp.Timeout != nil {
		settings.Timeout = time.Duration(*smtp.Timeout) * time.Second
	}
	return settings, nil
}

// Pool makes clients with credentials that a secret.Reader reads. It is safe for concurrent use.
type Pool struct{ secrets secret.Reader }

// NewPool returns a pool that reads its credentials from the given reader.
func NewPool(secrets secret.Reader) *Pool { return &Pool{secrets: secrets} }

// Connect returns a client of the server that the settings name. The credentials are read each time; nothing is sent yet.
//
// Differs from the reference: the field require_tls of the mail server's secret is obeyed, and a server without STARTTLS can
// be used where it is false. The reference does not look at it, and always demands STARTTLS.
func (p *Pool) Connect(ctx context.Context, settings Settings) (*Client, error) {
	if err := inputs.Outside(ctx, "the mail server"); err != nil {
		return nil, err
	}
	fields, err := p.secrets.ReadAll(ctx, settings.Credentials)
	if err != nil {
		return nil, fmt.Errorf("credentials of the mail server: %w", err)
	}
	for _, field := range []string{"server", "port", "username", "password"} {
		if _, ok := fields[field]; !ok {
			return nil, apierr.Errorf(apierr.Invalid, "the secret %s of the mail server has no field %s", settings.Credentials, field)
		}
	}
	port, err := strconv.Atoi(strings.TrimSpace(fields["port"].Reveal()))
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "the field port of the secret %s is no number", settings.Credentials)
	}
	tls := true
	if field, ok := fields["require_tls"]; ok {
		// Vault holds it as text or as a value of JSON; both read the same.
		if tls, err = strconv.ParseBool(strings.TrimSpace(field.Reveal())); err != nil {
			return nil, apierr.Errorf(apierr.Invalid, "the field require_tls of the secret %s is neither true nor false", settings.Credentials)
		}
	}
	return New(Config{
		Host: strings.TrimSpace(fields["server"].Reveal()), Port: port, Username: strings.TrimSpace(fields["username"].Reveal()), Password: fields["password"],
		Plain: !tls, Domain: settings.Domain, Timeout: settings.Timeout,
	})
}
