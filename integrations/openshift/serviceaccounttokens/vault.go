package serviceaccounttokens

import (
	"context"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// readsAtOnce bounds the secrets that are read side by side.
const readsAtOnce = 10

// copies are what Vault is to have of the scope's Secrets: each by its namespace, and each by its name alone, which is
// what shared resources refer to.
//
// Differs from the reference: names that stand for tokens of different accounts are reported. The reference writes the one
// and then the other on each run.
func (r *reconciler) copies(s reconcile.Scope, specs []spec, objects []kubeapi.Object) ([]Item, reconcile.Problems) {
	root := strings.TrimSuffix(s.Args.String(outputPath), "/")
	if root == "" {
		return nil, nil
	}
	root += "/" + Name + "/"
	several := disputed(specs)
	var items []Item
	var problems reconcile.Problems
	shared := map[string]bool{}
	for _, object := range objects {
		items = append(items, Item{Copy: &Copy{
			Path: root + s.Name + "/" + object.Namespace + "/" + object.Name, Namespace: object.Namespace, Name: object.Name,
		}})
		path := root + "shared-resources/" + object.Name
		switch {
		case shared[path]:
		case several[object.Name]:
			problems = append(problems, apierr.Errorf(apierr.Invalid,
				"secret %s in Vault is not written: Secrets of this name have tokens of different accounts; give each account's a name of its own", path))
		default:
			items = append(items, Item{Copy: &Copy{Path: path, Namespace: object.Namespace, Name: object.Name}})
		}
		shared[path] = true
	}
	return items, problems
}

// kept returns those of the copies that Vault has.
func (r *reconciler) kept(ctx context.Context, s reconcile.Scope, specs []spec, copies []Copy) ([]Item, error) {
	found := make([]*Copy, len(copies))
	source := &tokens{scope: s, connect: r.connect, read: map[string]clusterTokens{}}
	for _, w := range specs {
		if w.cluster.Name == s.Name {
			source.specs = append(source.specs, w)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readsAtOnce)
	for i, want := range copies {
		group.Go(func() error {
			there, err := r.vault.Fetch(ctx, want.Path, vaultapi.Latest)
			switch {
			case apierr.Is(err, apierr.Missing):
				return nil
			case apierr.Is(err, apierr.Denied), apierr.Is(err, apierr.Invalid):
				want.Unreadable = err.Error()
			case err != nil:
				return err
			default:
				if want.Differs, err = differs(ctx, source, specs, s.Name, want, there.Data); err != nil {
					return err
				}
			}
			found[i] = &want
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var items []Item
	for _, copied := range found {
		if copied != nil {
			items = append(items, Item{Copy: copied})
		}
	}
	return items, nil
}

// differs says whether what is in Vault is another token than the account's, or the account has none any more.
func differs(ctx context.Context, source *tokens, specs []spec, cluster string, want Copy, there vaultapi.Data) (bool, error) {
	w, ok := find(specs, kubeapi.Object{Cluster: cluster, Namespace: want.Namespace, Name: want.Name})
	if !ok {
		return false, changed(want.Path)
	}
	value, issued, fault, err := source.of(ctx, w)
	if err == nil {
		err = fault
	}
	return !issued || !there.Equal(content(value)), err
}

// content is what Vault is to have.
func content(token secret.Value) vaultapi.Data {
	return vaultapi.Text(map[string]secret.Value{"token": token})
}

func changed(what string) error {
	return apierr.Errorf(apierr.Invalid, "%s: app-interface names no such token any more", what)
}

// Vet refuses a copy that Vault does not let be compared.
func (r *reconciler) Vet(_ context.Context, _ reconcile.Scope, c plan.Change[Item]) error {
	if c.Current != nil && c.Current.Copy != nil && c.Current.Copy.Unreadable != "" {
		return apierr.Errorf(apierr.Denied, "%s", c.Current.Copy.Unreadable)
	}
	return nil
}
