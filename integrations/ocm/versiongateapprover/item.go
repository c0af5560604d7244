package versiongateapprover

import (
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/rosa"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
)

// Item are gates that a cluster has to agree to: one, or those for which its roles are upgraded.
type Item struct {
	// Cluster is its name, and ID the one in OCM.
	Cluster string `json:"cluster"`
	ID      string `json:"id"`
	Gates   []gate `json:"gates"`
	// Roles is what has to be done before; nil where nothing has.
	Roles *roles `json:"roles,omitempty"`
	// Fault is why the gates cannot be agreed to.
	Fault string `json:"fault,omitempty"`
	// Access is that of whoever agrees.
	Access ocmapi.Access `json:"access"`
}

// gate is a version gate.
type gate struct {
	ID string `json:"id"`
	// Label is its kind.
	Label string `json:"label"`
	// Minor is the minor version behind it, such as 4.17.
	Minor string `json:"minor"`
}

// roles are those of a classic ROSA cluster in its AWS account.
type roles struct {
	Settings rosa.Settings `json:"settings"`
	Account  rosa.Account  `json:"account"`
	// Prefix is what the names of the account's roles begin with.
	Prefix string `json:"prefix"`
	// Channel is the cluster's.
	Channel string `json:"channel"`
}

// Key implements plan.Item. It is part of the IDs of workflows.
func (i Item) Key() string {
	if i.Roles != nil {
		return i.ID + "/roles"
	}
	return i.ID + "/" + i.Gates[0].ID
}

// Equal implements plan.Item: what is agreed to is as it is wanted.
func (i Item) Equal(Item) bool { return true }

// Title implements plan.Titled.
func (i Item) Title() string {
	words := make([]string, len(i.Gates))
	for n, g := range i.Gates {
		words[n] = strings.TrimPrefix(g.Label, "api.openshift.com/") + " of " + g.Minor
	}
	text := "agreement of cluster " + i.Cluster + " to " + strings.Join(words, ", ")
	if i.Roles != nil {
		text += " after the upgrade of its roles"
	}
	return text
}
