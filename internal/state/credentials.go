package state

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// The fields of a secret with AWS credentials, as app-interface has them everywhere.
const (
	keyIDField     = "aws_access_key_id"
	secretKeyField = "aws_secret_access_key"
)

// credentialsLast is how long a process uses credentials before it reads their secret again, so that it takes up
// rotated ones.
const credentialsLast = 15 * time.Minute

// secretCredentials are AWS credentials that are read from a secret when they are needed.
type secretCredentials struct {
	secrets secret.Reader
	ref     secret.Ref
}

// Retrieve implements aws.CredentialsProvider. Its errors are never Missing, which would let a key pass for one that is
// not there.
func (c secretCredentials) Retrieve(ctx context.Context) (aws.Credentials, error) {
	fields, err := c.secrets.ReadAll(ctx, c.ref)
	if apierr.Is(err, apierr.Missing) {
		err = apierr.Errorf(apierr.Invalid, "%w", err)
	}
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("credentials of the state bucket: %w", err)
	}
	for _, name := range []string{keyIDField, secretKeyField} {
		if fields[name].Reveal() == "" {
			return aws.Credentials{}, apierr.Errorf(apierr.Invalid, "credentials of the state bucket: secret %s has no field %s: add it", c.ref.Path, name)
		}
	}
	return aws.Credentials{
		AccessKeyID: fields[keyIDField].Reveal(), SecretAccessKey: fields[secretKeyField].Reveal(),
		Source: "secret " + c.ref.Path, CanExpire: true, Expires: time.Now().Add(credentialsLast),
	}, nil
}
