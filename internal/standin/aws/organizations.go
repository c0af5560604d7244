package aws

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// organizationsOperations are those of AWS Organizations.
// Source: https://docs.aws.amazon.com/organizations/latest/APIReference/
var organizationsOperations = map[string]operation{
	"CreateAccount":                    managed(createAccount),
	"DescribeCreateAccountStatus":      managed(describeCreateAccountStatus),
	"ListCreateAccountStatus":          managed(listCreateAccountStatus),
	"DescribeAccount":                  managed(describeAccount),
	"ListAccounts":                     managed(listAccounts),
	"ListRoots":                        managed(listRoots),
	"ListOrganizationalUnitsForParent": managed(listUnits),
	"ListParents":                      managed(listParents),
	"MoveAccount":                      managed(moveAccount),
	"ListTagsForResource":              managed(listTags),
	"TagResource":                      managed(tagResource),
	"UntagResource":                    managed(untagResource),
}

// tree is the organisation that the caller manages.
type tree struct {
	*call
	id string
	*Organization
}

// managed decodes the request for what only the management account may do.
func managed[In any](handle func(tree, In) (object, *refusal)) operation {
	return with(func(c *call, in In) (object, *refusal) {
		for id, organization := range c.estate.Organizations {
			if organization.Management == c.caller.account {
				return handle(tree{c, id, organization}, in)
			}
		}
		if c.estate.organizationOf(c.account()) != nil {
			return nil, c.denied("You don't have permissions to access this resource.")
		}
		return nil, invalid("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
	})
}

// has says whether an ID is that of the root or a unit.
func (o *Organization) has(parent string) bool { return parent == o.Root || o.Units[parent] != nil }

func (e Estate) organizationOf(account *Account) *Organization {
	for _, organization := range e.Organizations {
		if organization != nil && organization.has(account.Parent) {
			return organization
		}
	}
	return nil
}

// member returns an account of the organisation.
func (t tree) member(id string) (*Account, bool) {
	account, ok := t.estate.Accounts[id]
	return account, ok && t.has(account.Parent)
}

// members returns the IDs of the organisation's accounts, sorted.
func (t tree) members() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(t.estate.Accounts)), func(id string) bool {
		_, ok := t.member(id)
		return !ok
	})
}

func (t tree) arn(kind, rest string) string {
	return fmt.Sprintf("arn:aws:organizations::%s:%s/%s/%s", t.Management, kind, t.id, rest)
}

var (
	accountNotFound = invalid("AccountNotFoundException", "You specified an account that doesn't exist.")
	badToken        = invalid("InvalidInputException", "You specified an invalid value for nextToken. You must get the value from the response to a previous call to the API.")
)

// view leaves Status out, which AWS retired on September 9, 2026.
func (t tree) view(id string) object {
	account := t.estate.Accounts[id]
	state := account.State
	if state == "" {
		state = "ACTIVE"
	}
	joined := "CREATED"
	if id == t.Management {
		joined = "INVITED"
	}
	return object{
		"Id": id, "Arn": t.arn("account", id), "Name": account.Name, "Email": account.Email, "State": state, "JoinedMethod": joined,
	}
}

func describeAccount(t tree, in struct{ AccountID string }) (object, *refusal) {
	if _, ok := t.member(in.AccountID); !ok {
		return nil, accountNotFound
	}
	return object{"Account": t.view(in.AccountID)}, nil
}

type listing struct{ NextToken string }

func listAccounts(t tree, in listing) (object, *refusal) {
	ids, next, ok := page(t.call, t.members(), in.NextToken)
	if !ok {
		return nil, badToken
	}
	accounts := []object{}
	for _, id := range ids {
		accounts = append(accounts, t.view(id))
	}
	return paged(object{"Accounts": accounts}, next), nil
}

// paged adds the token of the next page, where there is one.
func paged(answer object, next string) object {
	if next != "" {
		answer["NextToken"] = next
	}
	return answer
}

func listRoots(t tree, _ listing) (object, *refusal) {
	return object{"Roots": []object{{"Id": t.Root, "Arn": t.arn("root", t.Root), "Name": "Root", "PolicyTypes": []object{}}}}, nil
}

func listUnits(t tree, in struct{ ParentID, NextToken string }) (object, *refusal) {
	if !t.has(in.ParentID) {
		return nil, invalid("ParentNotFoundException", "You specified parent that doesn't exist.")
	}
	children := slices.DeleteFunc(slices.Sorted(maps.Keys(t.Units)), func(id string) bool { return t.Units[id].Parent != in.ParentID })
	ids, next, ok := page(t.call, children, in.NextToken)
	if !ok {
		return nil, badToken
	}
	units := []object{}
	for _, id := range ids {
		units = append(units, object{"Id": id, "Arn": t.arn("ou", id), "Name": t.Units[id].Name})
	}
	return paged(object{"OrganizationalUnits": units}, next), nil
}

func listParents(t tree, in struct{ ChildID string }) (object, *refusal) {
	parent := ""
	if account, ok := t.member(in.ChildID); ok {
		parent = account.Parent
	} else if unit := t.Units[in.ChildID]; unit != nil {
		parent = unit.Parent
	} else {
		return nil, invalid("ChildNotFoundException", "You specified a child that doesn't exist.")
	}
	kind := "ORGANIZATIONAL_UNIT"
	if parent == t.Root {
		kind = "ROOT"
	}
	return object{"Parents": []object{{"Id": parent, "Type": kind}}}, nil
}

func moveAccount(t tree, in struct{ AccountID, SourceParentID, DestinationParentID string }) (object, *refusal) {
	account, ok := t.member(in.AccountID)
	switch {
	case !ok:
		return nil, accountNotFound
	case !t.has(in.SourceParentID), account.Parent != in.SourceParentID && account.Parent != in.DestinationParentID:
		return nil, invalid("SourceParentNotFoundException", "You specified a source parent that doesn't exist.")
	case !t.has(in.DestinationParentID):
		return nil, invalid("DestinationParentNotFoundException", "You specified a destination parent that doesn't exist.")
	case account.Parent == in.DestinationParentID:
		return nil, invalid("DuplicateAccountException", "The account is already in the destination.")
	}
	account.Parent = in.DestinationParentID
	return nil, nil
}

// maxTags is what one resource can have.
const maxTags = 50

var targetNotFound = invalid("TargetNotFoundException", "You specified a target that doesn't exist.")

func listTags(t tree, in struct{ ResourceID, NextToken string }) (object, *refusal) {
	account, ok := t.member(in.ResourceID)
	if !ok {
		return nil, targetNotFound
	}
	keys, next, ok := page(t.call, slices.Sorted(maps.Keys(account.Tags)), in.NextToken)
	if !ok {
		return nil, badToken
	}
	tags := []object{}
	for _, key := range keys {
		tags = append(tags, object{"Key": key, "Value": account.Tags[key]})
	}
	return paged(object{"Tags": tags}, next), nil
}

func tagResource(t tree, in struct {
	ResourceID string
	Tags       []struct{ Key, Value string }
}) (object, *refusal) {
	account, ok := t.member(in.ResourceID)
	if !ok {
		return nil, targetNotFound
	}
	after := maps.Clone(account.Tags)
	if after == nil {
		after = map[string]string{}
	}
	for _, tag := range in.Tags {
		if tag.Key == "" || len(tag.Key) > 128 || len(tag.Value) > 256 || strings.HasPrefix(strings.ToLower(tag.Key), "aws:") {
			return nil, invalid("InvalidInputException", "You provided a tag that is not valid: "+tag.Key)
		}
		after[tag.Key] = tag.Value
	}
	if len(after) > maxTags {
		return nil, invalid("ConstraintViolationException", "You have exceeded the number of tags allowed on a resource.")
	}
	account.Tags = after
	return nil, nil
}

func untagResource(t tree, in struct {
	ResourceID string
	TagKeys    []string
}) (object, *refusal) {
	account, ok := t.member(in.ResourceID)
	if !ok {
		return nil, targetNotFound
	}
	for _, key := range in.TagKeys {
		delete(account.Tags, key)
	}
	return nil, nil
}
