package smtpapi_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/smtpapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

const (
	user     = "bot@example.com"
	password = "qt-planted-mail"
)

// received is a mail that the server has taken.
type received struct {
	from    string
	to      []string
	subject string
	body    string
	header  mail.Header
}

// mailServer is a real SMTP server that takes mail of one user.
type mailServer struct {
	port    int
	roots   *x509.CertPool
	refuses map[string]*smtp.SMTPError

	mu    sync.Mutex
	mails []received
	// overTLS says of each login whether it came over TLS.
	overTLS []bool
}

// startServer starts a server. Change sets it up otherwise.
func startServer(t *testing.T, refuses map[string]*smtp.SMTPError, change ...func(*smtp.Server)) *mailServer {
	t.Helper()
	// It has a certificate for 127.0.0.1, and nothing else of it is used.
	certified := httptest.NewTLSServer(nil)
	t.Cleanup(certified.Close)
	m := &mailServer{refuses: refuses, roots: x509.NewCertPool()}
	m.roots.AddCert(certified.Certificate())
	server := smtp.NewServer(m)
	server.Domain = "mail.example.com"
	server.TLSConfig = &tls.Config{Certificates: certified.TLS.Certificates, MinVersion: tls.VersionTLS12}
	for _, set := range change {
		set(server)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	m.port = listener.Addr().(*net.TCPAddr).Port
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		// A server that is closed before it serves would serve without end, but for its listener.
		_ = listener.Close()
		_ = server.Close()
		<-ended
	})
	return m
}

func (m *mailServer) config() smtpapi.Config {
	return smtpapi.Config{Host: "127.0.0.1", Port: m.port, Username: user, Password: secret.New(password), Domain: "example.com", RootCAs: m.roots}
}

func (m *mailServer) client(t *testing.T) *smtpapi.Client {
	t.Helper()
	client, err := smtpapi.New(m.config())
	require.NoError(t, err)
	return client
}

func (m *mailServer) taken() []received {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]received(nil), m.mails...)
}

// NewSession implements smtp.Backend.
func (m *mailServer) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, encrypted := c.TLSConnectionState()
	return &session{server: m, encrypted: encrypted}, nil
}

type session struct {
	server    *mailServer
	encrypted bool
	loggedIn  bool
	now       received
}

func (*session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, given string) error {
		s.server.mu.Lock()
		defer s.server.mu.Unlock()
		s.server.overTLS = append(s.server.overTLS, s.encrypted)
		if username != user || given != password {
			return smtp.ErrAuthFailed
		}
		s.loggedIn = true
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.loggedIn {
		return smtp.ErrAuthRequired
	}
	s.now.from = from
	return s.refusal(from)
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.refusal(to); err != nil {
		return err
	}
	s.now.to = append(s.now.to, to)
	return nil
}

func (s *session) refusal(address string) error {
	if refused := s.server.refuses[address]; refused != nil {
		return refused
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	if err := s.refusal("DATA"); err != nil {
		return err
	}
	message, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(message.Body)
	if err != nil {
		return err
	}
	s.now.header, s.now.subject, s.now.body = message.Header, message.Header.Get("Subject"), strings.ReplaceAll(string(body), "\r\n", "\n")
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.mails = append(s.server.mails, s.now)
	return nil
}

func (s *session) Reset() { s.now = received{} }

func (*session) Logout() error { return nil }
