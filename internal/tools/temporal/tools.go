//go:build tools

// Package tools pins the release of Temporal's command line, whose development server the tests and the demonstration run,
// and a newer SQLite than that release has: with its own, the server loses everything it knows when a request is cancelled
// in the middle of a transaction (https://github.com/temporalio/temporal/pull/10427). So it is built, never downloaded.
package tools

import _ "github.com/temporalio/cli/cmd/temporal"
