//go:build tools

// Package tools pins the release of Temporal's command line, whose development server the tests and the demonstration run.
package tools

import _ "github.com/temporalio/cli/cmd/temporal"
