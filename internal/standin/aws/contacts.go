package aws

import (
	"net/http"
	"slices"
)

// contactTypes are the alternate contacts that an account can have.
var contactTypes = []string{"BILLING", "OPERATIONS", "SECURITY"}

func putAlternateContact(c *call, in struct{ AlternateContactType, EmailAddress, Name, PhoneNumber, Title string }) (object, *refusal) {
	if !slices.Contains(contactTypes, in.AlternateContactType) || in.EmailAddress == "" || in.Name == "" || in.PhoneNumber == "" || in.Title == "" {
		return nil, invalid("ValidationException", "An alternate contact has a type, a name, a title, an email address and a phone number.")
	}
	put(&c.account().Contacts, in.AlternateContactType, Contact{Name: in.Name, Title: in.Title, Email: in.EmailAddress, Phone: in.PhoneNumber})
	return nil, nil
}

func getAlternateContact(c *call, in struct{ AlternateContactType string }) (object, *refusal) {
	contact, ok := c.account().Contacts[in.AlternateContactType]
	if !ok {
		return nil, &refusal{status: http.StatusNotFound, code: "ResourceNotFoundException", message: "No contact of the inputted alternate contact type found."}
	}
	return object{"AlternateContact": object{
		"AlternateContactType": in.AlternateContactType, "Name": contact.Name, "Title": contact.Title,
		"EmailAddress": contact.Email, "PhoneNumber": contact.Phone,
	}}, nil
}
