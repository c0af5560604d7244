package sharding_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/sharding"
	"github.com/app-sre/qontract-temporal/internal/vectors"
)

func TestVectors(t *testing.T) {
	vectors.Each(t, "sharding", nil, func(t require.TestingT, v vectors.Vector) {
		var in struct {
			Kind, Key     string
			Index, Shards int
		}
		var out struct {
			ShardID int `json:"shard_id"`
		}
		require.NoError(t, vectors.Decode(v.Input, &in))
		require.NoError(t, vectors.Decode(v.Output, &out))
		switch in.Kind {
		case "hash":
			require.Equal(t, out.ShardID, sharding.Hash(in.Key, in.Shards))
		case "round-robin":
			require.Equal(t, out.ShardID, sharding.RoundRobin(in.Index, in.Shards))
		default:
			require.Fail(t, "unknown kind "+in.Kind)
		}
	})
}

func TestShardsAreCompleteAndDisjoint(t *testing.T) {
	const shards = 3
	taken := map[int]int{}
	for i := range 300 {
		shard := sharding.Hash(fmt.Sprintf("cluster/namespace-%d", i), shards)
		require.GreaterOrEqual(t, shard, 0)
		require.Less(t, shard, shards)
		taken[shard]++
	}
	require.Len(t, taken, shards)
}
