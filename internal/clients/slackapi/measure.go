package slackapi

import (
	"context"
	"net/http"
	"path"

	"github.com/app-sre/qontract-temporal/internal/metrics"
)

// requests counts every attempt.
//
// Differs from the reference: the verb is that of the request, which is POST for every method; the reference says GET for methods
// that read.
var requests = metrics.Counter{
	Name: "qontract_reconcile_slack_request_total", Help: "Number of calls made to Slack API", Labels: []string{"resource", "verb"},
}

func count(ctx context.Context, req *http.Request) {
	metrics.From(ctx).Add(requests, 1, path.Base(req.URL.Path), req.Method)
}
