package server

import (
	"encoding/json"
	"sync"

	gqlast "github.com/vektah/gqlparser/v2/ast"

	"github.com/app-sre/qontract-temporal/internal/appinterface/schema"
)

// Schema is what bundles are served by. It holds nothing of a bundle: all that have the same one share it, with the queries
// that were prepared for it.
type Schema struct {
	confs schema.Confs
	// section is the schema as the graphql section of a bundle: JSON.
	section string
	engine  *engine
}

// SchemaFrom returns a function that reads SDL with the directives of schema.graphql: once, when it is first called.
func SchemaFrom(sdl string) func() (*Schema, error) {
	return sync.OnceValues(func() (*Schema, error) {
		confs, err := schema.FromSDL(&gqlast.Source{Name: "schema", Input: sdl})
		if err != nil {
			return nil, err
		}
		section, err := confs.ForBundle()
		if err != nil {
			return nil, err
		}
		value, err := decodeJSON(section, false)
		if err != nil {
			return nil, err
		}
		return newSchema(value)
	})
}

// newSchema reads a bundle's graphql section. A bundle without one has a schema without types.
func newSchema(value any) (*Schema, error) {
	s := &Schema{}
	var err error
	if value != nil {
		if s.section, err = encodeJSON(value); err != nil {
			return nil, err
		}
	}
	if s.confs, err = schema.FromBundle(json.RawMessage(s.section)); err != nil {
		return nil, err
	}
	if s.engine, err = newEngine(s.confs); err != nil {
		return nil, err
	}
	return s, nil
}
