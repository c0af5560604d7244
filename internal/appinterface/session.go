package appinterface

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/inputs"
)

const (
	// queryTimeout is the deadline of one attempt to get an answer.
	queryTimeout = 30 * time.Second
	// flightTimeout ends a query that several callers wait for, when none of them does so any more.
	flightTimeout = 2 * queryTimeout
)

// Session queries one bundle in the name of one integration. It is the graphql.Client that generated query
// functions take, and is safe for concurrent use.
type Session struct {
	client      *Client
	integration string
	sha         string
	validate    bool

	mu      sync.Mutex
	schemas map[string]struct{}
	allowed []string
}

var _ graphql.Client = (*Session)(nil)

// answer is the body of a GraphQL answer, with the extension that qontract-server adds: the schemas touched.
type answer struct {
	Data       json.RawMessage `json:"data"`
	Errors     gqlerror.List   `json:"errors"`
	Extensions struct {
		Schemas []string `json:"schemas"`
	} `json:"extensions"`
	// shared is there for answers that are kept.
	shared *shared
}

// MakeRequest runs one query and decodes its data into resp.Data. Errors: Invalid for what the server refuses
// (*QueryError), for an expired bundle (*ExpiredBundleError) and for a failed validation (*UnknownIntegrationError,
// *ForbiddenSchemaError); Denied for a wrong token; Limited and Unavailable for what may pass.
//
// The data are shared with all who ask the same of the same bundle: nobody changes them in place.
func (s *Session) MakeRequest(ctx context.Context, req *graphql.Request, resp *graphql.Response) error {
	if err := s.checkKnown(ctx); err != nil {
		return err
	}
	got, err := s.read(ctx, req)
	if err != nil {
		return err
	}
	if err := s.checkAllowed(got.Extensions.Schemas); err != nil {
		return err
	}
	resp.Extensions = map[string]any{"schemas": slices.Clone(got.Extensions.Schemas)}
	return s.client.decode(req.OpName, got, resp)
}

// Schemas returns the schemas that the queries of this session touched so far, sorted.
func (s *Session) Schemas() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make([]string, 0, len(s.schemas))
	for name := range s.schemas {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// read answers a query of the integration, and notes the answer where somebody records what is read.
func (s *Session) read(ctx context.Context, req *graphql.Request) (answer, error) {
	got, err := s.query(ctx, req)
	if err != nil {
		return answer{}, err
	}
	inputs.Note(ctx, func() inputs.Answer {
		// What could be sent can be written.
		request, _ := json.Marshal(req)
		return inputs.Answer{Query: req.OpName, Request: string(request), Data: got.Data, Shape: s.client.shapes.of(req.Query)}
	})
	return got, nil
}

// query gets an answer without errors, from the cache where the bundle is pinned, and notes the schemas it touched.
func (s *Session) query(ctx context.Context, req *graphql.Request) (answer, error) {
	body, err := json.Marshal(req)
	if err != nil {
		return answer{}, apierr.Errorf(apierr.Invalid, "query %s: its variables cannot be written as JSON: %w", req.OpName, err)
	}
	got, err := s.client.answer(ctx, s.sha, req.OpName, body)
	if err != nil {
		return answer{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, schema := range got.Extensions.Schemas {
		s.schemas[schema] = struct{}{}
	}
	return got, nil
}

// answer returns what the server says to a query. Equal queries of a pinned bundle are sent once: callers that come
// while one is under way wait for it, later ones get what it brought. A caller that gives up does not disturb the
// others, since the query runs under a deadline of its own.
func (c *Client) answer(ctx context.Context, sha, operation string, body []byte) (answer, error) {
	if sha == "" {
		return c.ask(ctx, "", operation, body)
	}
	if !isSHA(sha) {
		return answer{}, errNotSHA(sha)
	}
	digest := sha256.Sum256(body)
	key := sha + "/" + string(digest[:])
	if known, ok := c.answers.get(key); ok {
		return known, nil
	}
	flight := c.flights.DoChan(key, func() (any, error) {
		// A flight that ended between the look into the cache and this one left its answer there.
		if known, ok := c.answers.get(key); ok {
			return known, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flightTimeout)
		defer cancel()
		fresh, err := c.ask(ctx, sha, operation, body)
		if err != nil {
			return answer{}, err
		}
		fresh.shared = &shared{values: map[reflect.Type]any{}}
		c.answers.add(key, fresh)
		return fresh, nil
	})
	select {
	case <-ctx.Done():
		return answer{}, fmt.Errorf("query %s: waiting for app-interface at %s: %w", operation, c.base.Redacted(), ctx.Err())
	case landed := <-flight:
		got, _ := landed.Val.(answer)
		return got, landed.Err
	}
}

// ask sends a query and returns an answer that has data and no errors.
func (c *Client) ask(ctx context.Context, sha, operation string, body []byte) (answer, error) {
	url := c.base.String()
	if sha != "" {
		url = c.endpoint("graphqlsha", sha)
	}
	text, err := c.send(ctx, request{method: http.MethodPost, url: url, body: body, sha: sha, timeout: queryTimeout})
	if err != nil {
		return answer{}, err
	}
	var got answer
	if err := json.Unmarshal(text, &got); err != nil {
		return answer{}, apierr.Errorf(apierr.Unavailable, "app-interface at %s answered the query %s with something other than JSON: %s", c.base.Redacted(), operation, excerpt(text))
	}
	// Differs from the reference: an error of the query is final. The reference repeats the query five times, though
	// the same query on the same bundle cannot end otherwise.
	if len(got.Errors) > 0 {
		return answer{}, apierr.New(apierr.Invalid, &QueryError{Operation: operation, Errors: got.Errors})
	}
	if len(got.Data) == 0 || string(got.Data) == "null" {
		return answer{}, apierr.Errorf(apierr.Invalid, "app-interface answered the query %s without data: check that server in the [graphql] table of config.toml names its GraphQL endpoint", operation)
	}
	return got, nil
}
