//go:build tools

// Package tools pins the release of the linter that .golangci.yml configures.
package tools

import _ "github.com/golangci/golangci-lint/v2/cmd/golangci-lint"
