package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Identity is who AWS takes a session for.
type Identity struct {
	AccountID string
	ARN       string
}

// GetCallerIdentity asks who the session is. It needs no permission, and so tells whether an access key is known yet:
// while it is not, UnknownKey holds for the error.
func (c *Client) GetCallerIdentity(ctx context.Context) (Identity, error) {
	const what = "ask who the session is"
	out, err := send(ctx, c, what, c.sts.GetCallerIdentity, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Identity{}, err
	}
	if aws.ToString(out.Account) == "" {
		return Identity{}, c.without(what, "an account")
	}
	return Identity{AccountID: aws.ToString(out.Account), ARN: aws.ToString(out.Arn)}, nil
}
