package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/graphql-go/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
)

// Execute answers a query over the bundle. It is safe for concurrent use.
func (b *Bundle) Execute(ctx context.Context, query Query) Answer {
	return b.schema.engine.execute(ctx, b, query)
}

func (e *engine) execute(ctx context.Context, b *Bundle, query Query) Answer {
	prepared := e.queries.get(query.Query, e.prepare)
	if prepared.refusal != nil {
		return *prepared.refusal
	}
	operation := prepared.source.Operations.ForName(query.OperationName)
	if operation == nil {
		if query.OperationName == "" {
			return refuse(codeOperation, message("Must provide operation name if query contains multiple operations."))
		}
		return refuse(codeOperation, messagef("Unknown operation named %q.", query.OperationName))
	}
	variables, err := validator.VariableValues(e.declared, operation, query.Variables)
	if err != nil {
		return refuse(codeInput, variableError(err))
	}
	req := &request{bundle: b, variables: variables, schemas: map[string]reading{}}
	result := graphql.Execute(graphql.ExecuteParams{
		Schema:        e.executable,
		Root:          req,
		AST:           prepared.executable,
		OperationName: query.OperationName,
		Args:          variables,
		// graphql-go would return at once when the context ends, while its goroutine still writes to req.
		Context: context.WithoutCancel(ctx),
	})
	answer := Answer{Status: http.StatusOK, Extensions: Extensions{Schemas: req.sorted()}}
	data, _ := result.Data.(map[string]any)
	pruneMap(data)
	answer.Data = &data
	for _, failure := range result.Errors {
		answer.Errors = append(answer.Errors, prepared.locate(failure))
	}
	slices.SortStableFunc(answer.Errors, func(a, b Error) int {
		return cmp.Or(cmp.Compare(fmt.Sprint(a.Path...), fmt.Sprint(b.Path...)), cmp.Compare(a.Message, b.Message))
	})
	return answer
}

// variableError names the variable, which gqlparser puts into the error's path only.
func variableError(err error) error {
	var located *gqlerror.Error
	if errors.As(err, &located) {
		return messagef("Variable $%s: %s", strings.TrimPrefix(located.Path.String(), "variable."), located.Message)
	}
	return err
}

// sorted returns the schemas in the order in which the query's fields read them first.
func (r *request) sorted() []string {
	names := slices.AppendSeq([]string{}, maps.Keys(r.schemas))
	slices.SortFunc(names, func(a, b string) int {
		first, second := r.schemas[a], r.schemas[b]
		return cmp.Or(cmp.Compare(first.position, second.position), cmp.Compare(first.sequence, second.sequence))
	})
	return names
}
