package clusterbots

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// Vet refuses a request that cannot be made.
func (r *reconciler) Vet(ctx context.Context, s reconcile.Scope, c plan.Change[Item]) error {
	if c.Action != plan.Create || c.Key != request {
		return nil
	}
	of, err := r.cluster(ctx, s)
	if err != nil {
		return err
	}
	gateway, err := r.requests(s).Choose(ctx, s.Args.String("gitlab-project-id"))
	if err != nil {
		return err
	}
	_, err = gateway.Look(ctx, of.request(of.bots(s.Args)))
	return err
}

// Apply makes a bot and keeps its token, or sees to it that the request is open. A token that is in Vault is written again
// where the cluster has another one by now.
//
// Differs from the reference: each cluster has a request of its own, made once all its tokens are in Vault. The reference
// has one for all clusters, names the tokens in it that it could not make, and opens none while an earlier one is open.
func (r *reconciler) Apply(ctx context.Context, s reconcile.Scope, c plan.Change[Item]) error {
	if c.Action != plan.Create {
		return nil
	}
	of, err := r.cluster(ctx, s)
	if err != nil {
		return err
	}
	client, err := r.administer(ctx, of)
	if err != nil {
		return err
	}
	if c.Key == request {
		return r.open(ctx, s, client, of)
	}
	bot := *c.Desired
	if err := apply(ctx, client, bot); err != nil {
		return err
	}
	token, err := madeToken(ctx, client, bot)
	if err != nil {
		return err
	}
	return r.vault.Write(ctx, bot.Vault, of.credentials(bot, token))
}

// open makes the request, unless a token that it names is not in place.
func (r *reconciler) open(ctx context.Context, s reconcile.Scope, client cluster, c clusterDatafile) error {
	bots := c.bots(s.Args)
	for _, bot := range bots {
		there, err := r.inPlace(ctx, client, c, bot)
		if err != nil {
			return err
		}
		if !there {
			return apierr.Errorf(apierr.Missing, "the token of the %s bot of cluster %s is not in %s: the merge request waits for the run that has made it", bot.What, c.Name, bot.Vault)
		}
	}
	gateway, err := r.requests(s).Choose(ctx, s.Args.String("gitlab-project-id"))
	if err != nil {
		return err
	}
	_, err = gateway.Ensure(ctx, c.request(bots))
	return err
}

// requestType is the reference's, which the reader of the queue knows.
const requestType = "create_clusters_updates_mr"

// approval is what the reference's merge requests of this type say: a command to who reviews them.
const approval = "/lgtm"

// request adds the fields for the bots' tokens to the cluster's datafile.
func (c clusterDatafile) request(bots []Item) mergerequest.Request {
	path := "data" + c.Path
	root := map[string]reference{}
	for _, bot := range bots {
		root[bot.field()] = reference{Path: bot.Vault, Field: tokenField}
	}
	return mergerequest.Request{
		Type: requestType, Title: "[" + requestType + "] clusters updates: " + c.Name, Description: approval, Labels: []string{},
		Message: "update cluster " + c.Name + " spec fields",
		Files:   []mergerequest.FileChange{mergerequest.EditFile(path, func(current []byte) ([]byte, error) { return addFields(path, current, bots) })},
		Arguments: []mergerequest.Argument{{Name: "clusters_updates", Value: map[string]any{
			c.Name: map[string]any{"path": path, "root": root, "spec": map[string]any{}},
		}}},
	}
}

// reference is how a datafile names a field of a secret.
type reference struct {
	Path  string `json:"path"`
	Field string `json:"field"`
}
