package appinterface

import (
	"context"
	"encoding/json"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

const resourceQuery = `query Resource($path: String) {
  resources: resources_v1(path: $path) {
    path
    content
    sha256sum
  }
}`

const resourcesBySchemaQuery = `query ResourcesBySchema($schema: String) {
  resources: resources_v1(schema: $schema) {
    path
    content
    sha256sum
  }
}`

// Resource is a file of app-interface's resources folder, unrendered.
type Resource struct {
	// Path begins with a slash and is relative to the resources folder.
	Path    string `json:"path"`
	Content string `json:"content"`
	// SHA256 is the hex checksum of Content.
	SHA256 string `json:"sha256sum"`
}

// Resource returns the resource with the given path. It is Invalid, never Missing, when the bundle does not have
// exactly one: the datafile that names the path is wrong. Resources are not validated against the integration's
// schemas, since app-interface knows schemas for some of them only.
func (s *Session) Resource(ctx context.Context, path string) (Resource, error) {
	found, err := s.resources(ctx, &graphql.Request{
		OpName: "Resource", Query: resourceQuery, Variables: map[string]string{"path": path},
	})
	if err != nil {
		return Resource{}, err
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return Resource{}, apierr.Errorf(apierr.Invalid, "app-interface has no resource %s: add the file under resources, or correct the path", path)
	default:
		return Resource{}, apierr.Errorf(apierr.Invalid, "app-interface has %d resources with the path %q: name exactly one", len(found), path)
	}
}

// ResourcesBySchema returns the resources that declare the given schema.
func (s *Session) ResourcesBySchema(ctx context.Context, schema string) ([]Resource, error) {
	return s.resources(ctx, &graphql.Request{
		OpName: "ResourcesBySchema", Query: resourcesBySchemaQuery, Variables: map[string]string{"schema": schema},
	})
}

func (s *Session) resources(ctx context.Context, req *graphql.Request) ([]Resource, error) {
	if err := s.checkKnown(ctx); err != nil {
		return nil, err
	}
	got, err := s.read(ctx, req)
	if err != nil {
		return nil, err
	}
	var data struct {
		Resources []Resource `json:"resources"`
	}
	if err := json.Unmarshal(got.Data, &data); err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "app-interface answered an unreadable list of resources: %w", err)
	}
	return data.Resources, nil
}
