package fleet

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Shard is one part of a managed integration, or all of it.
type Shard struct {
	// Key is the object that the shard is for; "" where there is none.
	Key string
	// ID and Of say which of how many static shards it is. Of is 0 where an object's shard is not split further.
	ID, Of int
	// Suffix follows the integration's name in the shard's name: "", "-0", "-prod-1" or "-prod-1-0".
	Suffix string
	// Flags limit a run to the shard, as on a command line.
	Flags []string
	// Override is what the datafile says of this shard alone.
	Override Override
}

// Label is the shard's name in metrics.
func (s Shard) Label() string {
	if s.Key != "" {
		return s.Key
	}
	return fmt.Sprintf("%d-%d", s.ID, s.Of)
}

// Shards splits an integration as its datafile says. An object that disables the integration has none. Its error is
// Invalid and says what the datafile has wrong.
func Shards(d reconcile.Definition, m Managed, objects map[reconcile.Sharding][]Object) ([]Shard, error) {
	if m.Sharding.Strategy == reconcile.Static {
		return static(d, Shard{}, m.Sharding.Shards)
	}
	flag := m.Sharding.Strategy.Flag()
	if flag == "" {
		return nil, apierr.Errorf(apierr.Invalid, "there is no sharding strategy %q", m.Sharding.Strategy)
	}
	if err := needsFlag(d, m.Sharding.Strategy, flag); err != nil {
		return nil, err
	}
	overrides := map[string]Override{}
	for _, o := range m.Sharding.Overrides {
		overrides[o.Object] = o
	}
	var shards []Shard
	for _, object := range objects[m.Sharding.Strategy] {
		// Differs from the reference: an OCM organisation that disables the integration has no shard either.
		if slices.Contains(object.Disables, d.Name) {
			continue
		}
		shard := Shard{
			Key: object.Key, Suffix: "-" + shardName(m.Sharding.Strategy, object), Flags: []string{"--" + flag, object.Flag},
			Override: overrides[object.Name],
		}
		switch shard.Override.SubSharding {
		case "":
			shards = append(shards, shard)
		case reconcile.Static:
			parts, err := static(d, shard, shard.Override.SubShards)
			if err != nil {
				return nil, err
			}
			shards = append(shards, parts...)
		default:
			return nil, apierr.Errorf(apierr.Invalid, "the shard of %s is split by %q; only %q splits shards further", object.Name, shard.Override.SubSharding, reconcile.Static)
		}
	}
	return shards, nil
}

// static splits a shard by the hash of what it works on. An object's shard has a number even where it is the only one.
func static(d reconcile.Definition, whole Shard, n int) ([]Shard, error) {
	if n < 1 {
		return nil, apierr.Errorf(apierr.Invalid, "%d shards: at least one is needed", n)
	}
	if n > 1 {
		for _, flag := range []string{"shards", "shard-id"} {
			if err := needsFlag(d, reconcile.Static, flag); err != nil {
				return nil, err
			}
		}
	}
	shards := make([]Shard, n)
	for i := range shards {
		shards[i] = whole
		shards[i].ID, shards[i].Of = i, n
		if whole.Key != "" || n > 1 {
			shards[i].Suffix += "-" + strconv.Itoa(i)
		}
		if n > 1 {
			shards[i].Flags = append(slices.Clone(whole.Flags), "--shards", strconv.Itoa(n), "--shard-id", strconv.Itoa(i))
		}
	}
	return shards, nil
}

func needsFlag(d reconcile.Definition, strategy reconcile.Sharding, flag string) error {
	if slices.ContainsFunc(d.Params, func(p reconcile.Param) bool { return p.Name == flag }) {
		return nil
	}
	return apierr.Errorf(apierr.Invalid, "the sharding strategy %q needs the flag --%s, which %s has not", strategy, flag, d.Name)
}
