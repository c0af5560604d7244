package kubeapi

import (
	"context"
	"net/http"

	"k8s.io/client-go/rest"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

const (
	userKind     = "User.user.openshift.io"
	identityKind = "Identity.user.openshift.io"
)

// User is a user of an OpenShift cluster, who has logged in to it before.
type User struct {
	Name string
	// Identities are the accounts at identity providers that the user logs in with, "provider:account".
	Identities []string
	// Admin says that the user carries the label admin.
	Admin bool
}

// ListUsers returns the users of an OpenShift cluster, complete or with an error. A cluster that has no users is
// apierr.Missing.
func (c *Client) ListUsers(ctx context.Context) ([]User, error) {
	items, err := c.List(ctx, userKind, "", "")
	if err != nil {
		return nil, err
	}
	users := make([]User, len(items))
	for i, item := range items {
		users[i] = userOf(item)
	}
	return users, nil
}

func userOf(item map[string]any) User {
	return User{Name: nameOf(item), Identities: textList(item["identities"]), Admin: str(child(metadata(item), "labels"), "admin") != ""}
}

// DeleteUser deletes a user with the identities. It reads the user once more and asks may, so that one who has become
// somebody else's in the meantime is left alone (apierr.Guard). One who is gone is success.
//
// Differs from the reference: identities go before the user. Where the work ends in between, the next attempt still finds
// the user and with it what is left; there identities without a user stay, and keep the person from logging in again.
func (c *Client) DeleteUser(ctx context.Context, name string, may func(User) bool) error {
	kind, err := c.Kind(ctx, userKind)
	if err != nil {
		return err
	}
	ref := reference{Kind: kind, name: name}
	live, err := c.get(ctx, ref)
	if apierr.Is(err, apierr.Missing) {
		return nil
	}
	if err != nil {
		return err
	}
	user := userOf(live)
	if !may(user) {
		return apierr.Errorf(apierr.Guard, "user %s in cluster %s is not deleted: app-interface does not manage this user any more", name, c.cluster)
	}
	for _, identity := range user.Identities {
		if err := c.deleteIdentity(ctx, identity); err != nil {
			return err
		}
	}
	return c.remove(ctx, ref, uidOf(live), background)
}

func (c *Client) deleteIdentity(ctx context.Context, name string) error {
	kind, err := c.Kind(ctx, identityKind)
	if err != nil {
		return err
	}
	ref := reference{Kind: kind, name: name}
	_, err = c.send(ctx, ref.call("delete"), func() *rest.Request { return c.request(http.MethodDelete, ref) })
	if apierr.Is(err, apierr.Missing) {
		return nil
	}
	return err
}
