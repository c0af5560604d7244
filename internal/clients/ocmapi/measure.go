package ocmapi

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/metrics"
)

// requests counts every attempt, and no login, as the reference does.
var requests = metrics.Counter{
	Name: "qontract_reconcile_ocm_request_total", Help: "Number of calls made to OCM API", Labels: []string{"verb", "client_id"},
}

func count(ctx context.Context, verb, clientID string) {
	metrics.From(ctx).Add(requests, 1, verb, clientID)
}
