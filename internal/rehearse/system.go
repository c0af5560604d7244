package rehearse

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// system is a kind of external system that cases can have.
type system struct {
	// name is the folder below estate/ and after/.
	name string
	// schema and urlField say which datafiles describe one and where its address stands in them.
	schema, urlField string
	start            func(ctx context.Context, s *Stage, name string, estate []byte) (target, error)
}

// target is one system of a case: a cluster, an instance.
type target interface {
	// URL is the address to put into the datafiles.
	URL() string
	// Faults records its calls and makes one fail.
	Faults() *fault.Injector
	// Dump returns what is there, in a stable form. It may leave out what no earlier dump, given as seen, had a kind of.
	Dump(ctx context.Context, seen ...string) ([]byte, error)
	// Hang makes it unreachable; Dump goes on to work.
	Hang() error
	Close() error
}

func systems() []system {
	return []system{
		{name: "kubernetes", schema: "/openshift/cluster-1.yml", urlField: "serverUrl", start: startCluster},
		{name: "quay", schema: "/dependencies/quay-instance-1.yml", urlField: "url", start: startQuay},
	}
}
