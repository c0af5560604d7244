package appinterface

import (
	"fmt"
	"strings"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// UnknownIntegrationError says that app-interface has no datafile for the integration, or one that lists no
// schemas. The command line exits with 4.
type UnknownIntegrationError struct{ Integration string }

func (e *UnknownIntegrationError) Error() string {
	return fmt.Sprintf("app-interface does not know the integration %s, or lists no schemas for it: add a /app-sre/integration-1.yml datafile with its schemas", e.Integration)
}

// ForbiddenSchemaError says that an integration queried schemas that its datafile does not list. The command line
// exits with 5.
type ForbiddenSchemaError struct {
	Integration string
	// Schemas are those not on the list, sorted.
	Schemas []string
}

func (e *ForbiddenSchemaError) Error() string {
	return fmt.Sprintf("integration %s queried schemas that its datafile does not list: add %s to its schemas in app-interface", e.Integration, strings.Join(e.Schemas, ", "))
}

// ExpiredBundleError says that the server no longer has the pinned bundle. It keeps a bundle for some twenty
// minutes after a newer one was loaded and the last query was made.
type ExpiredBundleError struct{ SHA, URL string }

func (e *ExpiredBundleError) Error() string {
	return fmt.Sprintf("bundle %s is no longer served at %s: start a new run, which pins the current bundle", e.SHA, e.URL)
}

// QueryError carries the errors that the server reported for a query. The same query on the same bundle fails
// again.
type QueryError struct {
	Operation string
	Errors    gqlerror.List
}

func (e *QueryError) Error() string {
	messages := make([]string, len(e.Errors))
	for i, one := range e.Errors {
		messages[i] = one.Message
		if len(one.Path) > 0 {
			messages[i] += " (at " + one.Path.String() + ")"
		}
	}
	name := "the query"
	if e.Operation != "" {
		name += " " + e.Operation
	}
	return fmt.Sprintf("app-interface refused %s: %s", name, strings.Join(messages, "; "))
}
