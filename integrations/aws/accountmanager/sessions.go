package accountmanager

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Door says how an account is entered.
type Door struct {
	// Account is the one whose access key is used: the payer account, or outside an organisation the account itself.
	Account string     `json:"account"`
	UID     string     `json:"uid"`
	Token   secret.Ref `json:"token"`
	Region  string     `json:"region"`
	// Manager is the role in the payer account; it is empty outside an organisation.
	Manager string `json:"manager,omitempty"`
}

// aws is what the integration needs of a session, in a payer account or in another one.
type aws interface {
	payer
	member
}

// payer is what is done with accounts from outside.
type payer interface {
	CreateAccount(ctx context.Context, email, name string) (awsapi.AccountCreation, error)
	DescribeCreateAccountStatus(ctx context.Context, id string) (awsapi.AccountCreation, error)
	ListCreateAccountStatus(ctx context.Context, states ...awsapi.CreationState) ([]awsapi.AccountCreation, error)
	DescribeAccount(ctx context.Context, id string) (awsapi.Account, error)
	ListAccounts(ctx context.Context) ([]awsapi.Account, error)
	TagAccount(ctx context.Context, accountID string, tags map[string]string) error
	UntagAccount(ctx context.Context, accountID string, keys ...string) error
	ListUnits(ctx context.Context) (awsapi.Unit, error)
	MoveAccount(ctx context.Context, accountID, destination string) error
	GetSupportPlan(ctx context.Context) (awsapi.SupportPlan, error)
	ListCases(ctx context.Context) ([]awsapi.Case, error)
	DescribeCase(ctx context.Context, id string) (awsapi.Case, error)
	CreateCase(ctx context.Context, subject, message string) (string, error)
}

// member is what is done within an account.
type member interface {
	GetCallerIdentity(ctx context.Context) (awsapi.Identity, error)
	CreateUser(ctx context.Context, name string) error
	AttachUserPolicy(ctx context.Context, user, policyARN string) error
	CreateAccessKey(ctx context.Context, user string) (awsapi.AccessKey, error)
	ListAccessKeys(ctx context.Context, user string) ([]awsapi.AccessKeyState, error)
	DeleteAccessKey(ctx context.Context, user, id string) error
	SetAccountAlias(ctx context.Context, alias string) error
	GetServiceQuota(ctx context.Context, service, quota string) (awsapi.Quota, error)
	RequestServiceQuotaIncrease(ctx context.Context, service, quota string, value float64) (awsapi.QuotaRequest, error)
	GetQuotaRequest(ctx context.Context, id string) (awsapi.QuotaRequest, error)
	ListQuotaRequests(ctx context.Context, service, quota string) ([]awsapi.QuotaRequest, error)
	PutSecurityContact(ctx context.Context, contact awsapi.Contact) error
	ListRegions(ctx context.Context) ([]awsapi.Region, error)
	EnableRegion(ctx context.Context, name string) error
	DisableRegion(ctx context.Context, name string) error
}

// atPayer opens a session in the payer account.
func (r *reconciler) atPayer(ctx context.Context, d Door) (payer, error) {
	return r.connect(ctx, d.access())
}

// inside opens a session in the account with the given ID.
func (r *reconciler) inside(ctx context.Context, d Door, uid string) (member, error) {
	access := d.access()
	if d.Manager != "" {
		access.Roles = append(access.Roles, awsapi.Role{AccountID: uid, Name: accountRole})
	}
	return r.connect(ctx, access)
}

func (d Door) access() awsapi.Access {
	access := awsapi.Access{Account: d.Account, Credentials: d.Token, Region: d.Region}
	if d.Manager != "" {
		access.Roles = []awsapi.Role{{AccountID: d.UID, Name: d.Manager}}
	}
	return access
}
