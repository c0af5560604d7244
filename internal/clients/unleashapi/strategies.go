package unleashapi

import (
	"slices"
	"strings"

	unleashcontext "github.com/Unleash/unleash-client-go/v4/context"
)

// clusterProperty is the name of the cluster's property in contexts, and of the strategies' parameter: names of clusters,
// separated by commas.
const clusterProperty = "cluster_name"

// enableCluster is on for the clusters that it names, and off for everything else.
type enableCluster struct{}

// Name implements strategy.Strategy.
func (enableCluster) Name() string { return "enableCluster" }

// IsEnabled implements strategy.Strategy.
func (enableCluster) IsEnabled(parameters map[string]any, ctx *unleashcontext.Context) bool {
	return named(parameters, ctx)
}

// disableCluster is off for the clusters that it names, and on for everything else.
type disableCluster struct{}

// Name implements strategy.Strategy.
func (disableCluster) Name() string { return "disableCluster" }

// IsEnabled implements strategy.Strategy.
func (disableCluster) IsEnabled(parameters map[string]any, ctx *unleashcontext.Context) bool {
	return !named(parameters, ctx)
}

func named(parameters map[string]any, ctx *unleashcontext.Context) bool {
	cluster, asked := ctx.Properties[clusterProperty]
	text, _ := parameters[clusterProperty].(string)
	return asked && slices.ContainsFunc(strings.Split(text, ","), func(name string) bool { return strings.TrimSpace(name) == cluster })
}
