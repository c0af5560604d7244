package aws

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// signature is what the Authorization header of Signature Version 4 says.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
type signature struct {
	keyID, region, service string
	headers                []string
}

// parseSignature returns the zero signature for a request that has none.
func parseSignature(r *http.Request) signature {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	if !ok {
		return signature{}
	}
	fields := map[string]string{}
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[name] = value
	}
	scope := strings.Split(fields["Credential"], "/")
	if len(scope) != 5 || scope[4] != "aws4_request" {
		return signature{}
	}
	return signature{keyID: scope[0], region: scope[2], service: scope[3], headers: strings.Split(fields["SignedHeaders"], ";")}
}

// principal is who sent a request.
type principal struct {
	account, arn, id string
	policies         []string
}

// session is what assuming a role gave.
type session struct {
	secret, token string
	account, role string
	name          string
	expires       time.Time
}

// authenticate finds the caller and verifies that it signed the request.
func (c *call) authenticate(r *http.Request, body []byte) *refusal {
	if c.signature.keyID == "" {
		return c.refuse("MissingAuthenticationToken", "Request is missing Authentication Token")
	}
	credentials, refused := c.credentials()
	if refused != nil {
		return refused
	}
	if r.Header.Get("X-Amz-Security-Token") != credentials.SessionToken {
		return c.unknownKey()
	}
	if !c.signature.fits(r.Context(), r, body, credentials) {
		if c.protocol == json11 || c.protocol == rest {
			return c.refuse("InvalidSignature", mismatch)
		}
		return &refusal{status: http.StatusForbidden, code: "SignatureDoesNotMatch", message: mismatch}
	}
	return nil
}

const mismatch = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."

// credentials looks the access key up and sets the caller.
func (c *call) credentials() (awssdk.Credentials, *refusal) {
	if session, ok := c.server.sessions[c.signature.keyID]; ok {
		if !c.now.Before(session.expires) {
			return awssdk.Credentials{}, c.refuse("ExpiredToken", "The security token included in the request is expired")
		}
		account := c.estate.Accounts[session.account]
		if account == nil || account.Roles[session.role] == nil || !c.regional(account) {
			return awssdk.Credentials{}, c.unknownKey()
		}
		c.caller = principal{
			account: session.account, id: identifier("AROA", 17, session.account, session.role) + ":" + session.name,
			arn:      fmt.Sprintf("arn:aws:sts::%s:assumed-role/%s/%s", session.account, session.role, session.name),
			policies: account.Roles[session.role].Policies,
		}
		return awssdk.Credentials{AccessKeyID: c.signature.keyID, SecretAccessKey: session.secret, SessionToken: session.token}, nil
	}
	for id, account := range c.estate.Accounts {
		for name, user := range account.Users {
			key := user.Keys[c.signature.keyID]
			if key == nil {
				continue
			}
			if key.Disabled || !key.Pending.over(c.now) || !c.regional(account) {
				return awssdk.Credentials{}, c.unknownKey()
			}
			key.Pending = nil
			c.caller = principal{account: id, id: userID(id, name), arn: userARN(id, name), policies: user.Policies}
			return awssdk.Credentials{AccessKeyID: c.signature.keyID, SecretAccessKey: key.Secret}, nil
		}
	}
	return awssdk.Credentials{}, c.unknownKey()
}

// regional says whether the account's credentials are known in the request's region. Where a region is not enabled they
// are not.
func (c *call) regional(account *Account) bool {
	switch account.region(c.signature.region) {
	case "ENABLED", "ENABLED_BY_DEFAULT", "DISABLING":
		return true
	}
	return false
}

// fits signs the request again and compares.
func (s signature) fits(ctx context.Context, r *http.Request, body []byte, credentials awssdk.Credentials) bool {
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil {
		return false
	}
	again := &http.Request{
		Method: r.Method, Host: r.Host, Header: http.Header{},
		URL: &url.URL{Scheme: "http", Host: r.Host, Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery},
	}
	for _, name := range s.headers {
		if values := r.Header.Values(name); len(values) > 0 {
			again.Header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
		}
	}
	if slices.Contains(s.headers, "content-length") {
		again.ContentLength = r.ContentLength
		again.Header.Del("Content-Length")
	}
	digest := sha256.Sum256(body)
	// S3 alone signs the path as it is sent.
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = s.service == "s3" })
	err = signer.SignHTTP(ctx, credentials, again, hex.EncodeToString(digest[:]), s.service, s.region, at)
	return err == nil && again.Header.Get("Authorization") == r.Header.Get("Authorization")
}

// AdministratorAccess is AWS's own policy that allows everything.
const AdministratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess"

// policy returns the actions that a policy allows.
func (e Estate) policy(arn string) ([]string, bool) {
	if arn == AdministratorAccess {
		return []string{"*"}, true
	}
	actions, ok := e.Policies[arn]
	return actions, ok
}

// authorize compares the caller's policies with the operation. Everybody may ask who they are.
func (c *call) authorize() *refusal {
	if c.signature.service == "sts" && c.operation == "GetCallerIdentity" {
		return nil
	}
	action := c.signature.service + ":" + c.operation
	// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
	switch action {
	case "s3:HeadBucket":
		action = "s3:ListBucket"
	case "s3:ListObjectsV2":
		action = "s3:ListBucket"
	case "s3:ListBuckets":
		action = "s3:ListAllMyBuckets"
	}
	for _, arn := range c.caller.policies {
		actions, _ := c.estate.policy(arn)
		for _, allowed := range actions {
			prefix, wild := strings.CutSuffix(allowed, "*")
			if allowed == action || wild && strings.HasPrefix(action, prefix) {
				return nil
			}
		}
	}
	return c.denied(fmt.Sprintf("User: %s is not authorized to perform: %s because no identity-based policy allows the %s action", c.caller.arn, action, action))
}
