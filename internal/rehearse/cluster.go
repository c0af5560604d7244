package rehearse

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/app-sre/qontract-temporal/internal/testkit/cluster"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// clusterTarget is a virtual cluster of the stage's API server.
type clusterTarget struct {
	served *cluster.Cluster
}

func startCluster(ctx context.Context, s *Stage, _ string, estate []byte) (target, error) {
	backend, err := s.options.Kube(ctx)
	if err != nil {
		return nil, err
	}
	served, err := cluster.New(backend, cluster.Options{})
	if err != nil {
		return nil, err
	}
	t := &clusterTarget{served: served}
	if err := served.Load(ctx, estate); err != nil {
		return nil, errors.Join(err, t.Close()) //nolint:contextcheck // the world has to go even when the case was cancelled.
	}
	return t, nil
}

func (t *clusterTarget) URL() string { return t.served.URL() }

func (t *clusterTarget) Faults() *fault.Injector { return t.served.Faults }

func (t *clusterTarget) Dump(ctx context.Context, seen ...string) ([]byte, error) {
	return t.served.Dump(ctx, cluster.Selection{Kinds: kindsIn(seen)})
}

// kindsIn returns the kinds of the objects in dumps. Definitions of kinds are shared by all cases.
func kindsIn(dumps []string) []string {
	var kinds []string
	for _, dump := range dumps {
		for line := range strings.Lines(dump) {
			kind, found := strings.CutPrefix(line, "kind: ")
			if kind = strings.TrimSpace(kind); found && kind != "CustomResourceDefinition" && !slices.Contains(kinds, kind) {
				kinds = append(kinds, kind)
			}
		}
	}
	return kinds
}

// Hang closes the address; the world stays to be looked at through the backend.
func (t *clusterTarget) Hang() error { return t.served.Close() }

// Close takes the world away as well.
func (t *clusterTarget) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), discardWithin)
	defer cancel()
	return errors.Join(t.served.Close(), t.served.Discard(ctx))
}

// discardWithin bounds how long the end of a case may take.
const discardWithin = 30 * time.Second
