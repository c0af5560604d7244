package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// AccessKey is a new access key, which AWS shows once.
type AccessKey struct {
	ID     string
	Secret secret.Value
}

// AccessKeyState is an access key as AWS lists it.
type AccessKeyState struct {
	ID     string
	Active bool
}

// CreateUser creates an IAM user. It is Conflict when there is one of that name.
func (c *Client) CreateUser(ctx context.Context, name string) error {
	_, err := send(ctx, c, "create user "+name, c.iam.CreateUser, &iam.CreateUserInput{UserName: &name})
	return err
}

// ListUsers returns the names of the account's IAM users.
func (c *Client) ListUsers(ctx context.Context) ([]string, error) {
	const what = "list users"
	return pages(c, what, func(token *string) ([]string, *string, error) {
		out, err := send(ctx, c, what, c.iam.ListUsers, &iam.ListUsersInput{Marker: token})
		if err != nil {
			return nil, nil, err
		}
		var names []string
		for _, user := range out.Users {
			names = append(names, aws.ToString(user.UserName))
		}
		return names, out.Marker, nil
	})
}

// AttachUserPolicy attaches a policy to a user. One that is attached already is success.
func (c *Client) AttachUserPolicy(ctx context.Context, user, policyARN string) error {
	_, err := send(ctx, c, "attach policy "+policyARN+" to user "+user, c.iam.AttachUserPolicy,
		&iam.AttachUserPolicyInput{UserName: &user, PolicyArn: &policyARN})
	return err
}

// CreateAccessKey makes another access key of a user. AWS takes a while until it knows the key everywhere. It is
// Invalid when the user has two already, which is all that AWS allows.
func (c *Client) CreateAccessKey(ctx context.Context, user string) (AccessKey, error) {
	what := "create access key of user " + user
	out, err := send(ctx, c, what, c.iam.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: &user})
	if err != nil {
		return AccessKey{}, err
	}
	if out.AccessKey == nil || aws.ToString(out.AccessKey.SecretAccessKey) == "" {
		return AccessKey{}, c.without(what, "a key")
	}
	return AccessKey{ID: aws.ToString(out.AccessKey.AccessKeyId), Secret: secret.New(aws.ToString(out.AccessKey.SecretAccessKey))}, nil
}

// ListAccessKeys returns the access keys of a user, without their secrets.
func (c *Client) ListAccessKeys(ctx context.Context, user string) ([]AccessKeyState, error) {
	what := "list access keys of user " + user
	return pages(c, what, func(token *string) ([]AccessKeyState, *string, error) {
		out, err := send(ctx, c, what, c.iam.ListAccessKeys, &iam.ListAccessKeysInput{UserName: &user, Marker: token})
		if err != nil {
			return nil, nil, err
		}
		var keys []AccessKeyState
		for _, key := range out.AccessKeyMetadata {
			keys = append(keys, AccessKeyState{ID: aws.ToString(key.AccessKeyId), Active: key.Status == types.StatusTypeActive})
		}
		return keys, out.Marker, nil
	})
}

// DeleteAccessKey deletes an access key of a user. One that is not there is success.
func (c *Client) DeleteAccessKey(ctx context.Context, user, id string) error {
	_, err := send(ctx, c, "delete access key "+id+" of user "+user, c.iam.DeleteAccessKey,
		&iam.DeleteAccessKeyInput{UserName: &user, AccessKeyId: &id})
	if apierr.Is(err, apierr.Missing) {
		return nil
	}
	return err
}

// GetAccountAlias returns the account's alias; it is empty where there is none.
func (c *Client) GetAccountAlias(ctx context.Context) (string, error) {
	out, err := send(ctx, c, "look up the account's alias", c.iam.ListAccountAliases, &iam.ListAccountAliasesInput{})
	if err != nil || len(out.AccountAliases) == 0 {
		return "", err
	}
	return out.AccountAliases[0], nil
}

// SetAccountAlias gives the account an alias in place of the one that it has. It is Invalid when another account of AWS
// has it.
func (c *Client) SetAccountAlias(ctx context.Context, alias string) error {
	what := "set the account's alias to " + alias
	_, err := send(ctx, c, what, c.iam.CreateAccountAlias, &iam.CreateAccountAliasInput{AccountAlias: &alias})
	if !apierr.Is(err, apierr.Conflict) {
		return err
	}
	ours, lookup := c.GetAccountAlias(ctx)
	switch {
	case lookup != nil:
		return lookup
	case ours == alias:
		return nil
	}
	return c.failed(what, apierr.Errorf(apierr.Invalid, "another AWS account has this alias: choose another"))
}
