//go:build tools

// Package tools pins the release of Temporal's check that workflow code is deterministic.
package tools

import _ "go.temporal.io/sdk/contrib/tools/workflowcheck"
