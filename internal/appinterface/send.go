package appinterface

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

const (
	maxAttempts  = 3
	firstBackoff = 200 * time.Millisecond
	// retryWindow is how long after its first attempt a request may be tried again. With the connection timeouts
	// it makes an unreachable server known within 15 seconds.
	retryWindow = 5 * time.Second
	// maxErrorBody is how much of an error's body is read.
	maxErrorBody = 64 << 10
	// mostAnswer bounds an answer; a whole estate of 20,000 objects is some 20 MiB.
	mostAnswer = 512 << 20
)

// request is one call to the server. It holds the body as bytes, since it may be sent again.
type request struct {
	method, url string
	body        []byte
	// sha is the pinned bundle that the URL names, if any: it turns "not found" into "expired".
	sha     string
	timeout time.Duration
}

// send returns the body of a successful answer. It tries again only what passes by itself within a moment, a failed
// connection or a server error; everything else is for the activity's retry policy.
func (c *Client) send(ctx context.Context, req request) ([]byte, error) {
	started := time.Now()
	backoff := c.firstBackoff
	for attempt := 1; ; attempt++ {
		body, err := c.attempt(ctx, req)
		if err == nil {
			return body, nil
		}
		if attempt == maxAttempts || !apierr.Is(err, apierr.Unavailable) || time.Since(started) > retryWindow {
			return nil, err
		}
		timer := time.NewTimer(backoff)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, err
		}
		backoff *= 3
	}
}

func (c *Client) attempt(ctx context.Context, req request) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, req.timeout)
	defer cancel()
	out, err := http.NewRequestWithContext(ctx, req.method, req.url, bytes.NewReader(req.body))
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "app-interface at %s: the request cannot be built: %w", c.base.Redacted(), err)
	}
	if token := c.token.Reveal(); token != "" {
		out.Header.Set("Authorization", token)
	}
	if req.body != nil {
		out.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(out)
	if err != nil {
		return nil, unreachable(out, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
		return nil, refused(out, req.sha, resp, text)
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, resp.Body, mostAnswer))
	if err != nil {
		return nil, apierr.Errorf(apierr.Unavailable, "app-interface at %s broke off its answer: %w", out.URL.Redacted(), err)
	}
	return body, nil
}

// unreachable describes a request that got no answer. The address is named once, by us: the HTTP client's own error
// would repeat it.
func unreachable(req *http.Request, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("app-interface at %s: %w", req.URL.Redacted(), err)
	}
	return apierr.Errorf(apierr.Unavailable, "app-interface at %s cannot be reached: %w", req.URL.Redacted(), err)
}

// refused classifies an answer that is not 200.
//
// Nothing here is Missing, although the server answers 404: Missing would let a delete that merely reads
// app-interface on its way pass for done.
func refused(req *http.Request, sha string, resp *http.Response, body []byte) error {
	at := req.URL.Redacted()
	switch resp.StatusCode {
	case http.StatusNotFound, http.StatusConflict, http.StatusGone:
		if sha != "" {
			return apierr.New(apierr.Invalid, &ExpiredBundleError{SHA: sha, URL: at})
		}
		return apierr.Errorf(apierr.Invalid, "there is no app-interface at %s (%s): correct server in the [graphql] table of config.toml", at, resp.Status)
	case http.StatusUnauthorized, http.StatusForbidden:
		return apierr.Errorf(apierr.Denied, "app-interface at %s denied access (%s): correct token in the [graphql] table of config.toml", at, resp.Status)
	}
	var answer answer
	if json.Unmarshal(body, &answer) == nil && len(answer.Errors) > 0 {
		return apierr.FromResponse(resp, &QueryError{Operation: operationName(req), Errors: answer.Errors})
	}
	return apierr.FromResponse(resp, fmt.Errorf("app-interface at %s answered %s: %s", at, resp.Status, excerpt(body)))
}

// operationName finds the operation that a request asked for, for the message.
func operationName(req *http.Request) string {
	var sent struct {
		OperationName string `json:"operationName"`
	}
	if body, err := req.GetBody(); err == nil {
		_ = json.NewDecoder(body).Decode(&sent)
	}
	return sent.OperationName
}

// excerpt is as much of an error page as a message should carry.
func excerpt(body []byte) string {
	const most = 300
	text := bytes.ToValidUTF8(bytes.TrimSpace(body), nil)
	if len(text) > most {
		return string(bytes.ToValidUTF8(text[:most], nil)) + "..."
	}
	return string(text)
}
