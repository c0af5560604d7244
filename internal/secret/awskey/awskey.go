// Package awskey gives the AWS SDK access keys that are kept in secrets.
package awskey

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// The fields of a secret with an access key, as app-interface has them everywhere.
const (
	idField     = "aws_access_key_id"
	secretField = "aws_secret_access_key"
)

// lasts is how long a process uses an access key before it reads its secret again, so that it takes up a rotated one.
const lasts = 15 * time.Minute

// Provider implements aws.CredentialsProvider: it reads the access key that Ref names.
type Provider struct {
	Secrets secret.Reader
	Ref     secret.Ref
}

// Retrieve reads the secret. Its errors are never Missing, which would pass for an object of AWS that is not there.
func (p Provider) Retrieve(ctx context.Context) (aws.Credentials, error) {
	fields, err := p.Secrets.ReadAll(ctx, p.Ref)
	if apierr.Is(err, apierr.Missing) {
		err = apierr.Errorf(apierr.Invalid, "%w", err)
	}
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("AWS access key: %w", err)
	}
	for _, name := range []string{idField, secretField} {
		if fields[name].Reveal() == "" {
			return aws.Credentials{}, apierr.Errorf(apierr.Invalid, "AWS access key: secret %s has no field %s: add it", p.Ref.Path, name)
		}
	}
	return aws.Credentials{
		AccessKeyID: fields[idField].Reveal(), SecretAccessKey: fields[secretField].Reveal(),
		Source: "secret " + p.Ref.Path, CanExpire: true, Expires: time.Now().Add(lasts),
	}, nil
}
