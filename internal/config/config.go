// Package config reads config.toml, the file that says where app-interface and Vault are and, on installations
// without Vault, holds the secrets themselves. Keys and meaning are the reference's, so that one file serves both.
package config

import (
	"errors"
	"io/fs"
	"net/url"
	"os"

	"github.com/BurntSushi/toml"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// EnvPath is the environment variable that names the file where no flag does.
const EnvPath = "QONTRACT_CONFIG"

// Config is the content of config.toml. Whatever is secret in it refuses to be shown.
type Config struct {
	// Path is the file it was read from.
	Path    string
	GraphQL GraphQL
	// Vault has no Server where the file has no [vault] table. It is no pointer, since fmt prints what is behind a
	// pointer in a struct without asking it how when the verb does not fit.
	Vault Vault
	// Secrets are all other tables: the store of the configuration file backend.
	Secrets Tables
}

// GraphQL is the [graphql] table.
type GraphQL struct {
	// Server is the URL of app-interface's GraphQL endpoint.
	Server string
	// Token is sent unchanged as the Authorization header; empty sends none.
	Token secret.Value
}

// Vault is the [vault] table. Login is with RoleID and SecretID where AppRole says so, else with a Kubernetes service
// account.
type Vault struct {
	Server        string
	RoleID        secret.Value
	SecretID      secret.Value
	AppRole       bool
	KubeAuthRole  string
	KubeAuthMount string
}

// Locate returns the path of the file: what the flag says, else what the environment says.
func Locate(flag string) (string, error) {
	if flag != "" {
		return flag, nil
	}
	if path := os.Getenv(EnvPath); path != "" {
		return path, nil
	}
	return "", apierr.Errorf(apierr.Invalid, "no configuration file: pass --config, or set %s to the path of config.toml", EnvPath)
}

// Load reads and checks the file. Its errors name file, key and remedy, and quote no value.
func Load(path string) (*Config, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, apierr.Errorf(apierr.Invalid, "configuration file %s does not exist: create it, or correct --config or %s", path, EnvPath)
	}
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "configuration file %s cannot be read: %w", path, err)
	}
	return Parse(path, string(text))
}

// Parse reads the text of a configuration file. Path names it in errors.
func Parse(path, text string) (*Config, error) {
	tables := map[string]any{}
	if _, err := toml.Decode(text, &tables); err != nil {
		return nil, syntaxError(path, err)
	}
	graphql, err := readSection(path, tables, "graphql")
	if err != nil {
		return nil, err
	}
	vault, err := readSection(path, tables, "vault")
	if err != nil {
		return nil, err
	}
	config := &Config{Path: path}
	if config.GraphQL, err = readGraphQL(graphql); err != nil {
		return nil, err
	}
	if vault.there {
		if config.Vault, err = readVault(vault); err != nil {
			return nil, err
		}
	}
	delete(tables, "graphql")
	delete(tables, "vault")
	config.Secrets = Tables{path: path, root: tables}
	return config, nil
}

func readGraphQL(s section) (GraphQL, error) {
	server, token := s.text("server"), s.text("token")
	if s.err() != nil {
		return GraphQL{}, s.err()
	}
	if server == "" {
		return GraphQL{}, s.errorf("server", "is missing: set it to the URL of app-interface's GraphQL endpoint")
	}
	if !isURL(server) {
		return GraphQL{}, s.errorf("server", "is not an http or https URL: set it to the URL of app-interface's GraphQL endpoint")
	}
	return GraphQL{Server: server, Token: secret.New(token)}, nil
}

func readVault(s section) (Vault, error) {
	server, roleID, secretID := s.text("server"), s.text("role_id"), s.text("secret_id")
	role, mount := s.text("kube_auth_role"), s.text("kube_auth_mount")
	if s.err() != nil {
		return Vault{}, s.err()
	}
	switch {
	case server == "":
		return Vault{}, s.errorf("server", "is missing: set it to the URL of Vault")
	case !isURL(server):
		return Vault{}, s.errorf("server", "is not an http or https URL: set it to the URL of Vault")
	case roleID == "" && role == "":
		return Vault{}, s.errorf("role_id", "is missing: set role_id and secret_id to log in with an AppRole, or kube_auth_role and kube_auth_mount to log in with a Kubernetes service account")
	case roleID != "" && secretID == "":
		return Vault{}, s.errorf("secret_id", "is missing: it belongs to role_id")
	case roleID == "" && mount == "":
		return Vault{}, s.errorf("kube_auth_mount", "is missing: it belongs to kube_auth_role")
	}
	return Vault{
		Server: server, RoleID: secret.New(roleID), SecretID: secret.New(secretID), AppRole: roleID != "",
		KubeAuthRole: role, KubeAuthMount: mount,
	}, nil
}

func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
