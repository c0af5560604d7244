package kubeapi

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

const (
	tokenType    = "kubernetes.io/service-account-token"
	tokenAccount = "kubernetes.io/service-account.name"
)

var (
	secretKind  = Kind{Name: "Secret", Version: "v1", Resource: "secrets", Namespaced: true}
	accountKind = Kind{Name: "ServiceAccount", Version: "v1", Resource: "serviceaccounts", Namespaced: true}
)

// AccountToken is a token of a service account that does not end, as a Secret of the cluster keeps it.
type AccountToken struct {
	Namespace string
	// Account is the service account.
	Account string
	// Secret is the name of the Secret.
	Secret string
	// Value is the token in clear; the zero value until the cluster has made it.
	Value secret.Value
}

// Issued says whether the cluster has made the token.
func (t AccountToken) Issued() bool { return t.Value.Reveal() != "" }

// AccountTokens returns the tokens of the service accounts in the namespaces, by namespace and name of their Secrets.
// Namespaces that do not exist have none.
func (c *Client) AccountTokens(ctx context.Context, namespaces []string) ([]AccountToken, error) {
	found, err := gatherKind(ctx, c, secretKind, namespaces, func(_ context.Context, page []map[string]any) ([]AccountToken, error) {
		return tokensIn(page), nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b AccountToken) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Secret, b.Secret))
	})
	return found, nil
}

func tokensIn(secrets []map[string]any) []AccountToken {
	var found []AccountToken
	for _, item := range secrets {
		account := str(annotations(item), tokenAccount)
		if str(item, "type") != tokenType || account == "" || terminating(item) {
			continue
		}
		token := AccountToken{Namespace: namespaceOf(item), Account: account, Secret: nameOf(item)}
		// The server stores nothing here that is not base64.
		if clear, err := base64.StdEncoding.DecodeString(str(child(item, "data"), "token")); err == nil {
			token.Value = secret.New(string(clear))
		}
		found = append(found, token)
	}
	return found
}

// IssueToken returns the first token of a service account by name of its Secret. Where there is none, it asks the cluster
// for one by a Secret that carries the owner's stamps, and waits for it. It may be repeated: a Secret that is there is not
// asked for again. A service account that is not there is Missing, a token that takes its time NotYet.
func (c *Client) IssueToken(ctx context.Context, owner Owner, namespace, account string) (AccountToken, error) {
	issued, known, err := c.accountToken(ctx, namespace, account)
	if err != nil || issued.Issued() {
		return issued, err
	}
	if !known {
		if err := c.requestToken(ctx, owner, namespace, account); err != nil {
			return AccountToken{}, err
		}
	}
	err = settleWithin{limit: 10 * time.Second, pause: 50 * time.Millisecond}.until(ctx, func(ctx context.Context) (bool, error) {
		issued, _, err = c.accountToken(ctx, namespace, account)
		return issued.Issued(), err
	})
	if ctx.Err() == nil && (errors.Is(err, context.DeadlineExceeded) || wait.Interrupted(err)) {
		return AccountToken{}, apierr.Errorf(apierr.NotYet, "cluster %s has not made a token for %s yet", c.cluster, describe("ServiceAccount", namespace, account))
	}
	return issued, err
}

// accountToken returns the account's first token, one that has been made before those that are asked for. Known says
// whether there is either.
func (c *Client) accountToken(ctx context.Context, namespace, account string) (first AccountToken, known bool, err error) {
	tokens, err := c.AccountTokens(ctx, []string{namespace})
	for _, token := range tokens {
		if token.Account != account {
			continue
		}
		if token.Issued() {
			return token, true, nil
		}
		known = true
	}
	return AccountToken{}, known, err
}

// requestToken makes a Secret for the token. The name is the same for all who ask, so that only one is made.
//
// Differs from the reference: the digits in the name are those of the namespace and account, not random. A Secret whose
// account does not exist is not made: the cluster would delete it at once.
func (c *Client) requestToken(ctx context.Context, owner Owner, namespace, account string) error {
	if exists, err := c.AccountExists(ctx, namespace, account); err != nil {
		return err
	} else if !exists {
		return apierr.Errorf(apierr.Missing, "%s does not exist in cluster %s: create it", describe("ServiceAccount", namespace, account), c.cluster)
	}
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(namespace + "/" + account))
	body, err := Annotated(map[string]any{
		"apiVersion": "v1", "kind": "Secret", "type": tokenType,
		"metadata": map[string]any{
			"name":        fmt.Sprintf("%s-token-%05d", account, sum.Sum32()%100_000),
			"annotations": map[string]any{tokenAccount: account},
		},
	}, owner, c.now())
	if err != nil {
		return err
	}
	_, err = c.create(ctx, reference{Kind: secretKind, namespace: namespace}, body)
	if !apierr.Is(err, apierr.Conflict) {
		return err
	}
	if _, known, look := c.accountToken(ctx, namespace, account); look != nil || known {
		return look
	}
	return apierr.Errorf(apierr.Invalid, "%s in cluster %s is in the way of the account's token: rename or delete it", describe("Secret", namespace, nameOf(body)), c.cluster)
}

// AccountExists says whether a service account is there.
func (c *Client) AccountExists(ctx context.Context, namespace, account string) (bool, error) {
	_, err := c.get(ctx, reference{Kind: accountKind, namespace: namespace, name: account})
	if apierr.Is(err, apierr.Missing) {
		return false, nil
	}
	return err == nil, err
}
