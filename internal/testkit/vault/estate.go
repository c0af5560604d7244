package vault

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"sigs.k8s.io/yaml"
)

// Estate is what a Vault has. As YAML:
//
//	mounts:
//	  kv:
//	    version: 2
//	    maxVersions: 3            # how many versions of a secret are kept; 0 is Vault's default of 10
//	    secrets:
//	      team/db:                # KV v2: the versions by number; older ones were written and are gone
//	        4: {password: old}
//	        5: {password: new}    # or deleted, or destroyed
//	  legacy:
//	    version: 1
//	    secrets:
//	      team/db: {password: secret}
//	policies:
//	  reader: |
//	    path "kv/data/team/*" { capabilities = ["read"] }
//	roles:                        # of the auth method approle
//	  reader: {roleID: reader, secretID: secret, policies: [reader]}
type Estate struct {
	Mounts   map[string]Mount  `json:"mounts,omitempty"`
	Policies map[string]string `json:"policies,omitempty"`
	Roles    map[string]Role   `json:"roles,omitempty"`
}

// Mount is a mount of the key-value engine.
type Mount struct {
	Version     int                       `json:"version"`
	MaxVersions int                       `json:"maxVersions,omitempty"`
	Secrets     map[string]map[string]any `json:"secrets,omitempty"`
}

// Role is an AppRole with IDs that are known beforehand.
type Role struct {
	RoleID   string   `json:"roleID"`
	SecretID string   `json:"secretID"`
	Policies []string `json:"policies"`
}

// The values that stand for a version whose content is gone.
const (
	deleted   = "deleted"
	destroyed = "destroyed"
)

// ParseEstate reads an estate and checks it.
func ParseEstate(text []byte) (Estate, error) {
	var estate Estate
	if err := yaml.UnmarshalStrict(text, &estate); err != nil {
		return estate, fmt.Errorf("estate: %w", err)
	}
	for name, mount := range estate.Mounts {
		if mount.Version != 1 && mount.Version != 2 {
			return estate, fmt.Errorf("estate: mount %s: version is %d, and key-value engines have 1 and 2", name, mount.Version)
		}
		if mount.Version == 1 {
			continue
		}
		for path, versions := range mount.Secrets {
			if _, err := numbers(versions); err != nil {
				return estate, fmt.Errorf("estate: secret %s/%s: %w", name, path, err)
			}
		}
	}
	return estate, nil
}

// numbers are those of the versions, ascending.
func numbers(versions map[string]any) ([]int, error) {
	var all []int
	for _, text := range slices.Collect(maps.Keys(versions)) {
		number, err := strconv.Atoi(text)
		if err != nil || number < 1 {
			return nil, fmt.Errorf("%q is no number of a version", text)
		}
		_, isData := versions[text].(map[string]any)
		if !isData && versions[text] != deleted && versions[text] != destroyed {
			return nil, fmt.Errorf("version %d is neither fields nor %s nor %s", number, deleted, destroyed)
		}
		all = append(all, number)
	}
	slices.Sort(all)
	return all, nil
}
