package appinterface

import (
	"context"
	"encoding/json"
	"slices"
	"sort"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// integrationsQuery asks for all integrations rather than for one, so that every integration of a worker shares
// one answer per bundle.
const integrationsQuery = `query Integrations {
  integrations: integrations_v1 {
    name
    schemas
  }
}`

// checkKnown makes sure, once per session and only with validation, that app-interface knows the integration, and
// notes the schemas that it may query.
func (s *Session) checkKnown(ctx context.Context) error {
	if !s.validate {
		return nil
	}
	s.mu.Lock()
	known := s.allowed != nil
	s.mu.Unlock()
	if known {
		return nil
	}
	allowed, err := s.allowlist(ctx)
	if err != nil {
		return err
	}
	if len(allowed) == 0 {
		return apierr.New(apierr.Invalid, &UnknownIntegrationError{Integration: s.integration})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.allowed = allowed
	return nil
}

// allowlist returns the schemas in the integration's datafile; none when there is no datafile. This query itself is
// never validated.
func (s *Session) allowlist(ctx context.Context) ([]string, error) {
	got, err := s.query(ctx, &graphql.Request{OpName: "Integrations", Query: integrationsQuery})
	if err != nil {
		return nil, err
	}
	var data struct {
		Integrations []struct {
			Name    string   `json:"name"`
			Schemas []string `json:"schemas"`
		} `json:"integrations"`
	}
	if err := json.Unmarshal(got.Data, &data); err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "app-interface answered an unreadable list of integrations: %w", err)
	}
	for _, one := range data.Integrations {
		if one.Name == s.integration {
			return one.Schemas, nil
		}
	}
	return nil, nil
}

// checkAllowed refuses schemas that are not on the integration's list.
func (s *Session) checkAllowed(touched []string) error {
	if !s.validate {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var forbidden []string
	for _, schema := range touched {
		if !slices.Contains(s.allowed, schema) && !slices.Contains(forbidden, schema) {
			forbidden = append(forbidden, schema)
		}
	}
	if len(forbidden) == 0 {
		return nil
	}
	sort.Strings(forbidden)
	return apierr.New(apierr.Invalid, &ForbiddenSchemaError{Integration: s.integration, Schemas: forbidden})
}
