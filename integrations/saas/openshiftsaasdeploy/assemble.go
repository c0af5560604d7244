package openshiftsaasdeploy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/deployment"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/duration"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
)

// allowed is how long a rollout may take where its saas file does not say.
//
// Differs from the reference: an hour, or what the saas file's timeout says. There it is half a day.
const allowed = time.Hour

// assemble makes the items of a cluster: its objects, and the rollouts of targets that they belong to. A target whose object
// was refused, or is one of another target too, cannot succeed.
func assemble(st *stage, targets []*rendered, objects []kubeapi.Object) ([]Item, error) {
	free := map[string]*kubeapi.Object{}
	for i := range objects {
		free[plainKey(objects[i].Namespace, objects[i].Kind, objects[i].Name)] = &objects[i]
	}
	var items []Item
	for _, t := range targets {
		rollout, err := st.rollout(t)
		if err != nil {
			return nil, err
		}
		var own []*kubeapi.Object
		for _, body := range t.bodies {
			kind, name := identity(body.Object)
			at := plainKey(t.Namespace.Name, kind, name)
			object := free[at]
			if object == nil {
				rollout.Faults = append(rollout.Faults, fmt.Sprintf("%s %s cannot be applied as it is", kind, name))
				continue
			}
			delete(free, at)
			hash := object.Withheld
			if hash == "" {
				if hash, err = kubeapi.Hash(object.Body); err != nil {
					return nil, apierr.Errorf(apierr.Invalid, "%s: %w", object.Title(), err)
				}
			}
			rollout.Parts = append(rollout.Parts, part{Kind: object.Kind, Name: object.Name, Hash: hash})
			own = append(own, object)
		}
		rollout.Digest = rollout.digest()
		for _, object := range own {
			items = append(items, Item{Object: object, Of: &membership{Target: t.name, Rollout: rollout.key(), Commit: t.commit}})
		}
		items = append(items, Item{Rollout: rollout})
	}
	return items, nil
}

// plainKey identifies an object of a cluster without the group of its kind.
func plainKey(namespace, kind, name string) string {
	kind, _, _ = strings.Cut(kind, ".")
	return namespace + "/" + kind + "/" + name
}

// rollout is the target's, without its parts.
func (st *stage) rollout(t *rendered) (*Rollout, error) {
	config, err := deployment.Config(st.file, t.template, t.Target)
	if err != nil {
		return nil, err
	}
	made := &Rollout{
		SaasFile: st.file.Name, Target: t.name, Template: t.template.Name, Cluster: t.Namespace.Cluster, Namespace: t.Namespace.Name,
		Privileged: namespaced.IsTrue(st.file.ClusterAdmin), Commit: t.commit, ConfigHash: deployment.Hash(config),
		Publisher: t.UID(st.file.Name, t.template.Name), Faults: t.faults, Seconds: int64(allowed / time.Second),
	}
	if t.Promotion != nil {
		made.Channels = t.Promotion.Publish
	}
	if made.Careful, err = st.careful(t.target); err != nil {
		return nil, err
	}
	if st.file.Timeout != "" {
		made.Seconds, err = duration.Seconds(st.file.Timeout)
	}
	return made, err
}

// digest identifies the rollout's objects with its commit and configuration.
func (r *Rollout) digest() string {
	sum := sha256.New()
	fmt.Fprintln(sum, r.Commit, r.ConfigHash)
	for _, part := range r.Parts {
		fmt.Fprintln(sum, part.Kind, part.Name, part.Hash)
	}
	return hex.EncodeToString(sum.Sum(nil))[:8]
}
