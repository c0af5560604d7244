// Package externalresources reads what namespaces ask of clouds: databases, buckets and the like, which Terraform makes
// and whose outputs end in a Secret of the namespace.
package externalresources

import (
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
)

// Provided is one entry of a namespace's externalResources: what one account is to provide. Queries bind to it what they
// select of that list.
type Provided struct {
	// Provider is the kind of the account, such as "aws".
	Provider string `json:"provider"`
	// Provisioner is the account.
	Provisioner struct {
		Name string `json:"name"`
	} `json:"provisioner"`
	Resources []Resource `json:"resources"`
}

// Resource is one resource. What a query does not select is empty.
type Resource struct {
	// Provider is the kind of the resource, such as "rds".
	Provider   string `json:"provider"`
	Identifier string `json:"identifier"`
	// OutputResourceName is the name that the Secret with the outputs is to have, or "".
	OutputResourceName string `json:"output_resource_name"`
	// Defaults is the path of a resource file of app-interface, and Overrides what takes the place of its fields.
	Defaults       string            `json:"defaults"`
	Overrides      appinterface.JSON `json:"overrides"`
	DatabaseAccess []DatabaseAccess  `json:"database_access"`
}

// DatabaseAccess is a user that is to be made in a database instance.
type DatabaseAccess struct {
	Name     string          `json:"name"`
	Username string          `json:"username"`
	Database string          `json:"database"`
	Delete   *bool           `json:"delete"`
	Access   []DatabaseGrant `json:"access"`
}

// DatabaseGrant is what such a user may do with the tables of a schema.
type DatabaseGrant struct {
	Grants []string `json:"grants"`
	Target struct {
		DBSchema string `json:"dbschema"`
	} `json:"target"`
}

// SecretName is the name of the Secret with the outputs.
func (r Resource) SecretName() string {
	if r.OutputResourceName != "" {
		return r.OutputResourceName
	}
	return r.Identifier + "-" + strings.ReplaceAll(r.Provider, "_", "-")
}

// Find returns the resource of a kind and an identifier.
func Find(provided []Provided, provider, identifier string) (Resource, bool) {
	for _, p := range provided {
		at := slices.IndexFunc(p.Resources, func(r Resource) bool { return r.Provider == provider && r.Identifier == identifier })
		if at >= 0 {
			return p.Resources[at], true
		}
	}
	return Resource{}, false
}
