package appinterface

import _ "embed"

//go:embed schema_generated.graphql
var schemaSDL string

// SchemaSDL returns the merged schema of all queries, as SDL with the directives that the embedded server reads. The
// query generator writes it.
func SchemaSDL() string { return schemaSDL }
