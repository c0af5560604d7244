package clients

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// AppInterface is app-interface as the steps of integrations read it.
type AppInterface struct {
	client *appinterface.Client
}

// At returns the session that queries the bundle of the scope in the name of its integration.
func (a AppInterface) At(s plan.Scope) *appinterface.Session {
	return a.client.For(s.Integration, s.Bundle.SHA, !s.Bundle.AnySchema)
}

// Pin returns the bundle of that sha; the current one where it is empty.
func (a AppInterface) Pin(ctx context.Context, sha string) (plan.Bundle, error) {
	var pinned appinterface.Bundle
	var err error
	if sha == "" {
		pinned, err = a.client.Pin(ctx)
	} else {
		pinned, err = a.client.Bundle(ctx, sha)
	}
	bundle := plan.Bundle{SHA: pinned.SHA, Commit: pinned.Commit}
	if !pinned.Timestamp.IsZero() {
		bundle.Timestamp = pinned.Timestamp.Unix()
	}
	return bundle, err
}

// Admit says whether app-interface knows the integration and allows it any schema.
func (a AppInterface) Admit(ctx context.Context, integration string, bundle plan.Bundle) error {
	return a.At(plan.Scope{Integration: integration, Bundle: bundle}).Admit(ctx)
}
