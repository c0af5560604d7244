package githubapi

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"
)

const (
	// timeout is the deadline of one request, with its answer.
	timeout = 60 * time.Second
	// mostAnswer bounds an answer, in bytes. GitHub shows files of up to a MiB, in base64.
	mostAnswer = 32 << 20
)

// edge gives each request its deadline and reads its answer.
type edge struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (e edge) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), timeout)
	defer cancel()
	resp, err := e.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(http.MaxBytesReader(nil, resp.Body, mostAnswer))
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	return resp, nil
}
