package workflows

import (
	"strings"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// The search attributes of a run. A server that does not know them is used without.
var (
	integrationAttribute = temporal.NewSearchAttributeKeyKeyword("Integration")
	scopeAttribute       = temporal.NewSearchAttributeKeyKeyword("Scope")
	dryRunAttribute      = temporal.NewSearchAttributeKeyBool("DryRun")
	bundleAttribute      = temporal.NewSearchAttributeKeyKeyword("Bundle")
	outcomeAttribute     = temporal.NewSearchAttributeKeyKeyword("Outcome")
	changesAttribute     = temporal.NewSearchAttributeKeyInt64("Changes")
)

// SearchAttributes are the names and types to register with the server.
func SearchAttributes() map[string]enums.IndexedValueType {
	types := map[string]enums.IndexedValueType{}
	for _, key := range []temporal.SearchAttributeKey{
		integrationAttribute, scopeAttribute, dryRunAttribute, bundleAttribute, outcomeAttribute, changesAttribute,
	} {
		types[key.GetName()] = key.GetValueType()
	}
	return types
}

// publish sets the search attributes: at the end of a run, and when it is stuck.
func publish(ctx workflow.Context, scope string, r *Result) error {
	updates := []temporal.SearchAttributeUpdate{
		integrationAttribute.ValueSet(r.Integration),
		dryRunAttribute.ValueSet(r.DryRun),
		outcomeAttribute.ValueSet(string(r.Outcome)),
		changesAttribute.ValueSet(int64(len(r.Changes) + len(r.Held))),
	}
	if scope != "" {
		updates = append(updates, scopeAttribute.ValueSet(scope))
	}
	if r.Bundle != "" {
		updates = append(updates, bundleAttribute.ValueSet(r.Bundle))
	}
	return workflow.UpsertTypedSearchAttributes(ctx, updates...)
}

// workflowID joins the parts that are there.
func workflowID(parts ...string) string {
	return strings.Join(parts, "/")
}
