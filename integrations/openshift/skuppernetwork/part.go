package skuppernetwork

import (
	"fmt"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
)

// Part is one thing of a network. One of its pointers is set.
type Part struct {
	// Site is the cluster and the namespace that it belongs to, as cluster/namespace.
	Site string `json:"site"`
	// Object is one of the site controller's.
	Object *kubeapi.Object `json:"object,omitempty"`
	// Link connects the site to another one.
	Link *Link `json:"link,omitempty"`
	// Request is the name of a Secret that asks for a token, or holds one that nobody fetches any more.
	Request string `json:"request,omitempty"`
	// Remains are what is left of a site that is to be deleted, as "Kind name".
	Remains []string `json:"remains,omitempty"`
}

// Link is the connection of a site to another one, which accepts it.
type Link struct {
	// To is the site that accepts, as cluster/namespace; empty for a link that is not wanted any more.
	To string `json:"to,omitempty"`
	// Token is the name of the Secret with the token in the namespace of the site that connects.
	Token string `json:"token"`
}

// Key implements plan.Item.
func (p Part) Key() string {
	switch {
	case p.Object != nil:
		return p.Object.Cluster + "/" + p.Object.Key()
	case p.Link != nil:
		return p.Site + "/link/" + p.Link.Token
	case p.Request != "":
		return p.Site + "/request/" + p.Request
	}
	return p.Site + "/site"
}

// Title implements plan.Titled.
func (p Part) Title() string {
	switch {
	case p.Object != nil:
		return p.Object.Title()
	case p.Link != nil && p.Link.To != "":
		return "link from " + p.Site + " to " + p.Link.To
	case p.Link != nil:
		return "link from " + p.Site + " by the token " + p.Link.Token
	case p.Request != "":
		return "request for a token " + p.Request + " in " + p.Site
	}
	return fmt.Sprintf("skupper site %s: %s", p.Site, strings.Join(p.Remains, ", "))
}

// Equal implements plan.Item. A link that is there is as it should be.
func (p Part) Equal(current Part) bool {
	return p.Object == nil || current.Object == nil || p.Object.Equal(*current.Object)
}

// Explain implements plan.Explained.
func (p Part) Explain(current Part) string {
	if p.Object == nil || current.Object == nil {
		return ""
	}
	return p.Object.Explain(*current.Object)
}
