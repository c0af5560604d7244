//go:build tools

// Package tools pins the release of Helm.
package tools

import _ "helm.sh/helm/v3/cmd/helm"
