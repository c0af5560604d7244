package replication

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// search collects the paths of the secrets that a replication names.
type search struct {
	in       vault
	configs  []jenkinsConfig
	found    []string
	problems reconcile.Problems
}

// paths returns the secrets that the replication names, each once. What names none is a problem, and the others are found.
//
// Differs from the reference: a path that cannot be used leaves the others alone, while the reference ends at the first one.
func (r *reconciler) paths(ctx context.Context, s reconcile.Scope, of replication, in vault) ([]string, reconcile.Problems, error) {
	f := &search{in: in}
	for _, paths := range of.config.Paths {
		var err error
		switch paths := paths.(type) {
		case *replicationPathsVaultReplicationPolicyV1:
			err = f.byPolicy(ctx, paths.Policy)
		case *replicationPathsVaultReplicationJenkinsV1:
			if f.configs == nil {
				answer, err := JenkinsSecrets(ctx, r.at(s))
				if err != nil {
					return nil, nil, err
				}
				f.configs = answer.Configs
			}
			err = f.byJenkins(ctx, paths.JenkinsInstance.Name, paths.Policy)
		default:
			err = apierr.Errorf(apierr.Invalid, "a path has the unknown provider %s: use policy or jenkins", paths.GetProvider())
		}
		if err := f.note("", err); err != nil {
			return nil, nil, err
		}
	}
	slices.Sort(f.found)
	return slices.Compact(f.found), f.problems, nil
}

// note keeps an error that concerns single paths as a problem. Any other one is returned.
func (f *search) note(what string, err error) error {
	if err == nil || !alone(err) {
		return err
	}
	if what != "" {
		err = fmt.Errorf("%s: %w", what, err)
	}
	f.problems = append(f.problems, err)
	return nil
}

// alone says whether an error concerns single paths: trying again cannot help, and others may be copied.
func alone(err error) bool {
	kind, known := apierr.KindOf(err)
	return known && !kind.Retryable() && !errors.Is(err, vaultapi.ErrLoginRefused)
}

func (f *search) byPolicy(ctx context.Context, policy *vaultPolicy) error {
	if policy == nil {
		return apierr.Errorf(apierr.Invalid, "a path with the provider policy names no policy: name it")
	}
	paths, err := policyPaths(policy)
	if err != nil {
		return err
	}
	for _, path := range paths {
		if err := f.note("policy "+policy.Name, f.byPath(ctx, path)); err != nil {
			return err
		}
	}
	return nil
}

// byPath adds the secrets of one path of a policy.
func (f *search) byPath(ctx context.Context, path string) error {
	if !copyable.MatchString(path) {
		return apierr.Errorf(apierr.Invalid, "path %q says nothing that can be copied: name a secret, or a folder with /* at the end, without other signs than letters, digits, _, - and /", path)
	}
	path, ok, err := f.secrets(ctx, path)
	if err != nil || !ok {
		return err
	}
	below, isFolder := folder(path)
	if !isFolder {
		f.found = append(f.found, path)
		return nil
	}
	secrets, err := f.in.ListAll(ctx, below)
	f.found = append(f.found, secrets...)
	return err
}

// secrets turns the path of a rule into that of secrets; ok is false where it names none.
func (f *search) secrets(ctx context.Context, path string) (secrets string, ok bool, err error) {
	kv, err := f.in.KV(ctx, path)
	if err != nil || kv == 1 {
		return path, err == nil, err
	}
	secrets, ok = withoutVerb(path)
	return secrets, ok, nil
}

// byJenkins adds the secrets that a Jenkins instance reads. With a policy, only what that covers is copied.
func (f *search) byJenkins(ctx context.Context, instance string, policy *vaultPolicy) error {
	var allowed []string
	if policy != nil {
		rules, err := policyPaths(policy)
		if err != nil {
			return err
		}
		for _, rule := range rules {
			path, ok, err := f.secrets(ctx, rule)
			if err != nil {
				return err
			}
			if ok {
				allowed = append(allowed, path)
			}
		}
	}
	for _, path := range jenkinsPaths(f.configs, instance) {
		secrets, err := f.expand(ctx, path)
		if err := f.note("jenkins "+instance, err); err != nil {
			return err
		}
		for _, path := range secrets {
			covered := func(rule string) bool { return covers(rule, path) }
			if policy != nil && !slices.ContainsFunc(allowed, covered) {
				f.problems = append(f.problems, apierr.Errorf(apierr.Invalid, "jenkins %s: policy %s does not cover the secret %s, which is not copied: add a path to the policy, or correct the configuration of Jenkins", instance, policy.Name, path))
				continue
			}
			f.found = append(f.found, path)
		}
	}
	return nil
}

// expand returns the secrets that a path of a Jenkins configuration means.
func (f *search) expand(ctx context.Context, path string) ([]string, error) {
	t, err := parseTemplate(path)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return []string{path}, nil
	}
	secrets, err := f.in.ListAll(ctx, t.folder)
	return t.among(secrets), err
}
