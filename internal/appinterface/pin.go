package appinterface

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// pinTimeout is the deadline of one request for a sha or its commit.
const pinTimeout = 60 * time.Second

// Bundle identifies one snapshot of app-interface. A run pins it once and passes the SHA on, so that it never mixes
// data of two snapshots.
type Bundle struct {
	// SHA is the checksum of the bundle, as the server names it.
	SHA string `json:"sha"`
	// Commit is the git commit the bundle was built from; empty where the bundle does not say.
	Commit string `json:"commit,omitempty"`
	// Timestamp is the time of that commit; zero where the bundle does not say.
	Timestamp time.Time `json:"timestamp,omitzero"`
}

// Pin returns the bundle that the server has now.
func (c *Client) Pin(ctx context.Context) (Bundle, error) {
	body, err := c.send(ctx, request{method: http.MethodGet, url: c.endpoint("sha256"), timeout: pinTimeout})
	if err != nil {
		return Bundle{}, err
	}
	sha := strings.TrimSpace(string(body))
	if !isSHA(sha) {
		return Bundle{}, apierr.Errorf(apierr.Unavailable, "app-interface at %s answered no bundle sha: check that it has loaded a bundle, and that server in the [graphql] table of config.toml names a qontract-server", c.base.Redacted())
	}
	return c.Bundle(ctx, sha)
}

// Bundle returns commit and time of the bundle with the given sha. The error wraps *ExpiredBundleError when the
// server no longer has it.
func (c *Client) Bundle(ctx context.Context, sha string) (Bundle, error) {
	if !isSHA(sha) {
		return Bundle{}, errNotSHA(sha)
	}
	body, err := c.send(ctx, request{method: http.MethodGet, url: c.endpoint("git-commit-info", sha), sha: sha, timeout: pinTimeout})
	if err != nil {
		return Bundle{}, err
	}
	var info struct {
		Commit    string          `json:"commit"`
		Timestamp json.RawMessage `json:"timestamp"`
	}
	if err := json.Unmarshal(body, &info); err != nil {
		return Bundle{}, apierr.Errorf(apierr.Unavailable, "app-interface at %s answered something other than commit information: %w", c.base.Redacted(), err)
	}
	at, err := unixTime(info.Timestamp)
	if err != nil {
		return Bundle{}, apierr.Errorf(apierr.Invalid, "bundle %s has the commit timestamp %s, which is no Unix time in seconds: rebuild the bundle", sha, info.Timestamp)
	}
	return Bundle{SHA: sha, Commit: info.Commit, Timestamp: at}, nil
}

// unixTime reads seconds since 1970, which the server passes on as the bundle has them: text, a number or nothing.
func unixTime(raw json.RawMessage) (time.Time, error) {
	text := strings.Trim(string(raw), `"`)
	if text == "" || text == "null" {
		return time.Time{}, nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, err
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// isSHA keeps anything out of a URL path that is not a plain checksum.
func isSHA(text string) bool {
	for _, r := range text {
		if (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return text != ""
}

func errNotSHA(sha string) error {
	return apierr.Errorf(apierr.Invalid, "%q is not the sha of a bundle: take it from the /sha256 endpoint of app-interface", sha)
}
