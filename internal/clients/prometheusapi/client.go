// Package prometheusapi asks Prometheus, and what speaks its query API: Thanos, Telemeter.
package prometheusapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/prometheus/common/model"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/readonly"
)

const (
	// timeout is the deadline of one request.
	timeout = 60 * time.Second
	// mostAnswer bounds an answer. A vector of ten thousand series is a few MiB.
	mostAnswer = 64 << 20
)

// Client asks one server. It is safe for concurrent use.
type Client struct {
	query *url.URL
	token func(context.Context) (string, error)
	http  *http.Client
}

// newClient checks the address. Token returns what is sent to log in.
func newClient(address, path string, token func(context.Context) (string, error), transport http.RoundTripper) (*Client, error) {
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || (base.Scheme != "http" && base.Scheme != "https") {
		return nil, apierr.Errorf(apierr.Invalid, "its baseUrl %q is no http or https URL: correct it in app-interface", address)
	}
	return &Client{query: base.JoinPath(path), token: token, http: &http.Client{Transport: readonly.Transport(transport, nil), Timeout: timeout}}, nil
}

// answer is what the query API sends.
// Source: https://prometheus.io/docs/prometheus/latest/querying/api/#format-overview
type answer struct {
	Status    string `json:"status"`
	ErrorType string `json:"errorType"`
	Error     string `json:"error"`
	Data      struct {
		ResultType string          `json:"resultType"`
		Result     json.RawMessage `json:"result"`
	} `json:"data"`
}

// Vector evaluates an expression now. One that is no instant vector is Invalid.
func (c *Client) Vector(ctx context.Context, expression string) (model.Vector, error) {
	vector, err := c.vector(ctx, expression)
	if err != nil {
		return nil, fmt.Errorf("prometheus %s: query: %w", c.query.Host, err)
	}
	return vector, nil
}

func (c *Client) vector(ctx context.Context, expression string) (model.Vector, error) {
	text, status, err := c.get(ctx, expression)
	if err != nil {
		return nil, err
	}
	var said answer
	err = json.Unmarshal(text, &said)
	switch {
	case err != nil && status == http.StatusOK:
		return nil, apierr.Errorf(apierr.Unavailable, "the answer is not the JSON that Prometheus sends: %w", err)
	case status != http.StatusOK && said.Error == "":
		return nil, apierr.Errorf(apierr.FromStatus(status), "%s (%d)", http.StatusText(status), status)
	case status != http.StatusOK || said.Status != "success":
		return nil, apierr.Errorf(apierr.FromStatus(status), "%s: %s (%d)", said.ErrorType, said.Error, status)
	case said.Data.ResultType != model.ValVector.String():
		return nil, apierr.Errorf(apierr.Invalid, "the answer is a %s and no vector", said.Data.ResultType)
	}
	var vector model.Vector
	if err := json.Unmarshal(said.Data.Result, &vector); err != nil {
		return nil, apierr.Errorf(apierr.Unavailable, "the answer is no vector as Prometheus sends it: %w", err)
	}
	return vector, nil
}

func (c *Client) get(ctx context.Context, expression string) (text []byte, status int, err error) {
	token, err := c.token(ctx)
	if err != nil {
		return nil, 0, err
	}
	target := *c.query
	target.RawQuery = url.Values{"query": {expression}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), http.NoBody)
	if err != nil {
		return nil, 0, apierr.New(apierr.Invalid, err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, 0, notSent(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err = io.ReadAll(http.MaxBytesReader(nil, resp.Body, mostAnswer))
	if err != nil {
		return nil, 0, apierr.New(apierr.Unavailable, err)
	}
	if resp.StatusCode == http.StatusTooManyRequests {
		return nil, 0, apierr.FromResponse(resp, errors.New(http.StatusText(resp.StatusCode)))
	}
	return text, resp.StatusCode, nil
}

// notSent classifies a request that got no answer. The URL, which the HTTP client puts in front, says no more.
func notSent(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	var sending *url.Error
	if errors.As(err, &sending) {
		err = sending.Err
	}
	return apierr.New(apierr.Unavailable, err)
}
