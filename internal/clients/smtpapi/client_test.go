package smtpapi_test

import (
	"context"
	"net"
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/fstest"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/appinterface/embedded"
	"github.com/app-sre/qontract-temporal/internal/appinterface/server"
	"github.com/app-sre/qontract-temporal/internal/clients/smtpapi"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

var hello = smtpapi.Mail{To: []string{"bob@elsewhere.example", "alice", "alice@example.com"}, Subject: "Grüße", Body: "Hello.\nA line.\n.\nThe end.\n"}

func applying(t *testing.T) context.Context { return readonly.Grant(t.Context()) }

func TestSend(t *testing.T) {
	m := startServer(t, nil)
	require.NoError(t, m.client(t).Send(applying(t), hello))
	require.Len(t, m.taken(), 1)
	got := m.taken()[0]
	require.Equal(t, user, got.from)
	require.Equal(t, []string{"alice@example.com", "bob@elsewhere.example"}, got.to, "each once, names with the domain")
	require.Equal(t, hello.Body, got.body)
	require.Equal(t, "=?UTF-8?q?Gr=C3=BC=C3=9Fe?=", got.subject)
	require.Equal(t, `"App SRE team automation" <bot@example.com>`, got.header.Get("From"))
	require.Equal(t, "<alice@example.com>, <bob@elsewhere.example>", got.header.Get("To"))
	require.NotEmpty(t, got.header.Get("Message-Id"))
	require.NotEmpty(t, got.header.Get("Date"))
	require.Equal(t, []bool{true}, m.overTLS)
}

func TestRefusals(t *testing.T) {
	unknown := &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	for _, tc := range []struct {
		name    string
		refuses map[string]*smtp.SMTPError
		// gets are those who get the mail all the same.
		gets []string
		kind apierr.Kind
		says string
	}{
		{
			name: "one recipient for good", refuses: map[string]*smtp.SMTPError{"alice@example.com": unknown},
			gets: []string{"bob@elsewhere.example"}, kind: apierr.Invalid, says: `alice@example.com is refused: 550 "5.1.1 no such user"`,
		},
		{
			name: "all recipients for good", refuses: map[string]*smtp.SMTPError{"alice@example.com": unknown, "bob@elsewhere.example": unknown},
			kind: apierr.Invalid, says: "bob@elsewhere.example is refused",
		},
		{
			name: "one recipient for now",
			refuses: map[string]*smtp.SMTPError{
				"alice@example.com": unknown, "bob@elsewhere.example": {Code: 450, EnhancedCode: smtp.EnhancedCode{4, 2, 1}, Message: "mailbox busy"},
			},
			kind: apierr.Unavailable, says: `bob@elsewhere.example: 450 "4.2.1 mailbox busy"`,
		},
		{
			name:    "a greylist",
			refuses: map[string]*smtp.SMTPError{"alice@example.com": {Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "try later"}},
			kind:    apierr.Limited, says: "4.7.1 try later",
		},
		{
			name:    "a policy",
			refuses: map[string]*smtp.SMTPError{user: {Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "may not send"}},
			kind:    apierr.Denied, says: "5.7.1 may not send",
		},
		{
			name:    "the text",
			refuses: map[string]*smtp.SMTPError{"DATA": {Code: 552, EnhancedCode: smtp.EnhancedCode{5, 3, 4}, Message: "too large"}},
			kind:    apierr.Invalid, says: "5.3.4 too large",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := startServer(t, tc.refuses)
			err := m.client(t).Send(applying(t), hello)
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
			require.ErrorContains(t, err, tc.says)
			require.ErrorContains(t, err, `mail server 127.0.0.1: send "Grüße" to alice@example.com, bob@elsewhere.example`)
			var gets []string
			for _, mail := range m.taken() {
				gets = append(gets, mail.to...)
			}
			require.Equal(t, tc.gets, gets)
		})
	}
}

func TestALoginThatFails(t *testing.T) {
	m := startServer(t, nil)
	config := m.config()
	config.Password = secret.New("qt-planted-wrong")
	client, err := smtpapi.New(config)
	require.NoError(t, err)
	err = client.Send(applying(t), hello)
	require.True(t, apierr.Is(err, apierr.Denied), "%v", err)
	require.ErrorContains(t, err, "correct username and password in the secret of the mail server")
	require.NotContains(t, err.Error(), "qt-planted")
}

func TestTLS(t *testing.T) {
	without := func(s *smtp.Server) { s.TLSConfig, s.AllowInsecureAuth = nil, true }
	t.Run("a certificate of somebody else is not taken", func(t *testing.T) {
		m := startServer(t, nil)
		config := m.config()
		config.RootCAs = nil
		client, err := smtpapi.New(config)
		require.NoError(t, err)
		err = client.Send(applying(t), hello)
		require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
		require.ErrorContains(t, err, "certificate")
		require.Empty(t, m.overTLS, "no password is sent")
	})
	t.Run("a server without STARTTLS is not taken", func(t *testing.T) {
		m := startServer(t, nil, without)
		err := m.client(t).Send(applying(t), hello)
		require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
		require.ErrorContains(t, err, "set require_tls to false")
		require.Empty(t, m.overTLS)
	})
	t.Run("a password is never sent in clear", func(t *testing.T) {
		m := startServer(t, nil, without)
		config := m.config()
		config.Plain = true
		client, err := smtpapi.New(config)
		require.NoError(t, err)
		err = client.Send(applying(t), hello)
		require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
		require.ErrorContains(t, err, "the password would be readable")
		require.Empty(t, m.overTLS)
	})
	t.Run("TLS is used where it is offered", func(t *testing.T) {
		m := startServer(t, nil)
		config := m.config()
		config.Plain = true
		client, err := smtpapi.New(config)
		require.NoError(t, err)
		require.NoError(t, client.Send(applying(t), hello))
		require.Equal(t, []bool{true}, m.overTLS)
	})
}

func TestNoMailOutsideApply(t *testing.T) {
	m := startServer(t, nil)
	err := m.client(t).Send(t.Context(), hello)
	require.True(t, apierr.Is(err, apierr.Guard), "%v", err)
	require.Empty(t, m.overTLS, "nobody connects")
}

func TestWhatCannotBeSent(t *testing.T) {
	m := startServer(t, nil)
	for _, to := range [][]string{nil, {"two words@example.com"}, {"a@b\r\nRCPT TO:<c@d>"}} {
		err := m.client(t).Send(applying(t), smtpapi.Mail{To: to, Subject: "s", Body: "b"})
		require.True(t, apierr.Is(err, apierr.Invalid), "%q: %v", to, err)
	}
	require.Empty(t, m.overTLS)
}

func TestFailureMode12_AMailServerThatNeverAnswersIsGivenUp(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	client, err := smtpapi.New(smtpapi.Config{
		Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Username: user, Domain: "example.com", Timeout: 50 * time.Millisecond,
	})
	require.NoError(t, err)
	err = client.Send(applying(t), hello)
	require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
	require.ErrorContains(t, err, "mail server 127.0.0.1")
}

type vault map[string]string

func (vault) Read(context.Context, secret.Ref) (secret.Value, error) { return secret.Value{}, nil }

func (v vault) ReadAll(context.Context, secret.Ref) (map[string]secret.Value, error) {
	fields := map[string]secret.Value{}
	for name, text := range v {
		fields[name] = secret.New(text)
	}
	return fields, nil
}

func TestPool(t *testing.T) {
	complete := func(field, value string) vault {
		v := vault{"server": "127.0.0.1", "port": "587", "username": user, "password": password, field: value}
		if value == "" {
			delete(v, field)
		}
		return v
	}
	for _, tc := range []struct {
		name  string
		vault vault
		says  string
	}{
		{"a complete secret", complete("require_tls", "true"), ""},
		{"without a word on TLS", complete("require_tls", ""), ""},
		{"without a port", complete("port", ""), "the secret mail/smtp#all of the mail server has no field port"},
		{"a port in words", complete("port", "smtp"), "the field port of the secret mail/smtp#all is no number"},
		{"a port that there is not", complete("port", "99999"), "99999 is no port"},
		{"a user who is no address", complete("username", "bot"), "is no address"},
		{"TLS perhaps", complete("require_tls", "perhaps"), "neither true nor false"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			client, err := smtpapi.NewPool(tc.vault).Connect(t.Context(), smtpapi.Settings{Credentials: secret.Ref{Path: "mail/smtp", Field: "all"}, Domain: "example.com"})
			if tc.says != "" {
				require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
				require.ErrorContains(t, err, tc.says)
				return
			}
			require.NoError(t, err)
			require.Equal(t, "alice@example.com", client.Address("alice"))
		})
	}
}

func TestThePoolObeysRequireTLS(t *testing.T) {
	for field, says := range map[string]string{"true": "offers no STARTTLS", "false": "the password would be readable"} {
		m := startServer(t, nil, func(s *smtp.Server) { s.TLSConfig, s.AllowInsecureAuth = nil, true })
		fields := vault{"server": "127.0.0.1", "port": strconv.Itoa(m.port), "username": user, "password": password, "require_tls": field}
		client, err := smtpapi.NewPool(fields).Connect(t.Context(), smtpapi.Settings{Domain: "example.com"})
		require.NoError(t, err)
		require.ErrorContains(t, client.Send(applying(t), hello), says)
	}
}

func TestReadSettings(t *testing.T) {
	const datafile = `$schema: /app-interface/app-interface-settings-1.yml
name: settings
repoUrl: https://gitlab.example.com/a/b
vault: false
`
	for _, tc := range []struct {
		name, smtp string
		want       smtpapi.Settings
		says       string
	}{
		{name: "none", says: "add smtp to the app-interface-settings datafile"},
		{
			name: "all", smtp: "smtp: {mailAddress: example.com, timeout: 12, credentials: {path: mail/smtp, field: all}}\n",
			want: smtpapi.Settings{Credentials: secret.Ref{Path: "mail/smtp", Field: "all"}, Domain: "example.com", Timeout: 12 * time.Second},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			app, err := server.New(server.Options{})
			require.NoError(t, err)
			bundle, err := server.ReadFolder(fstest.MapFS{"data/settings.yml": {Data: []byte(datafile + tc.smtp)}}, server.FolderOptions{Schema: embedded.Schema})
			require.NoError(t, err)
			app.Load(bundle)
			serving := httptest.NewServer(app.Handler())
			defer serving.Close()
			reader, err := appinterface.New(appinterface.Config{URL: serving.URL + "/graphql"})
			require.NoError(t, err)
			got, err := smtpapi.ReadSettings(t.Context(), reader.For("", "", false))
			if tc.says != "" {
				require.ErrorContains(t, err, tc.says)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
		})
	}
}
