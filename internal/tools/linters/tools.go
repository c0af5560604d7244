//go:build tools

// Package tools pins the releases of the programs that make lint runs.
package tools

import (
	_ "github.com/golangci/golangci-lint/v2/cmd/golangci-lint"
	_ "go.temporal.io/sdk/contrib/tools/workflowcheck"
)
