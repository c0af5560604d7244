package jenkinsapi

import (
	"context"
	"net/http"
	"net/url"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Job is what is known of a job's builds.
type Job struct {
	// NextBuild is the number that the next build gets; it grows with each.
	NextBuild int `json:"nextBuildNumber"`
	// Queued says that a build is about to begin.
	Queued bool `json:"inQueue"`
}

// GetJob looks a job up. It is Missing where there is none, or none that the account may see.
func (c *Client) GetJob(ctx context.Context, name string) (Job, error) {
	var found Job
	_, err := c.do(ctx, request{
		what: "look up job " + name, method: http.MethodGet, path: job(name, "api", "json"), query: url.Values{"tree": {"nextBuildNumber,inQueue"}},
	}, &found)
	return found, err
}

// Build has a job without parameters built. One that is in the queue already is not put there twice, but otherwise the call
// is not safe to repeat: compare NextBuild first. A job that is disabled is Invalid.
func (c *Client) Build(ctx context.Context, name string) error {
	token, err := c.crumb(ctx)
	if err != nil {
		return err
	}
	_, err = c.do(ctx, request{what: "build job " + name, method: http.MethodPost, path: job(name, "build"), crumb: token}, nil)
	if apierr.Is(err, apierr.Conflict) {
		// Nothing but a job that cannot be built is a conflict here, and that does not pass by itself.
		return apierr.Errorf(apierr.Invalid, "%w: enable the job", err)
	}
	return err
}

// crumb is what Jenkins wants to see in requests that write, against requests that others forge. It holds within the
// session of its cookies.
type crumb struct {
	Field   string `json:"crumbRequestField"`
	Value   string `json:"crumb"`
	cookies []*http.Cookie
}

// crumb gets one. An instance that wants none has none.
//
// Differs from the reference: a crumb that cannot be had is an error; there the request goes without, and is refused.
func (c *Client) crumb(ctx context.Context) (crumb, error) {
	var found crumb
	cookies, err := c.do(ctx, request{what: "get a crumb", method: http.MethodGet, path: []string{"crumbIssuer", "api", "json"}}, &found)
	if apierr.Is(err, apierr.Missing) {
		return crumb{}, nil
	}
	found.cookies = cookies
	return found, err
}

func (c crumb) show(req *http.Request) {
	if c.Field != "" {
		req.Header.Set(c.Field, c.Value)
	}
	for _, cookie := range c.cookies {
		req.AddCookie(cookie)
	}
}
