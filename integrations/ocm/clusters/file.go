package clusters

import (
	"context"
	"slices"
	"strconv"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// files are the datafiles of the clusters with an OCM, by the names of the clusters.
func (r *reconciler) files(ctx context.Context, s reconcile.Scope) (map[string]file, error) {
	answer, err := OCMClusters(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	found := map[string]file{}
	for _, f := range answer.Clusters {
		if f.Ocm != nil && (f.Disable == nil || !slices.Contains(f.Disable.Integrations, s.Integration)) {
			found[f.Name] = f
		}
	}
	return found, nil
}

// file is the datafile of the scope's cluster.
func (r *reconciler) file(ctx context.Context, s reconcile.Scope) (file, error) {
	found, err := r.files(ctx, s)
	if err != nil {
		return file{}, err
	}
	f, there := found[s.Name]
	if !there {
		return file{}, apierr.Errorf(apierr.Invalid, "app-interface has no cluster %s with an ocm any more: cancel what is under way for it", s.Name)
	}
	return f, nil
}

func (m manager) access() ocmapi.Access {
	return ocmapi.AccessOf(m.Environment, ocmapi.Own{ClientID: m.AccessTokenClientId, TokenURL: m.AccessTokenUrl, ClientSecret: m.AccessTokenClientSecret})
}

// fault is what makes the datafile useless.
//
// Differs from the reference: it concerns the cluster alone. There the run ends.
func (f file) fault() error {
	switch {
	case f.Spec == nil:
		return apierr.Errorf(apierr.Invalid, "cluster %s (%s) has an ocm and no spec: add it", f.Name, f.Path)
	case f.Network == nil:
		return apierr.Errorf(apierr.Invalid, "cluster %s (%s) has an ocm and no network: add it", f.Name, f.Path)
	}
	at := f.rosa()
	if at == nil || at.Account == nil || at.Account.Rosa == nil {
		return nil
	}
	configured := 0
	for _, environment := range at.Account.Rosa.OcmEnvironments {
		if environment.Ocm.Name == f.Ocm.Name {
			configured++
		}
	}
	if configured != 1 {
		return apierr.Errorf(apierr.Invalid, "cluster %s (%s): the AWS account %s has %d entries of ocm %s in rosa.ocm_environments, and it takes one",
			f.Name, f.Path, at.Account.Uid, configured, f.Ocm.Name)
	}
	return nil
}

// rosa are the fields of a cluster of ROSA's; nil for others.
func (f file) rosa() *specClusterSpecROSAV1 {
	fields, _ := f.Spec.(*specClusterSpecROSAV1)
	return fields
}

// osd are the fields of a cluster that OCM makes by itself; nil for others.
func (f file) osd() *specClusterSpecOSDV1 {
	fields, _ := f.Spec.(*specClusterSpecOSDV1)
	return fields
}

func (f file) hypershift() bool { return f.Spec.GetHypershift() != nil && *f.Spec.GetHypershift() }

// facts are what the datafile says that OCM knows too.
func (f file) facts() facts {
	known := facts{
		product: f.Spec.GetProduct(), provider: f.Spec.GetProvider(), region: f.Spec.GetRegion(), channel: f.Spec.GetChannel(),
		multiAZ: strconv.FormatBool(f.Spec.GetMultiAz()), private: strconv.FormatBool(f.Spec.GetPrivate()),
		networkRanges: ranges(f.Network.Vpc, f.Network.Service, f.Network.Pod),
	}
	if off := f.Spec.GetDisableUserWorkloadMonitoring(); off != nil {
		known[disableMonitoring] = strconv.FormatBool(*off)
	}
	if osd := f.osd(); osd != nil {
		known[storage], known[loadBalancers] = strconv.Itoa(osd.Storage), strconv.Itoa(osd.LoadBalancers)
	}
	return known
}
