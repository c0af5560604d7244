package skuppernetwork

import (
	"context"
	"regexp"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

const (
	secretKind = "Secret"
	// typeLabel is Skupper's. A site controller answers a request by writing the token into it and making it a token.
	typeLabel    = "skupper.io/type"
	tokenType    = "connection-token"
	requestType  = "connection-token-request"
	tokensAndAll = typeLabel + " in (" + tokenType + "," + requestType + ")"
)

// requestName is the form of names that requests have.
var requestName = regexp.MustCompile(`^[0-9a-f]{64}$`)

// token is what there is to know of a Secret with a token, or of a request for one, but for the token.
type token struct {
	name, receiver string
	// ours says that this integration made it.
	ours bool
}

// inventory are the tokens and requests of each site.
type inventory map[*site][]token

// tokens reads the tokens and requests of the sites that exist and are to stay.
func (r *reconciler) tokens(ctx context.Context, s reconcile.Scope, sites []*site, there map[*site]bool) (inventory, error) {
	found := inventory{}
	for _, one := range sites {
		if one.gone || !there[one] {
			continue
		}
		client, err := r.client(ctx, s, one)
		if err != nil {
			return nil, err
		}
		secrets, err := client.List(ctx, secretKind, one.namespace, tokensAndAll)
		if err != nil {
			return nil, err
		}
		for _, secret := range secrets {
			if meta := metadata(secret); meta.GetDeletionTimestamp() == nil {
				found[one] = append(found[one], token{meta.GetName(), meta.GetLabels()[receiverLabel], kubeapi.Owned(secret, owner)})
			}
		}
	}
	return found, nil
}

// parts are the links that are wanted and there, and what is ours and not wanted any more.
//
// Differs from the reference: a token or request goes only where this integration made it, and requests that nobody waits
// for go too. There any Secret with the label goes, and such requests stay.
func (all inventory) parts(sites []*site, desired []Part) []Part {
	wanted := links(desired)
	var parts []Part
	for _, one := range sites {
		awaited := all.awaited(sites, one)
		for _, t := range all[one] {
			part := Part{Site: one.String(), Link: &Link{Token: t.name}}
			switch {
			case wanted[part.Key()] != nil:
				part.Link.To = wanted[part.Key()].To
				parts = append(parts, part)
			case one.linksTo(t.name), !t.ours, t.receiver == "":
				// A link that is left out for now keeps its token.
			case requestName.MatchString(t.name):
				if !awaited[t.name] {
					parts = append(parts, Part{Site: one.String(), Request: t.name})
				}
			case t.receiver == one.receiver():
				parts = append(parts, part)
			}
		}
	}
	return parts
}

// awaited are the requests in a site's namespace that links still need, by name.
func (all inventory) awaited(sites []*site, to *site) map[string]bool {
	names := map[string]bool{}
	for _, from := range sites {
		if from.linksTo(to.name) && !all.hasToken(from, to.name) {
			names[to.request(from)] = true
		}
	}
	return names
}

func (all inventory) hasToken(at *site, name string) bool {
	for _, t := range all[at] {
		if t.name == name {
			return true
		}
	}
	return false
}

// has says whether an object is a token or a request, and so none of the controller's.
func (all inventory) has(object kubeapi.Object) bool {
	if object.Kind != secretKind {
		return false
	}
	for at := range all {
		if at.cluster.Name == object.Cluster && at.namespace == object.Namespace && all.hasToken(at, object.Name) {
			return true
		}
	}
	return false
}

// linksTo says whether a site is to connect to the one whose token has this name.
func (s *site) linksTo(token string) bool {
	for _, to := range s.links {
		if to.name == token {
			return true
		}
	}
	return false
}

// metadata reads that of a live object.
func metadata(live map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: live}
}
