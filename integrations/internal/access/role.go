// Package access says who may do what in clusters: the roles of app-interface, the names by which a cluster knows their
// holders, and the bindings that follow from them. It is shared by all integrations that give access to clusters, or take it.
package access

import "github.com/app-sre/qontract-temporal/internal/appinterface"

// Role is a role as far as a query selects it.
type Role struct {
	Name string `json:"name"`
	// ExpirationDate is the first day on which the role counts no longer, YYYY-MM-DD; empty for a role without end.
	ExpirationDate string   `json:"expirationDate"`
	Users          []User   `json:"users"`
	Bots           []Bot    `json:"bots"`
	Access         []Access `json:"access"`
}

// User is a person, by the names of the accounts that clusters may ask for.
type User struct {
	OrgUsername    string `json:"org_username"`
	GitHubUsername string `json:"github_username"`
}

// Bot is a service account of some namespace, "namespace/name"; empty for a bot that has none.
type Bot struct {
	OpenShiftServiceAccount string `json:"openshift_serviceaccount"`
}

// Access is one thing that a role opens: a ClusterRole in a namespace (Role), or in a cluster a ClusterRole or a group.
type Access struct {
	Namespace   *Namespace `json:"namespace"`
	Role        string     `json:"role"`
	Cluster     *Cluster   `json:"cluster"`
	ClusterRole string     `json:"clusterRole"`
	Group       string     `json:"group"`
}

// Namespace is the namespace of an Access.
type Namespace struct {
	Name         string  `json:"name"`
	Delete       bool    `json:"delete"`
	ClusterAdmin bool    `json:"clusterAdmin"`
	ManagedRoles bool    `json:"managedRoles"`
	Cluster      Cluster `json:"cluster"`
}

// Cluster is the cluster of an Access.
type Cluster struct {
	Name string `json:"name"`
	Auth []Auth `json:"auth"`
}

// ManagedCluster is a cluster, how it is reached, and what is managed in it.
type ManagedCluster struct {
	appinterface.Cluster
	Auth                []Auth   `json:"auth"`
	ManagedClusterRoles bool     `json:"managedClusterRoles"`
	ManagedGroups       []string `json:"managedGroups"`
	// OCM is nil for a cluster that OpenShift Cluster Manager does not have.
	OCM *struct {
		Name string `json:"name"`
	} `json:"ocm"`
}

// Auth is a way to log in to a cluster. Services of single sign-on have a Name: that of the identity provider.
type Auth struct {
	Service string `json:"service"`
	Name    string `json:"name"`
}
