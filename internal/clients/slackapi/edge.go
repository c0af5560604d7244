package slackapi

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

const (
	// mostAnswer bounds an answer, in bytes. A page of a thousand users is two MiB.
	mostAnswer = 32 << 20
	// firstPause is the pause after the first answer of 500 and above. It doubles.
	firstPause = 500 * time.Millisecond
)

// edge gives each request its deadline, sends it again where Slack's servers fail, and turns every answer that is no success
// into a classified error: slack-go takes an answer without a verdict for one with nothing in it.
type edge struct {
	next    http.RoundTripper
	timeout time.Duration
	retries int
}

func newEdge(next http.RoundTripper, limits Limits) edge {
	e := edge{next: next, timeout: limits.Timeout, retries: defaultRetries}
	if e.timeout <= 0 {
		e.timeout = defaultTimeout
	}
	if limits.Retries != nil {
		e.retries = *limits.Retries
	}
	return e
}

// RoundTrip implements http.RoundTripper. A request that Slack limits is not sent again here: who asked waits for as long
// as Slack says.
func (e edge) RoundTrip(req *http.Request) (*http.Response, error) {
	for try := 0; ; try++ {
		if try > 0 && req.GetBody != nil {
			body, err := req.GetBody()
			if err != nil {
				return nil, apierr.New(apierr.Invalid, err)
			}
			req = req.Clone(req.Context())
			req.Body = body
		}
		resp, text, err := e.send(req)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode < http.StatusInternalServerError || try >= e.retries {
			return e.judge(resp, text)
		}
		if err := pause(req.Context(), firstPause<<try); err != nil {
			return nil, err
		}
	}
}

// send makes one attempt and reads the answer.
func (e edge) send(req *http.Request) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(req.Context(), e.timeout)
	defer cancel()
	count(ctx, req)
	resp, err := e.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(http.MaxBytesReader(nil, resp.Body, mostAnswer))
	return resp, text, err
}

// judge passes a success on.
func (edge) judge(resp *http.Response, text []byte) (*http.Response, error) {
	if resp.StatusCode != http.StatusOK {
		return nil, unanswered(resp)
	}
	var verdict verdict
	if err := json.Unmarshal(text, &verdict); err != nil || verdict.OK == nil {
		return nil, apierr.Errorf(apierr.Unavailable, "the answer is not the JSON that Slack's API sends")
	}
	if !*verdict.OK {
		return nil, verdict.refusal()
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	return resp, nil
}

func pause(ctx context.Context, length time.Duration) error {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
