package kubeapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// kindsKept is how long the list of kinds stands before a kind that it lacks has it read again.
const kindsKept = 30 * time.Second

// Kind is a kind of objects as a cluster serves it.
type Kind struct {
	// Name is the kind's plain name, "Deployment".
	Name           string
	Group, Version string
	// Resource is the name in paths, "deployments".
	Resource   string
	Namespaced bool
}

// APIVersion is the kind's group and version as objects carry it.
func (k Kind) APIVersion() string {
	return schema.GroupVersion{Group: k.Group, Version: k.Version}.String()
}

func (k Kind) path() string {
	if k.Group == "" {
		return "/api/" + k.Version
	}
	return "/apis/" + k.Group + "/" + k.Version
}

// kinds is the list of what a cluster serves, read when it is first needed.
type kinds struct {
	source  *discovery.DiscoveryClient
	cluster string
	now     func() time.Time

	mu     sync.Mutex
	served map[string][]Kind // by plain name, the preferred version of the first group first
	failed []string          // groups whose kinds could not be read
	readAt time.Time
}

// Kind resolves a kind's name: "Kind", "Kind.group" or "Kind.group/version". Of several groups that serve a plain
// "Kind" the core group wins, then the first by name; of several versions the group's preferred one. A kind that
// the cluster does not serve is apierr.Missing.
func (c *Client) Kind(ctx context.Context, name string) (Kind, error) {
	plainName, qualifier, _ := strings.Cut(name, ".")
	group, version, _ := strings.Cut(qualifier, "/")
	return c.kinds.find(ctx, name, plainName, func(k Kind) bool {
		return (qualifier == "" || k.Group == group) && (version == "" || k.Version == version)
	})
}

// Supported says whether the cluster serves a kind, named as for Kind.
func (c *Client) Supported(ctx context.Context, name string) (bool, error) {
	_, err := c.Kind(ctx, name)
	if apierr.Is(err, apierr.Missing) {
		return false, nil
	}
	return err == nil, err
}

func (k *kinds) find(ctx context.Context, shown, name string, match func(Kind) bool) (Kind, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if index := slices.IndexFunc(k.served[name], match); index >= 0 {
		return k.served[name][index], nil
	}
	if k.served == nil || k.now().Sub(k.readAt) > kindsKept {
		if err := k.read(ctx); err != nil {
			return Kind{}, err
		}
		if index := slices.IndexFunc(k.served[name], match); index >= 0 {
			return k.served[name][index], nil
		}
	}
	if len(k.failed) > 0 {
		return Kind{}, apierr.Errorf(apierr.Unavailable, "cluster %s: whether it serves kind %s is unknown, because these API groups do not answer: %s",
			k.cluster, shown, strings.Join(k.failed, ", "))
	}
	return Kind{}, apierr.Errorf(apierr.Missing, "cluster %s serves no kind %s", k.cluster, shown)
}

// forget makes the next look-up read the list again.
func (k *kinds) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.served = nil
}

func (k *kinds) read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	groups, lists, err := k.source.ServerGroupsAndResourcesWithContext(ctx)
	var partial *discovery.ErrGroupDiscoveryFailed
	if err != nil && !errors.As(err, &partial) {
		return classify(k.cluster, call{verb: "read the kinds"}, err)
	}
	preferred := make(map[schema.GroupVersion]bool, len(groups))
	for _, group := range groups {
		preferred[schema.GroupVersion{Group: group.Name, Version: group.PreferredVersion.Version}] = true
	}
	served := map[string][]Kind{}
	for _, list := range lists {
		if err := addKinds(served, list); err != nil {
			return apierr.Errorf(apierr.Unavailable, "cluster %s lists its kinds in a way that cannot be read: %w", k.cluster, err)
		}
	}
	for _, candidates := range served {
		slices.SortStableFunc(candidates, func(a, b Kind) int {
			return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(rank(preferred, a), rank(preferred, b)))
		})
	}
	k.served, k.failed, k.readAt = served, nil, k.now()
	if partial != nil {
		for _, version := range slices.SortedFunc(maps.Keys(partial.Groups), func(a, b schema.GroupVersion) int {
			return cmp.Compare(a.String(), b.String())
		}) {
			k.failed = append(k.failed, version.String())
		}
	}
	return nil
}

func rank(preferred map[schema.GroupVersion]bool, k Kind) int {
	if preferred[schema.GroupVersion{Group: k.Group, Version: k.Version}] {
		return 0
	}
	return 1
}

// addKinds takes the kinds of one group and version, without subresources.
func addKinds(served map[string][]Kind, list *metav1.APIResourceList) error {
	version, err := schema.ParseGroupVersion(list.GroupVersion)
	if err != nil {
		return fmt.Errorf("group version %q: %w", list.GroupVersion, err)
	}
	for _, resource := range list.APIResources {
		if strings.Contains(resource.Name, "/") {
			continue
		}
		served[resource.Kind] = append(served[resource.Kind], Kind{
			Name:       resource.Kind,
			Group:      cmp.Or(resource.Group, version.Group),
			Version:    cmp.Or(resource.Version, version.Version),
			Resource:   resource.Name,
			Namespaced: resource.Namespaced,
		})
	}
	return nil
}
