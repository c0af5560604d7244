// Package sharding splits a set of objects over several runs, so that each object belongs to exactly one.
package sharding

import (
	"crypto/md5" //nolint:gosec // md5 is the reference's partition; running estates depend on it, and nothing secret does.
	"math/big"
)

// Hash returns the shard, from 0 to shards-1, that owns the key: the key's md5 as a big-endian integer modulo shards.
func Hash(key string, shards int) int {
	sum := md5.Sum([]byte(key)) //nolint:gosec // see the import.
	n := new(big.Int).SetBytes(sum[:])
	return int(n.Mod(n, big.NewInt(int64(shards))).Int64())
}

// RoundRobin returns the shard that owns the object at an index of a list.
func RoundRobin(index, shards int) int { return index % shards }
