package gitlabapi

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"
)

// timeout is the deadline of one request, with its answer.
const timeout = 60 * time.Second

const (
	// mostAnswer bounds an answer, in bytes. The largest are files of a repository, and pages of merge requests with long
	// descriptions.
	mostAnswer = 32 << 20
	// mostRefusal is how much of a refusal is read.
	mostRefusal = 64 << 10
)

// transport gives each request its deadline, bounds its answer, and keeps the text of every answer that is no success: the library drops
// it with a 404, which is then the same for a missing project, branch and file.
type transport struct{ next http.RoundTripper }

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), timeout)
	count(ctx)
	resp, err := t.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	if resp.StatusCode < http.StatusMultipleChoices {
		resp.Body = &timedBody{http.MaxBytesReader(nil, resp.Body, mostAnswer), cancel}
		return resp, nil
	}
	defer cancel()
	text, err := io.ReadAll(io.LimitReader(resp.Body, mostRefusal))
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = &keptBody{bytes.NewReader(text), text}
	return resp, nil
}

// timedBody ends the deadline when the answer has been read.
type timedBody struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b *timedBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

// keptBody has the text also after it was read to its end and closed.
type keptBody struct {
	io.Reader
	text []byte
}

func (*keptBody) Close() error { return nil }
