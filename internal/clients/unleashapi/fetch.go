package unleashapi

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/Unleash/unleash-client-go/v4"
)

// appName is the reference's, so that constraints and strategies by application go on to hold.
const appName = "qontract-reconcile"

// answer is what Unleash says. Its body is nil where nothing has changed.
type answer struct {
	body []byte
	etag string
}

// fetch asks for all toggles of the token's environment, unless they are those of the tag.
func (c *Client) fetch(ctx context.Context, etag string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.endpoint.String(), nil)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Authorization", c.token.Reveal())
	req.Header.Set("Unleash-Appname", appName)
	// Tells the server which kinds of toggles the library understands; to others it sends simpler ones.
	req.Header.Set("Unleash-Client-Spec", unleash.SEGMENT_CLIENT_SPEC_VERSION)
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNotModified:
		return answer{}, nil
	case http.StatusUnauthorized, http.StatusForbidden:
		return answer{}, fmt.Errorf("%s: %s: set %s to a client token of this Unleash", c.endpoint.Redacted(), resp.Status, EnvToken)
	case http.StatusNotFound:
		return answer{}, fmt.Errorf("%s: %s: set %s to the address of its API, which ends in /api", c.endpoint.Redacted(), resp.Status, EnvURL)
	default:
		return answer{}, fmt.Errorf("%s: %s", c.endpoint.Redacted(), resp.Status)
	}
	body, err := io.ReadAll(resp.Body)
	return answer{body: body, etag: resp.Header.Get("Etag")}, err
}
