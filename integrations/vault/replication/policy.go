package replication

import (
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl"
	"github.com/hashicorp/hcl/hcl/ast"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// policyPaths are the paths in the rules of a policy, in their order and each once.
//
// Differs from the reference: the rules of a policy are read as Vault reads them, so that comments and several rules on one
// line do no harm. The reference takes text between the first and the last quote of a line for a path.
func policyPaths(policy *vaultPolicy) ([]string, error) {
	parsed, err := hcl.Parse(policy.Rules)
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "the rules of policy %s cannot be read: %w", policy.Name, err)
	}
	root, ok := parsed.Node.(*ast.ObjectList)
	if !ok {
		return nil, nil
	}
	var paths []string
	for _, rule := range root.Filter("path").Items {
		if len(rule.Keys) == 0 {
			continue
		}
		if path, ok := rule.Keys[0].Token.Value().(string); ok && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths, nil
}

// copyable are the paths that say which secrets to copy: one secret, or a folder by a slash or /* at the end.
var copyable = regexp.MustCompile(`^[\w/-]+?(/\*?)?$`)

// folder returns the folder that a path of a policy names, if it names one and no secret.
func folder(path string) (name string, ok bool) {
	name = strings.TrimSuffix(path, "*")
	return name, strings.HasSuffix(name, "/")
}

// withoutVerb turns the path of a rule for KV v2 into that of the secrets: data and metadata after the mount are how Vault
// names what may be done with them. A rule for anything else names no secrets.
//
// Differs from the reference: in KV v2 the paths of a policy are those that grant access, <mount>/data/<secret>, or the
// secrets' own. The reference knows the latter alone, with which a policy grants nothing.
func withoutVerb(path string) (secrets string, ok bool) {
	mount, rest, _ := strings.Cut(path, "/")
	verb, name, more := strings.Cut(rest, "/")
	switch verb {
	case "data", "metadata":
		if more {
			return mount + "/" + name, true
		}
	case "config", "delete", "destroy", "subkeys", "undelete":
		return "", false
	}
	return path, true
}

// covers says whether a path of a policy covers a secret's, as Vault matches them: + stands for a segment and * at the end
// for the rest. A folder with a slash at the end covers what is below.
//
// Differs from the reference: wildcards of the policy count for what Jenkins reads, and a path covers itself alone. In the
// reference a secret is covered whose path is any part of the policy's, so that /* covers nothing and team/db covers team/d.
func covers(policy, secret string) bool {
	prefix, more := folder(policy)
	if strings.HasSuffix(policy, "*") {
		more = true
	}
	pattern := strings.ReplaceAll(regexp.QuoteMeta(prefix), `/\+`, `/[^/]+`)
	if more {
		pattern += ".*"
	}
	matched, err := regexp.MatchString("^"+pattern+"$", secret)
	return err == nil && matched
}
