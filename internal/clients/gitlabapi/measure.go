package gitlabapi

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/metrics"
)

// requests counts them for the integration whose step makes them.
var requests = metrics.Counter{
	Name: "qontract_reconcile_gitlab_request_total", Help: "Number of calls made to Gitlab API", Labels: []string{"integration"},
}

func count(ctx context.Context) {
	scope := metrics.From(ctx)
	scope.Add(requests, 1, scope.Integration())
}
