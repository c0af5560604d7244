package namespaced

import (
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/sharding"
)

// InShard says whether a namespace is one of the run's shard, as its flags --shards and --shard-id say. Without them it is.
func InShard(s reconcile.Scope, cluster, namespace string) bool {
	return sharding.Hash(cluster+"/"+namespace, max(1, s.Args.Int("shards"))) == s.Args.Int("shard-id")
}
