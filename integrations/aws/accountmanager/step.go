package accountmanager

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The tasks, by the names that they have in the keys of state. The file of an account has none there.
const (
	createAccount     = "create-account"
	createUser        = "create-iam-user"
	accountFile       = "account-file"
	tagAccount        = "tag-account"
	moveAccount       = "move-account"
	enterpriseSupport = "enable-enterprise-support"
	accountAlias      = "account-alias"
	serviceQuotas     = "request-service-quota"
	contactOfSecurity = "set-security-contact"
	supportedRegions  = "set-supported-regions"
)

// Step is one task of an account. It has all that it takes to carry it out, so that each attempt does the same.
type Step struct {
	Task    string `json:"task"`
	Account string `json:"account"`
	// UID is the account's ID; it is empty for one that AWS has not made yet.
	UID string `json:"uid,omitempty"`
	// File is the datafile that the step comes from.
	File string `json:"file,omitempty"`
	// Folder is where the account's keys are in state: <flavor>/<payer or account>.
	Folder string `json:"folder,omitempty"`
	Door   Door   `json:"door,omitzero"`

	// Email of the owner, of create-account.
	Email string `json:"email,omitempty"`
	// User, of create-iam-user.
	User *User `json:"user,omitempty"`
	// Addition, of account-file.
	Addition *Addition `json:"addition,omitempty"`
	// Tags, of tag-account.
	Tags map[string]string `json:"tags,omitempty"`
	// Unit is the path of an organisational unit, of move-account.
	Unit string `json:"unit,omitempty"`
	// Alias, of account-alias.
	Alias string `json:"alias,omitempty"`
	// Quotas, of request-service-quota.
	Quotas []Quota `json:"quotas,omitempty"`
	// Contact, of set-security-contact.
	Contact *Contact `json:"contact,omitempty"`
	// Noted is the contact as state has it.
	Noted string `json:"noted,omitempty"`
	// Regions, of set-supported-regions.
	Regions []string `json:"regions,omitempty"`
}

// User is the first user of an account.
type User struct {
	Name   string `json:"name"`
	Policy string `json:"policy,omitempty"`
	// Secret is the path of the secret with the access key.
	Secret string `json:"secret,omitempty"`
}

// Addition is the merge request with the file of an account.
type Addition struct {
	// Path is the file's in the repository.
	Path string `json:"path"`
	// TemplatePath names the resource whose text Template is.
	TemplatePath string `json:"templatePath"`
	Template     string `json:"template"`
	// Request is the account request as GraphQL answers it.
	Request json.RawMessage `json:"request"`
	// Settings are what the template knows of the integration's flags.
	Settings map[string]any `json:"settings"`
	// Timestamp is when the step was first wanted, in Unix seconds. It is no reason for another merge request.
	Timestamp int64 `json:"timestamp"`
}

// Quota is the value that a quota should have at least, in the form that it has in state.
type Quota struct {
	Service string  `json:"service_code"`
	Code    string  `json:"quota_code"`
	Value   float64 `json:"value"`
}

// String names the quota.
func (q Quota) String() string { return q.Service + "/" + q.Code }

// Contact is whom AWS tells about security.
type Contact struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Email string `json:"email"`
	Phone string `json:"phone"`
}

// String is the form that it has in state.
func (c Contact) String() string {
	return strings.Join([]string{c.Name, c.Title, c.Email, c.Phone}, " ")
}

// Key implements plan.Item.
func (s Step) Key() string { return s.Task }

// Wave implements plan.Ordered: an account has to be there before its user, and the user before the merge request.
func (s Step) Wave() int {
	switch s.Task {
	case createUser:
		return 1
	case accountFile:
		return 2
	}
	return 0
}

// Equal implements plan.Item.
func (s Step) Equal(current Step) bool {
	switch s.Task {
	case createUser:
		return s.User.Name == current.User.Name
	case tagAccount:
		return maps.Equal(s.Tags, current.Tags)
	case moveAccount:
		return s.Unit == current.Unit
	case accountAlias:
		return s.Alias == current.Alias
	case serviceQuotas:
		return sameQuotas(s.Quotas, current.Quotas)
	case contactOfSecurity:
		return s.Contact.String() == current.Noted
	case supportedRegions:
		return slices.Equal(sorted(s.Regions), sorted(current.Regions))
	}
	// Of the others state says only that they are done.
	return true
}

// Title implements plan.Titled.
func (s Step) Title() string {
	switch s.Task {
	case createAccount:
		return "AWS account " + s.Account
	case createUser:
		return fmt.Sprintf("user %s in AWS account %s", s.User.Name, s.Account)
	case accountFile:
		return "merge request with the file of AWS account " + s.Account
	case tagAccount:
		return "tags of AWS account " + s.Account
	case moveAccount:
		return fmt.Sprintf("place of AWS account %s in %s", s.Account, s.Unit)
	case enterpriseSupport:
		return "enterprise support of AWS account " + s.Account
	case accountAlias:
		return fmt.Sprintf("alias %s of AWS account %s", s.Alias, s.Account)
	case serviceQuotas:
		return "quotas of AWS account " + s.Account
	case contactOfSecurity:
		return "security contact of AWS account " + s.Account
	}
	return "regions of AWS account " + s.Account
}

// Explain implements plan.Explained.
func (s Step) Explain(current Step) string {
	switch s.Task {
	case createUser:
		return "it was " + current.User.Name
	case tagAccount:
		return fmt.Sprintf("%s in place of %s", words(s.Tags), words(current.Tags))
	case moveAccount:
		return "it was in " + current.Unit
	case accountAlias:
		return "it was " + current.Alias
	case serviceQuotas:
		return "other quotas are wanted than were asked for"
	case contactOfSecurity:
		return "it was " + current.Noted
	case supportedRegions:
		return fmt.Sprintf("%s in place of %s", list(s.Regions), list(current.Regions))
	}
	return ""
}

func words(tags map[string]string) string {
	var texts []string
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		texts = append(texts, key+"="+tags[key])
	}
	return list(texts)
}

func list(texts []string) string { return cmp.Or(strings.Join(texts, ", "), "none") }

func sorted(texts []string) []string { return slices.Sorted(slices.Values(texts)) }

// sameQuotas says whether both ask for the same, in whatever order.
func sameQuotas(a, b []Quota) bool {
	order := func(q Quota, p Quota) int {
		return cmp.Or(cmp.Compare(q.Service, p.Service), cmp.Compare(q.Code, p.Code), cmp.Compare(q.Value, p.Value))
	}
	return slices.Equal(slices.SortedFunc(slices.Values(a), order), slices.SortedFunc(slices.Values(b), order))
}
