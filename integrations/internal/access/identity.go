package access

import (
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Key says which of a person's names a cluster knows.
type Key string

// The names that clusters know, as app-interface spells them.
const (
	GitHubUsername Key = "github_username"
	OrgUsername    Key = "org_username"
)

// Of is the person's name; empty where the person has none of this kind.
func (k Key) Of(u User) string {
	if k == GitHubUsername {
		return u.GitHubUsername
	}
	return u.OrgUsername
}

// Keys returns the names that a cluster knows, in the order of its services, each once. A cluster without services has
// people log in by GitHub. A service that is not known is Invalid.
func (c Cluster) Keys() ([]Key, error) {
	if len(c.Auth) == 0 {
		return []Key{GitHubUsername}, nil
	}
	var keys []Key
	for _, auth := range c.Auth {
		var key Key
		switch auth.Service {
		case "github-org", "github-org-team":
			key = GitHubUsername
		case "oidc", "rhidp":
			key = OrgUsername
		default:
			return nil, apierr.Errorf(apierr.Invalid, "cluster %s: how people log in by the auth service %q is not known", c.Name, auth.Service)
		}
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}
