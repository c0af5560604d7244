// Package smtpapi sends mail through the server that app-interface names, on go-mail.
package smtpapi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"slices"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Config names one server and the credentials for it.
type Config struct {
	Host string
	Port int
	// Username logs in, and is the address that mail comes from.
	Username string
	Password secret.Value
	// Plain permits a connection without TLS where the server offers no STARTTLS. The password goes over one only in a form
	// that gives nothing away (CRAM-MD5, SCRAM).
	Plain bool
	// Domain is added to names of recipients that are no addresses.
	Domain string
	// Timeout is the deadline of one mail, from the connection to the server's receipt; zero is 30 seconds.
	Timeout time.Duration
	// RootCAs are the authorities that the server's certificate may come from; nil is those of the machine.
	RootCAs *x509.CertPool
}

const (
	defaultTimeout = 30 * time.Second
	// sender is the name that recipients see.
	sender = "App SRE team automation"
)

// Client sends mail. It is safe for concurrent use: each mail has a connection of its own.
type Client struct {
	config Config
}

// New checks the configuration. It does not connect.
func New(config Config) (*Client, error) {
	switch {
	case config.Host == "":
		return nil, apierr.Errorf(apierr.Invalid, "the mail server has no name: correct the field server of its secret")
	case config.Port < 1 || config.Port > 65535:
		return nil, apierr.Errorf(apierr.Invalid, "mail server %s: %d is no port: correct the field port of its secret", config.Host, config.Port)
	}
	if _, err := mail.ParseAddress(config.Username); err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "mail server %s: the username %q is no address, which mail could come from: correct the field username of its secret", config.Host, config.Username)
	}
	if config.Timeout <= 0 {
		config.Timeout = defaultTimeout
	}
	return &Client{config: config}, nil
}

// Mail is one message in plain text.
type Mail struct {
	// To are addresses, or names in the domain that app-interface names.
	To            []string
	Subject, Body string
}

// Address returns the address of a recipient: its name with the domain, where it is none.
func (c *Client) Address(recipient string) string {
	if strings.Contains(recipient, "@") {
		return recipient
	}
	return recipient + "@" + c.config.Domain
}

// Send sends a mail to all recipients. Where the server refuses some of them for good the others get it, and the error is
// Invalid and names those. Where it refuses one for now nobody gets it, so that trying again sends nothing twice.
func (c *Client) Send(ctx context.Context, m Mail) error {
	recipients := c.recipients(m.To)
	what := fmt.Sprintf("send %q to %s", m.Subject, strings.Join(recipients, ", "))
	fail := func(err error) error { return fmt.Errorf("mail server %s: %s: %w", c.config.Host, what, classify(err)) }
	if err := readonly.Check(ctx, what+" by mail"); err != nil {
		return err
	}
	message, err := c.message(recipients, m)
	if err != nil {
		return fail(apierr.New(apierr.Invalid, err))
	}
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	server, err := c.dial(ctx)
	if err == nil {
		err = c.hand(server, message, recipients)
	}
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return fail(err)
}

func (c *Client) recipients(names []string) []string {
	var addresses []string
	for _, name := range names {
		addresses = append(addresses, c.Address(name))
	}
	slices.Sort(addresses)
	return slices.Compact(addresses)
}

func (c *Client) message(recipients []string, m Mail) (*gomail.Msg, error) {
	if len(recipients) == 0 {
		return nil, errors.New("there are no recipients")
	}
	message := gomail.NewMsg()
	if err := message.FromFormat(sender, c.config.Username); err != nil {
		return nil, err
	}
	if err := message.To(recipients...); err != nil {
		return nil, err
	}
	message.Subject(m.Subject)
	message.SetMessageID()
	message.SetDate()
	message.SetBodyString(gomail.TypeTextPlain, m.Body)
	return message, nil
}

// dial connects, turns TLS on and logs in. The connection ends with ctx.
func (c *Client) dial(ctx context.Context) (*smtp.Client, error) {
	policy := gomail.TLSMandatory
	if c.config.Plain {
		policy = gomail.TLSOpportunistic
	}
	client, err := gomail.NewClient(c.config.Host,
		gomail.WithPort(c.config.Port), gomail.WithTimeout(c.config.Timeout), gomail.WithTLSPolicy(policy),
		gomail.WithTLSConfig(&tls.Config{ServerName: c.config.Host, RootCAs: c.config.RootCAs, MinVersion: tls.VersionTLS12}),
		gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(c.config.Username), gomail.WithPassword(c.config.Password.Reveal()),
		gomail.WithDialContextFunc(func(dialing context.Context, network, address string) (net.Conn, error) {
			connection, err := (&net.Dialer{}).DialContext(dialing, network, address)
			if err == nil {
				// Once it is connected go-mail heeds no context, and leaves the connection open where the login fails.
				context.AfterFunc(ctx, func() { _ = connection.Close() })
			}
			return connection, err
		}))
	if err != nil {
		return nil, apierr.New(apierr.Invalid, err)
	}
	return client.DialToSMTPClientWithContext(ctx)
}

// hand gives the message to the server.
func (c *Client) hand(server *smtp.Client, message *gomail.Msg, recipients []string) error {
	if err := server.Mail("<" + c.config.Username + ">"); err != nil {
		return err
	}
	var refused []error
	for _, recipient := range recipients {
		err := server.Rcpt("<" + recipient + ">")
		if err == nil {
			continue
		}
		if !permanent(err) {
			return fmt.Errorf("%s: %w", recipient, err)
		}
		refused = append(refused, fmt.Errorf("%s is refused: %w", recipient, err))
	}
	if len(refused) < len(recipients) {
		data, err := server.Data()
		if err != nil {
			return err
		}
		if _, err := message.WriteTo(data); err != nil {
			return err
		}
		if err := data.Close(); err != nil {
			return err
		}
	}
	// The server has the mail; how it takes leave changes nothing.
	_ = server.Quit()
	return errors.Join(refused...)
}
