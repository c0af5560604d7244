package aws

import (
	"crypto/rand"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// stsOperations are those of STS.
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/
var stsOperations = map[string]operation{
	"AssumeRole":        with(assumeRole),
	"GetCallerIdentity": with(getCallerIdentity),
}

var (
	roleARN     = regexp.MustCompile(`^arn:aws:iam::([0-9]{12}):role/(.+)$`)
	sessionForm = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
)

// Durations of a session, in seconds. One that was begun by a session lasts an hour at most.
const (
	shortest = 900
	usual    = 3600
	longest  = 43200
)

// assumeRole refuses a role that is not there as it refuses one that does not trust the caller.
func assumeRole(c *call, in struct{ RoleARN, RoleSessionName, DurationSeconds string }) (object, *refusal) {
	seconds := usual
	if in.DurationSeconds != "" {
		var err error
		if seconds, err = strconv.Atoi(in.DurationSeconds); err != nil || seconds < shortest || seconds > longest {
			return nil, invalid("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
		}
	}
	if chained := strings.HasPrefix(c.signature.keyID, "ASIA"); chained && seconds > usual {
		return nil, invalid("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	}
	parts := roleARN.FindStringSubmatch(in.RoleARN)
	if parts == nil || !sessionForm.MatchString(in.RoleSessionName) {
		return nil, invalid("ValidationError", "1 validation error detected: the role's ARN or the session's name has not the right form")
	}
	var role *Role
	if account := c.estate.Accounts[parts[1]]; account != nil {
		role = account.Roles[parts[2]]
	}
	if role == nil || !slices.Contains(role.Trusts, c.caller.account) {
		return nil, c.denied(fmt.Sprintf("User: %s is not authorized to perform: sts:AssumeRole on resource: %s", c.caller.arn, in.RoleARN))
	}
	// No two servers give the same session, so that who takes up one of another server learns that it is not known here.
	key := identifier("ASIA", 16, in.RoleARN, in.RoleSessionName, rand.Text())
	made := session{
		secret: secretKey(key), token: secretKey(key, "token"),
		account: parts[1], role: parts[2], name: in.RoleSessionName, expires: c.now.Add(time.Duration(seconds) * time.Second),
	}
	c.server.sessions[key] = made
	return object{
		"Credentials": object{
			"AccessKeyId": key, "SecretAccessKey": made.secret, "SessionToken": made.token, "Expiration": iso(made.expires),
		},
		"AssumedRoleUser": object{
			"Arn":           fmt.Sprintf("arn:aws:sts::%s:assumed-role/%s/%s", made.account, made.role, made.name),
			"AssumedRoleId": identifier("AROA", 17, made.account, made.role) + ":" + made.name,
		},
	}, nil
}

func getCallerIdentity(c *call, _ struct{}) (object, *refusal) {
	return object{"Account": c.caller.account, "Arn": c.caller.arn, "UserId": c.caller.id}, nil
}

func iso(at time.Time) string { return at.UTC().Format(time.RFC3339) }
