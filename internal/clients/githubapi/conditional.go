package githubapi

import (
	"bytes"
	"io"
	"net/http"

	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	// mostKept is how many answers are kept, and mostKeptBytes how large one may be.
	mostKept      = 512
	mostKeptBytes = 256 << 10
)

// conditional asks for what it has only whether it has changed (RFC 9110, 13.1.2). One of them serves one token.
type conditional struct {
	next http.RoundTripper
	kept *lru.Cache[string, kept]
}

// kept is an answer with the mark of its version.
type kept struct {
	etag   string
	header http.Header
	body   []byte
}

func newConditional(next http.RoundTripper) *conditional {
	cache, err := lru.New[string, kept](mostKept)
	if err != nil {
		// Only a size of zero is refused.
		return &conditional{next: next}
	}
	return &conditional{next: next, kept: cache}
}

// RoundTrip implements http.RoundTripper.
func (c *conditional) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet || c.kept == nil {
		return c.next.RoundTrip(req)
	}
	key := req.Header.Get("Accept") + " " + req.URL.String()
	known, found := c.kept.Get(key)
	if found {
		req = req.Clone(req.Context())
		req.Header.Set("If-None-Match", known.etag)
	}
	resp, err := c.next.RoundTrip(req)
	switch {
	case err != nil:
		return nil, err
	case found && resp.StatusCode == http.StatusNotModified:
		return known.answer(resp), nil
	case resp.StatusCode != http.StatusOK || resp.Header.Get("Etag") == "":
		return resp, nil
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if len(body) <= mostKeptBytes {
		c.kept.Add(key, kept{etag: resp.Header.Get("Etag"), header: resp.Header.Clone(), body: body})
	}
	return resp, nil
}

// answer is the answer that was kept, with what the fresh one says about the rate limit.
func (k kept) answer(fresh *http.Response) *http.Response {
	answer := *fresh
	answer.StatusCode, answer.Status = http.StatusOK, "200 OK"
	answer.Header = k.header.Clone()
	for name, values := range fresh.Header {
		answer.Header[name] = values
	}
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(k.body)), int64(len(k.body))
	return &answer
}
