package fleet

import (
	"context"
	"strings"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Data is what app-interface says of the fleet.
type Data struct {
	Integrations []Integration
	// Objects are those that integrations are sharded by, by strategy.
	Objects map[reconcile.Sharding][]Object
}

// Integration is a datafile integration-1.yml.
type Integration struct {
	Datafile string
	Name     string
	Upstream string
	Labels   appinterface.JSON
	Managed  []Managed
}

// Managed is how an integration runs in one namespace.
type Managed struct {
	Namespace Namespace
	Spec      Spec
	Sharding  Sharding
}

// Sharding splits an integration.
type Sharding struct {
	Strategy reconcile.Sharding
	// Shards is the number of static shards.
	Shards    int
	Overrides []Override
}

// Override changes the shard of one object.
type Override struct {
	// Object is the object's Name.
	Object    string
	Disabled  bool
	ImageRef  string
	Resources *Resources
	// SubSharding is the strategy that splits the shard further, or "".
	SubSharding reconcile.Sharding
	SubShards   int
}

// Object is one that a shard is made for.
type Object struct {
	// Name is that of the datafile; a Cloudflare zone is called after its account and its identifier.
	Name string
	// Key is the label that metrics know the shard by.
	Key string
	// Flag is the value of the flag that limits a run to the object.
	Flag string
	// Disables are the integrations that leave the object alone.
	Disables []string
}

// Read asks app-interface for all of it in one query.
func Read(ctx context.Context, app graphql.Client) (Data, error) {
	answer, err := fleet(ctx, app)
	if err != nil {
		return Data{}, err
	}
	data := Data{Objects: map[reconcile.Sharding][]Object{}}
	for _, one := range answer.Integrations {
		read := Integration{Datafile: one.Path, Name: one.Name, Upstream: one.Upstream, Labels: one.Labels}
		for _, m := range one.Managed {
			read.Managed = append(read.Managed, Managed{Namespace: m.Namespace, Spec: m.Spec, Sharding: shardingOf(m.Sharding)})
		}
		data.Integrations = append(data.Integrations, read)
	}
	for _, c := range answer.Clusters {
		data.add(reconcile.PerOpenShiftCluster, Object{Name: c.Name, Key: c.Name, Flag: c.Name}, c.Disable)
	}
	for _, a := range answer.Accounts {
		data.add(reconcile.PerAWSAccount, Object{Name: a.Name, Key: a.Name, Flag: a.Name}, a.Disable)
	}
	for _, o := range answer.Organizations {
		data.add(reconcile.PerOCMOrganization, Object{Name: o.Name, Key: o.OrgId, Flag: o.OrgId}, o.Disable)
	}
	for _, z := range answer.Zones {
		data.add(reconcile.PerCloudflareDNSZone, Object{Name: z.key(), Key: z.key(), Flag: z.Identifier}, nil)
	}
	return data, nil
}

func (d Data) add(strategy reconcile.Sharding, object Object, off *switches) {
	if off != nil {
		object.Disables = off.Integrations
	}
	d.Objects[strategy] = append(d.Objects[strategy], object)
}

func (z zone) key() string { return z.Account.Name + "-" + z.Identifier }

// shardingOf brings the strategies into one form; none is one static shard.
func shardingOf(s sharding) Sharding {
	switch s := s.(type) {
	case *shardingStaticShardingV1:
		return Sharding{Strategy: reconcile.Static, Shards: s.Shards}
	case *shardingAWSAccountShardingV1:
		one := Sharding{Strategy: reconcile.PerAWSAccount}
		for _, o := range s.Accounts {
			one.Overrides = append(one.Overrides, Override{Object: o.Shard.Name, Disabled: isTrue(o.Disabled), ImageRef: o.ImageRef, Resources: o.Resources})
		}
		return one
	case *shardingOpenshiftClusterShardingV1:
		one := Sharding{Strategy: reconcile.PerOpenShiftCluster}
		for _, o := range s.Clusters {
			override := Override{Object: o.Shard.Name, Disabled: isTrue(o.Disabled), ImageRef: o.ImageRef, Resources: o.Resources}
			if sub, ok := o.SubSharding.(*subShardingStaticSubShardingV1); ok {
				override.SubSharding, override.SubShards = reconcile.Sharding(sub.Strategy), sub.Shards
			}
			one.Overrides = append(one.Overrides, override)
		}
		return one
	case *shardingOCMOrganizationShardingV1:
		one := Sharding{Strategy: reconcile.PerOCMOrganization}
		for _, o := range s.Organizations {
			one.Overrides = append(one.Overrides, Override{Object: o.Shard.Name, Disabled: isTrue(o.Disabled), ImageRef: o.ImageRef, Resources: o.Resources})
		}
		return one
	case *shardingCloudflareDNSZoneShardingV1:
		one := Sharding{Strategy: reconcile.PerCloudflareDNSZone}
		for _, o := range s.Zones {
			// Differs from the reference: an override finds its zone. The reference looks it up by account and identifier
			// and files it by the zone's domain and identifier, so that none ever applies.
			one.Overrides = append(one.Overrides, Override{Object: o.Shard.key(), Disabled: isTrue(o.Disabled), ImageRef: o.ImageRef, Resources: o.Resources})
		}
		return one
	}
	return Sharding{Strategy: reconcile.Static, Shards: 1}
}

// shardName is an object's part of a shard's name. The reference lowers the case of organisations only.
func shardName(strategy reconcile.Sharding, o Object) string {
	if strategy == reconcile.PerOCMOrganization {
		return strings.ToLower(o.Key)
	}
	return o.Key
}

func isTrue(b *bool) bool { return b != nil && *b }
