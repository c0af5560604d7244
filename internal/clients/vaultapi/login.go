package vaultapi

import (
	"context"
	"fmt"
	"net/http"
	"os"

	"github.com/hashicorp/vault/api"
	"github.com/hashicorp/vault/api/auth/approle"
	"github.com/hashicorp/vault/api/auth/kubernetes"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Login is a way to get a token: AppRole or Kubernetes.
type Login interface {
	// method makes the request for a token. It is called anew for each login.
	method() (api.AuthMethod, error)
	// String names it in messages, with nothing secret.
	String() string
	// remedy says what to do when it is refused.
	remedy() string
}

// AppRole logs in with a role ID and a secret ID, at the auth method approle.
type AppRole struct {
	RoleID, SecretID secret.Value
}

// String implements Login.
func (AppRole) String() string { return "AppRole" }

func (AppRole) remedy() string { return "correct role_id and secret_id, or renew the secret ID" }

func (a AppRole) method() (api.AuthMethod, error) {
	method, err := approle.NewAppRoleAuth(a.RoleID.Reveal(), &approle.SecretID{FromString: a.SecretID.Reveal()})
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "role ID or secret ID is empty: set both")
	}
	return method, nil
}

// EnvTokenPath is the environment variable with the path of the service account's token, where it is not the one that
// Kubernetes mounts.
const EnvTokenPath = "KUBE_SA_TOKEN_PATH" //nolint:gosec // the name of a variable, not a token.

const mountedToken = "/var/run/secrets/kubernetes.io/serviceaccount/token" //nolint:gosec // a path, not a token.

// Kubernetes logs in with the token of the pod's service account, which is read anew each time: the kubelet replaces it.
type Kubernetes struct {
	// Role and Mount are those of Vault's auth method.
	Role, Mount string
	// TokenPath is the file with the token.
	TokenPath string
}

// TokenPath is the path of the service account's token: what the environment says, else where Kubernetes mounts it.
func TokenPath(getenv func(string) string) string {
	if path := getenv(EnvTokenPath); path != "" {
		return path
	}
	return mountedToken
}

// String implements Login.
func (k Kubernetes) String() string { return "Kubernetes role " + k.Role + " at auth/" + k.Mount }

func (Kubernetes) remedy() string {
	return "correct kube_auth_role and kube_auth_mount, or let the role in Vault accept the service account"
}

func (k Kubernetes) method() (api.AuthMethod, error) {
	if _, err := os.Stat(k.TokenPath); err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "the service account's token cannot be read: %w: run in a pod with a service account, or set %s", err, EnvTokenPath)
	}
	method, err := kubernetes.NewKubernetesAuth(k.Role, kubernetes.WithServiceAccountTokenPath(k.TokenPath), kubernetes.WithMountPath(k.Mount))
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "the service account's token cannot be used: %w", err)
	}
	return method, nil
}

// enter gets a token.
func enter(ctx context.Context, client *api.Client, login Login) (*api.Secret, error) {
	method, err := login.method()
	if err != nil {
		return nil, err
	}
	return once(ctx, client, func(ctx context.Context, _ *api.Logical) (*api.Secret, error) {
		return method.Login(ctx, client)
	})
}

// refusedLogin classifies the error of a login. Vault answers 400 to credentials that it does not know.
func refusedLogin(login Login, err error) error {
	o := operation{does: "log in with " + login.String(), forbidden: ErrLoginRefused, remedy: login.remedy()}
	if isStatus(err, http.StatusBadRequest) || isStatus(err, http.StatusUnauthorized) || isStatus(err, http.StatusNotFound) {
		err = apierr.Errorf(apierr.Denied, "%w: %s", ErrLoginRefused, o.remedy)
	}
	err = fmt.Errorf("%s: %w", o.does, o.classify(err))
	return loginError{err, !mayPass(err)}
}
