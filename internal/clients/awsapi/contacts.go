package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/account/types"
)

// Contact is whom AWS tells about an account.
type Contact struct {
	Name  string
	Title string
	Email string
	Phone string
}

// GetSecurityContact returns the account's security contact. It is Missing where there is none.
func (c *Client) GetSecurityContact(ctx context.Context) (Contact, error) {
	const what = "get the security contact"
	out, err := send(ctx, c, what, c.account.GetAlternateContact,
		&account.GetAlternateContactInput{AlternateContactType: types.AlternateContactTypeSecurity})
	if err != nil {
		return Contact{}, err
	}
	if out.AlternateContact == nil {
		return Contact{}, c.without(what, "a contact")
	}
	found := out.AlternateContact
	return Contact{
		Name: aws.ToString(found.Name), Title: aws.ToString(found.Title),
		Email: aws.ToString(found.EmailAddress), Phone: aws.ToString(found.PhoneNumber),
	}, nil
}

// PutSecurityContact sets the account's security contact.
func (c *Client) PutSecurityContact(ctx context.Context, contact Contact) error {
	_, err := send(ctx, c, "set the security contact", c.account.PutAlternateContact, &account.PutAlternateContactInput{
		AlternateContactType: types.AlternateContactTypeSecurity,
		Name:                 &contact.Name, Title: &contact.Title, EmailAddress: &contact.Email, PhoneNumber: &contact.Phone,
	})
	return err
}
