package awsapi

import (
	"context"
	"strings"

	"github.com/aws/smithy-go/middleware"

	"github.com/app-sre/qontract-temporal/internal/readonly"
)

// readVerbs begin the names of operations that leave AWS as it is. AssumeRole changes nothing that anybody sees.
var readVerbs = [...]string{"AssumeRole", "Describe", "Get", "Head", "List"}

// refuseWrites stops operations that write outside apply before anything is sent. What it does not know to read
// writes; receiving a message does too, since it hides the message from others.
func refuseWrites(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("RefuseWrites", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		operation := middleware.GetOperationName(ctx)
		for _, verb := range readVerbs {
			if strings.HasPrefix(operation, verb) {
				return next.HandleInitialize(ctx, in)
			}
		}
		if err := readonly.Check(ctx, middleware.GetServiceID(ctx)+" "+operation); err != nil {
			return middleware.InitializeOutput{}, middleware.Metadata{}, err
		}
		return next.HandleInitialize(ctx, in)
	}), middleware.Before)
}
