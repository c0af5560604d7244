package smtpapi

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/textproto"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// classify says what an error of the conversation means: RFC 5321 has the codes of replies, RFC 3463 the finer ones that many
// servers put in front of their texts.
func classify(err error) error {
	var classified *apierr.Error
	var reply *textproto.Error
	var certificate x509.UnknownAuthorityError
	var hostname x509.HostnameError
	var expired x509.CertificateInvalidError
	switch {
	case errors.As(err, &classified), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &reply):
		return apierr.New(kindOf(reply), remedy(reply, err))
	case errors.As(err, &certificate), errors.As(err, &hostname), errors.As(err, &expired):
		return apierr.New(apierr.Invalid, err)
	case errors.Is(err, gomail.ErrNoSupportedAuthDiscovered):
		return apierr.Errorf(apierr.Invalid, "%w: without TLS the password would be readable; let the server offer STARTTLS", err)
	case strings.Contains(err.Error(), "does not support STARTTLS"):
		return apierr.Errorf(apierr.Invalid, "the server offers no STARTTLS: set require_tls to false in its secret where that is meant")
	}
	return apierr.New(apierr.Unavailable, err)
}

const (
	// replyPermanent is where the replies begin that asking again does not change.
	replyPermanent = 500
	// The refusals of a login (RFC 4954).
	replyLoginNeeded = 530
	replyLoginWeak   = 534
	replyLogin       = 535
	replyLoginTLS    = 538
)

func kindOf(reply *textproto.Error) apierr.Kind {
	switch reply.Code {
	case replyLoginNeeded, replyLoginWeak, replyLogin, replyLoginTLS:
		return apierr.Denied
	}
	policy := strings.HasPrefix(reply.Msg, "5.7.") || strings.HasPrefix(reply.Msg, "4.7.")
	switch {
	case reply.Code < replyPermanent && policy:
		// Such a server lets mail wait on purpose: it has had too many, or does not know where it comes from.
		return apierr.Limited
	case reply.Code < replyPermanent:
		return apierr.Unavailable
	case policy:
		return apierr.Denied
	}
	return apierr.Invalid
}

func remedy(reply *textproto.Error, err error) error {
	if reply.Code == replyLogin {
		return fmt.Errorf("%w: correct username and password in the secret of the mail server", err)
	}
	return err
}

// permanent says whether asking again does not help.
func permanent(err error) bool {
	var reply *textproto.Error
	return errors.As(err, &reply) && reply.Code >= replyPermanent
}
