package appinterface

import "context"

// Admit says whether app-interface knows the session's integration and allows it any schema. Its error wraps
// *UnknownIntegrationError where not. A session that does not validate admits every integration.
func (s *Session) Admit(ctx context.Context) error { return s.checkKnown(ctx) }

// ErrorType names the error for scripts.
func (*UnknownIntegrationError) ErrorType() string { return "UnknownIntegration" }

// ErrorType names the error for scripts.
func (*ForbiddenSchemaError) ErrorType() string { return "ForbiddenSchema" }

// ErrorType names the error for scripts.
func (*ExpiredBundleError) ErrorType() string { return "ExpiredBundle" }
