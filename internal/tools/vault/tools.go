//go:build tools

// Package tools pins the release of Vault that keeps the secrets of tests, and its Kubernetes login, which the build with the tag
// minimal leaves to a plugin.
package tools

import (
	_ "github.com/hashicorp/vault"
	_ "github.com/hashicorp/vault-plugin-auth-kubernetes/cmd/vault-plugin-auth-kubernetes"
)
