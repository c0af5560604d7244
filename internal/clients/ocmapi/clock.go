package ocmapi

import (
	"context"
	"net/http"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Now is the time by OCM's clock, to the second. OCM refuses plans that are not far enough ahead by it, and workers whose
// clocks differ agree on it.
// Source: the Date header of any answer (RFC 9110, 6.6.1).
func (c *Client) Now(ctx context.Context) (time.Time, error) {
	var date string
	r := request{what: "tell the time", method: http.MethodGet, path: clustersMgmt, date: &date}
	if err := c.do(ctx, r, nil); err != nil {
		return time.Time{}, err
	}
	now, err := http.ParseTime(date)
	if err != nil {
		return time.Time{}, apierr.Errorf(apierr.Unavailable, "ocm %s: %s: the answer has no Date: %w", c.base.Host, r.what, err)
	}
	return now.UTC(), nil
}
