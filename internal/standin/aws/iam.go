package aws

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
)

// iamOperations are those of IAM.
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/
var iamOperations = map[string]operation{
	"CreateUser":         with(createUser),
	"ListUsers":          with(listUsers),
	"AttachUserPolicy":   with(attachUserPolicy),
	"CreateAccessKey":    with(createAccessKey),
	"ListAccessKeys":     with(listAccessKeys),
	"DeleteAccessKey":    with(deleteAccessKey),
	"CreateAccountAlias": with(createAccountAlias),
	"ListAccountAliases": with(listAccountAliases),
}

// Limits of IAM for one user.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	maxKeys     = 2
	maxPolicies = 10
)

var (
	userForm  = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)
	aliasForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9]|-[a-z0-9])*$`)
)

func noSuchEntity(format string, args ...any) *refusal {
	return &refusal{status: http.StatusNotFound, code: "NoSuchEntity", message: fmt.Sprintf(format, args...)}
}

func noSuchUser(name string) *refusal {
	return noSuchEntity("The user with name %s cannot be found.", name)
}

func alreadyExists(format string, args ...any) *refusal {
	return &refusal{status: http.StatusConflict, code: "EntityAlreadyExists", message: fmt.Sprintf(format, args...)}
}

func limitExceeded(format string, args ...any) *refusal {
	return &refusal{status: http.StatusConflict, code: "LimitExceeded", message: fmt.Sprintf(format, args...)}
}

func createUser(c *call, in struct{ UserName string }) (object, *refusal) {
	if !userForm.MatchString(in.UserName) {
		return nil, invalid("ValidationError", "The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-")
	}
	if c.account().Users[in.UserName] != nil {
		return nil, alreadyExists("User with name %s already exists.", in.UserName)
	}
	put(&c.account().Users, in.UserName, &User{})
	return object{"User": object{
		"Path": "/", "UserName": in.UserName, "UserId": userID(c.caller.account, in.UserName),
		"Arn": userARN(c.caller.account, in.UserName), "CreateDate": iso(c.now),
	}}, nil
}

func listUsers(c *call, in struct{ Marker string }) (object, *refusal) {
	names, next, ok := page(c, slices.Sorted(maps.Keys(c.account().Users)), in.Marker)
	if !ok {
		return nil, badMarker
	}
	users := []object{}
	for _, name := range names {
		users = append(users, object{"Path": "/", "UserName": name, "UserId": userID(c.caller.account, name), "Arn": userARN(c.caller.account, name), "CreateDate": iso(c.now)})
	}
	return marked(object{"Users": users}, next), nil
}

func attachUserPolicy(c *call, in struct{ UserName, PolicyARN string }) (object, *refusal) {
	user := c.account().Users[in.UserName]
	if user == nil {
		return nil, noSuchUser(in.UserName)
	}
	if _, ok := c.estate.policy(in.PolicyARN); !ok {
		return nil, noSuchEntity("Policy %s does not exist or is not attachable.", in.PolicyARN)
	}
	if slices.Contains(user.Policies, in.PolicyARN) {
		return nil, nil
	}
	if len(user.Policies) >= maxPolicies {
		return nil, limitExceeded("Cannot exceed quota for PoliciesPerUser: %d", maxPolicies)
	}
	user.Policies = append(user.Policies, in.PolicyARN)
	return nil, nil
}

func createAccessKey(c *call, in struct{ UserName string }) (object, *refusal) {
	user := c.account().Users[in.UserName]
	if user == nil {
		return nil, noSuchUser(in.UserName)
	}
	if len(user.Keys) >= maxKeys {
		return nil, limitExceeded("Cannot exceed quota for AccessKeysPerUser: %d", maxKeys)
	}
	user.Issued++
	number := strconv.Itoa(user.Issued)
	id := identifier("AKIA", 16, c.caller.account, in.UserName, number)
	key := &Key{
		Secret:  secretKey(c.caller.account, in.UserName, number),
		Pending: c.estate.Lag.Key.begin(c.now),
	}
	put(&user.Keys, id, key)
	return object{"AccessKey": object{
		"UserName": in.UserName, "AccessKeyId": id, "Status": "Active", "SecretAccessKey": key.Secret, "CreateDate": iso(c.now),
	}}, nil
}

// badMarker is IAM's answer to a token of a list that it never gave out.
var badMarker = invalid("ValidationError", "Invalid Marker.")

func listAccessKeys(c *call, in struct{ UserName, Marker string }) (object, *refusal) {
	user := c.account().Users[in.UserName]
	if user == nil {
		return nil, noSuchUser(in.UserName)
	}
	ids, next, ok := page(c, slices.Sorted(maps.Keys(user.Keys)), in.Marker)
	if !ok {
		return nil, badMarker
	}
	keys := []object{}
	for _, id := range ids {
		status := "Active"
		if user.Keys[id].Disabled {
			status = "Inactive"
		}
		keys = append(keys, object{"UserName": in.UserName, "AccessKeyId": id, "Status": status})
	}
	return marked(object{"AccessKeyMetadata": keys}, next), nil
}

// marked adds the token of the next page in IAM's form.
func marked(answer object, next string) object {
	answer["IsTruncated"] = next != ""
	if next != "" {
		answer["Marker"] = next
	}
	return answer
}

func deleteAccessKey(c *call, in struct{ UserName, AccessKeyID string }) (object, *refusal) {
	user := c.account().Users[in.UserName]
	if user == nil {
		return nil, noSuchUser(in.UserName)
	}
	if user.Keys[in.AccessKeyID] == nil {
		return nil, noSuchEntity("The Access Key with id %s cannot be found.", in.AccessKeyID)
	}
	delete(user.Keys, in.AccessKeyID)
	return nil, nil
}

// createAccountAlias replaces an alias that the account has. Aliases are those of all accounts of AWS.
func createAccountAlias(c *call, in struct{ AccountAlias string }) (object, *refusal) {
	if len(in.AccountAlias) < 3 || len(in.AccountAlias) > 63 || !aliasForm.MatchString(in.AccountAlias) || accountID.MatchString(in.AccountAlias) {
		return nil, invalid("ValidationError", "The specified value for accountAlias is invalid. It must contain only lower case letters, digits and dashes.")
	}
	for _, account := range c.estate.Accounts {
		if account.Alias == in.AccountAlias {
			return nil, alreadyExists("The account alias %s already exists.", in.AccountAlias)
		}
	}
	c.account().Alias = in.AccountAlias
	return nil, nil
}

func listAccountAliases(c *call, _ struct{ Marker string }) (object, *refusal) {
	aliases := []string{}
	if alias := c.account().Alias; alias != "" {
		aliases = append(aliases, alias)
	}
	return marked(object{"AccountAliases": aliases}, ""), nil
}
