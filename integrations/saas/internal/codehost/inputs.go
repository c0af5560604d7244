package codehost

import (
	"context"
	"fmt"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/clients/githubapi"
)

// Inputs reads from app-interface what views read there, and from nowhere else: for integrations that say what they read.
func Inputs(ctx context.Context, app graphql.Client) error {
	if _, err := githubapi.Organisations(ctx, app); err != nil {
		return err
	}
	if _, err := codeHosts(ctx, app); err != nil {
		return fmt.Errorf("read the GitLab instances from app-interface: %w", err)
	}
	return nil
}
