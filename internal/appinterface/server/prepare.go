package server

import (
	"sync"

	"github.com/graphql-go/graphql/gqlerrors"
	"github.com/graphql-go/graphql/language/ast"
	gqlast "github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// preparedQuery is a query that was parsed and validated, or the answer that refuses it.
type preparedQuery struct {
	source     *gqlast.QueryDocument
	executable *ast.Document
	positions  []*gqlast.Position
	refusal    *Answer
}

func (e *engine) prepare(text string) *preparedQuery {
	doc, err := parser.ParseQueryWithTokenLimit(&gqlast.Source{Name: "query", Input: text}, maxQueryTokens)
	if err != nil {
		refusal := refuse(codeParse, err)
		refusal.Errors[0].Message = "Syntax Error: " + refusal.Errors[0].Message
		return &preparedQuery{refusal: &refusal}
	}
	if failures := validator.ValidateWithRules(e.declared, doc, rules.NewDefaultRules()); len(failures) > 0 {
		errs := make([]error, len(failures))
		for i := range failures {
			errs[i] = failures[i]
		}
		refusal := refuse(codeValidation, errs...)
		return &preparedQuery{refusal: &refusal}
	}
	executable, positions := translate(doc)
	return &preparedQuery{source: doc, executable: executable, positions: positions}
}

// maxQueryTokens is far above the longest query of any integration.
const maxQueryTokens = 100_000

// locate turns an error of graphql-go into one of ours. Its column is the number of a field, counted from one.
func (p *preparedQuery) locate(failure gqlerrors.FormattedError) Error {
	out := Error{Message: failure.Message, Path: failure.Path, Extensions: failure.Extensions}
	if out.Extensions == nil {
		out.Extensions = map[string]any{"code": codeInternal}
	}
	for _, location := range failure.Locations {
		if number := location.Column - 1; number >= 0 && number < len(p.positions) && p.positions[number] != nil {
			out.Locations = append(out.Locations, Location{p.positions[number].Line, p.positions[number].Column})
		}
	}
	return out
}

// maxCachedQueries bounds the cache. Integrations send few different queries: a client that writes values into the
// text instead of variables must not fill the memory.
const maxCachedQueries = 500

// queryCache keeps prepared queries by their text.
type queryCache struct {
	mu      sync.Mutex
	entries map[string]*preparedQuery
}

// get prepares a query once. Two requests may prepare the same new query at the same time; the last one is kept.
func (c *queryCache) get(text string, prepare func(string) *preparedQuery) *preparedQuery {
	c.mu.Lock()
	known := c.entries[text]
	c.mu.Unlock()
	if known != nil {
		return known
	}
	prepared := prepare(text)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil || len(c.entries) >= maxCachedQueries {
		c.entries = map[string]*preparedQuery{}
	}
	c.entries[text] = prepared
	return prepared
}
