package skuppernetwork

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
)

// receiverLabel is on a token, and says which site it is for.
const receiverLabel = "token-receiver"

// mostLabel is how long a label's value may be.
const mostLabel = 63

// controllerLabels are on all that is made for a site.
func controllerLabels() map[string]any {
	return map[string]any{"app": "skupper-site-controller", "managed-by": "qontract-reconcile"}
}

// site is a namespace of a network.
type site struct {
	// name is what the sites that connect to it call its token.
	name      string
	cluster   appinterface.Cluster
	namespace string
	// private says that the cluster cannot be reached from everywhere, and internal that only others like it reach it.
	private, internal bool
	// peers are the clusters that this one is peered with.
	peers []string
	// edge says that it accepts no links.
	edge bool
	// gone says that it is to be deleted.
	gone bool
	// outside says that this run does not work on the cluster.
	outside bool
	objects []map[string]any
	links   []*site
}

func (s *site) String() string { return s.cluster.Name + "/" + s.namespace }

// connect decides which sites connect to which. Of two sites that could connect to each other the one that sorts last does,
// so that the outcome is the same each time.
func connect(sites []*site) {
	order := slices.SortedFunc(slices.Values(sites), func(a, b *site) int { return strings.Compare(b.name, a.name) })
	for _, from := range order {
		for _, to := range sites {
			if !from.gone && to != from && to.accepts(from) && !slices.Contains(to.links, from) {
				from.links = append(from.links, to)
			}
		}
	}
}

// accepts says whether another site can connect to this one.
func (s *site) accepts(from *site) bool {
	switch {
	case s.edge, s.gone:
		return false
	case !s.private, from.internal && s.internal:
		return true
	}
	return from.private && slices.Contains(from.peers, s.cluster.Name)
}

// island says that a site is connected to no other one.
func (s *site) island(sites []*site) bool {
	return !s.gone && len(s.links) == 0 && !slices.ContainsFunc(sites, func(other *site) bool { return slices.Contains(other.links, s) })
}

// request is the name of the Secret by which a site asks this one for a token. It is the reference's.
func (s *site) request(from *site) string {
	sum := sha256.Sum256([]byte(from.String() + "-" + s.String()))
	return hex.EncodeToString(sum[:])
}

// receiver is the site as a label of its tokens. A namespace is in one network at most, so that its network's name, which
// would make it longer, is not needed.
//
// Differs from the reference: a name that is cut at a dash loses that too, since no label ends with one.
func (s *site) receiver() string {
	name := s.cluster.Name + "-" + s.namespace
	return strings.TrimRight(name[:min(len(name), mostLabel)], "-")
}
