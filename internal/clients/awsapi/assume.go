package awsapi

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// assumedRole is a session that another session begins.
type assumedRole struct {
	parent *Client
	role   Role
}

// Retrieve implements aws.CredentialsProvider.
func (r assumedRole) Retrieve(ctx context.Context) (aws.Credentials, error) {
	session := r.role.Session
	if session == "" {
		session = r.role.Name
	}
	arn := fmt.Sprintf("arn:aws:iam::%s:role/%s", r.role.AccountID, r.role.Name)
	what := "assume role " + arn
	out, err := send(ctx, r.parent, what, r.parent.sts.AssumeRole, &sts.AssumeRoleInput{RoleArn: &arn, RoleSessionName: &session})
	if apierr.Is(err, apierr.Denied) {
		return aws.Credentials{}, apierr.Errorf(apierr.Denied, "%w: see that the role is there, and that it trusts the account that assumes it", err)
	}
	if err != nil {
		return aws.Credentials{}, err
	}
	if out.Credentials == nil || out.Credentials.Expiration == nil {
		return aws.Credentials{}, r.parent.without(what, "credentials")
	}
	return aws.Credentials{
		AccessKeyID: aws.ToString(out.Credentials.AccessKeyId), SecretAccessKey: aws.ToString(out.Credentials.SecretAccessKey),
		SessionToken: aws.ToString(out.Credentials.SessionToken), Source: "role " + arn,
		CanExpire: true, Expires: *out.Credentials.Expiration,
	}, nil
}
