package awsapi

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// Account is an account of an organisation.
type Account struct {
	ID    string
	Name  string
	Email string
	// State is ACTIVE for an account that can be used.
	State string
}

// CreationState is how far a request for an account is.
type CreationState string

// The states of a request for an account.
const (
	CreationInProgress CreationState = "IN_PROGRESS"
	CreationSucceeded  CreationState = "SUCCEEDED"
	CreationFailed     CreationState = "FAILED"
)

// AccountCreation is a request for an account.
type AccountCreation struct {
	ID string
	// Name is the account's.
	Name  string
	State CreationState
	// AccountID is set once it succeeded.
	AccountID string
	// FailureReason is set once it failed, as in EMAIL_ALREADY_EXISTS.
	FailureReason string
}

// CreateAccount asks for a new account in the organisation, whose bills IAM users may see where they are allowed to.
// AWS takes minutes to make it; DescribeCreateAccountStatus tells how far it is. An account cannot be unmade, and each
// call asks for another: look with ListCreateAccountStatus and ListAccounts for what an earlier attempt made.
func (c *Client) CreateAccount(ctx context.Context, email, name string) (AccountCreation, error) {
	what := "create account " + name
	out, err := send(ctx, c, what, c.organizations.CreateAccount, &organizations.CreateAccountInput{
		Email: &email, AccountName: &name, IamUserAccessToBilling: types.IAMUserAccessToBillingAllow,
	})
	if err != nil {
		return AccountCreation{}, err
	}
	if out.CreateAccountStatus == nil {
		return AccountCreation{}, c.without(what, "a request")
	}
	return accountCreation(*out.CreateAccountStatus), nil
}

// DescribeCreateAccountStatus tells how far a request for an account is, also when it failed.
func (c *Client) DescribeCreateAccountStatus(ctx context.Context, id string) (AccountCreation, error) {
	what := "describe account request " + id
	out, err := send(ctx, c, what, c.organizations.DescribeCreateAccountStatus,
		&organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: &id})
	if err != nil {
		return AccountCreation{}, err
	}
	if out.CreateAccountStatus == nil {
		return AccountCreation{}, c.without(what, "a request")
	}
	return accountCreation(*out.CreateAccountStatus), nil
}

// ListCreateAccountStatus returns the organisation's requests for accounts in the given states; in any where none is
// given. AWS forgets them after 90 days.
func (c *Client) ListCreateAccountStatus(ctx context.Context, states ...CreationState) ([]AccountCreation, error) {
	in := &organizations.ListCreateAccountStatusInput{}
	for _, state := range states {
		in.States = append(in.States, types.CreateAccountState(state))
	}
	const what = "list account requests"
	return pages(c, what, func(token *string) ([]AccountCreation, *string, error) {
		in.NextToken = token
		out, err := send(ctx, c, what, c.organizations.ListCreateAccountStatus, in)
		if err != nil {
			return nil, nil, err
		}
		var found []AccountCreation
		for _, status := range out.CreateAccountStatuses {
			found = append(found, accountCreation(status))
		}
		return found, out.NextToken, nil
	})
}

func accountCreation(status types.CreateAccountStatus) AccountCreation {
	return AccountCreation{
		ID: aws.ToString(status.Id), Name: aws.ToString(status.AccountName), State: CreationState(status.State),
		AccountID: aws.ToString(status.AccountId), FailureReason: string(status.FailureReason),
	}
}

// DescribeAccount returns an account of the organisation.
//
// Differs from the reference: the state of an AWS account is its State, since AWS retired the Status that the reference
// reads on September 9, 2026.
func (c *Client) DescribeAccount(ctx context.Context, id string) (Account, error) {
	what := "describe account " + id
	out, err := send(ctx, c, what, c.organizations.DescribeAccount, &organizations.DescribeAccountInput{AccountId: &id})
	if err != nil {
		return Account{}, err
	}
	if out.Account == nil {
		return Account{}, c.without(what, "an account")
	}
	return toAccount(*out.Account), nil
}

// ListAccounts returns all accounts of the organisation.
func (c *Client) ListAccounts(ctx context.Context) ([]Account, error) {
	const what = "list accounts"
	return pages(c, what, func(token *string) ([]Account, *string, error) {
		out, err := send(ctx, c, what, c.organizations.ListAccounts, &organizations.ListAccountsInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		var found []Account
		for _, account := range out.Accounts {
			found = append(found, toAccount(account))
		}
		return found, out.NextToken, nil
	})
}

func toAccount(account types.Account) Account {
	return Account{
		ID: aws.ToString(account.Id), Name: aws.ToString(account.Name), Email: aws.ToString(account.Email), State: string(account.State),
	}
}

// ListTags returns the tags of an account of the organisation.
func (c *Client) ListTags(ctx context.Context, accountID string) (map[string]string, error) {
	what := "list tags of account " + accountID
	tags, err := pages(c, what, func(token *string) ([]types.Tag, *string, error) {
		out, err := send(ctx, c, what, c.organizations.ListTagsForResource,
			&organizations.ListTagsForResourceInput{ResourceId: &accountID, NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.Tags, out.NextToken, nil
	})
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, tag := range tags {
		found[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return found, nil
}

// TagAccount sets tags of an account of the organisation. Tags with other keys stay.
func (c *Client) TagAccount(ctx context.Context, accountID string, tags map[string]string) error {
	in := &organizations.TagResourceInput{ResourceId: &accountID}
	for key, value := range tags {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(key), Value: aws.String(value)})
	}
	_, err := send(ctx, c, "tag account "+accountID, c.organizations.TagResource, in)
	return err
}

// UntagAccount removes tags of an account of the organisation. A tag that is not there is success.
func (c *Client) UntagAccount(ctx context.Context, accountID string, keys ...string) error {
	_, err := send(ctx, c, fmt.Sprintf("remove tags %q of account %s", keys, accountID), c.organizations.UntagResource,
		&organizations.UntagResourceInput{ResourceId: &accountID, TagKeys: keys})
	return err
}
