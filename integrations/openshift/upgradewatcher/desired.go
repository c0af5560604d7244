package upgradewatcher

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/clients/slackapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// versions is the scope of what app-interface itself knows. No cluster has a name with a slash.
const versions = "all/versions"

// Shards are the versions of all clusters, and each cluster that can be asked for its upgrades.
//
// Differs from the reference: a hosted control plane that disables the integration is left out; the reference breaks off
// there.
func (r *reconciler) Shards(ctx context.Context, s reconcile.Scope) ([]string, error) {
	watched, err := r.clusters(ctx, s)
	if err != nil {
		return nil, err
	}
	names := []string{}
	var own []appinterface.Cluster
	for _, w := range watched {
		switch {
		case w.hosted() && w.Spec.GetId() != "" && !w.Connection.Disables(Name):
			names = append(names, w.Name)
		case !w.hosted() && w.Connection.AutomationToken != nil:
			own = append(own, w.Connection)
		}
	}
	for _, c := range kubeapi.Select(own, Name, s.Args.Tristate("internal")) {
		names = append(names, c.Name)
	}
	if len(watched) == 0 {
		return names, nil
	}
	return append([]string{versions}, names...), nil
}

// Source implements reconcile.Sourced: Desired asks clusters as well.
func (r *reconciler) Source(ctx context.Context, s reconcile.Scope) error {
	if _, err := r.clusters(ctx, s); err != nil {
		return err
	}
	_, err := slackapi.Workspaces(ctx, r.at(s))
	return err
}

// Desired returns the versions of all clusters, or the upgrades of the scope's cluster that have begun. An upgrade whose
// time cannot be read is a problem.
func (r *reconciler) Desired(ctx context.Context, s reconcile.Scope) ([]Event, error) {
	watched, err := r.clusters(ctx, s)
	if err != nil {
		return nil, err
	}
	var events []Event
	for _, w := range watched {
		switch {
		case s.Name == versions:
			events = append(events, Event{Cluster: w.Name, Version: w.Spec.GetVersion()})
		case s.Name != w.Name:
		case w.hosted():
			return r.begun(r.hostedUpgrades(ctx, w))
		default:
			return r.begun(r.configuredUpgrades(ctx, s, w))
		}
	}
	if s.Name != versions {
		return nil, apierr.Errorf(apierr.Invalid, "app-interface has no cluster %s with ocm and spec any more", s.Name)
	}
	return events, nil
}

// begun keeps the upgrades that have begun.
func (r *reconciler) begun(upgrades []Event, err error) ([]Event, error) {
	if err != nil {
		return nil, err
	}
	var problems reconcile.Problems
	var events []Event
	for _, e := range upgrades {
		begun, err := e.begun(r.now())
		if err != nil {
			problems = append(problems, err)
		}
		if begun {
			events = append(events, e)
		}
	}
	return events, problems.ErrorOrNil()
}

const (
	// upgradeConfig is how the managed-upgrade-operator of a cluster is told what to do.
	upgradeConfig   = "UpgradeConfig.upgrade.managed.openshift.io"
	operatorsOffice = "openshift-managed-upgrade-operator"
)

// configuredUpgrades reads the upgrades that a cluster is told to make. One without the operator is told nothing.
func (r *reconciler) configuredUpgrades(ctx context.Context, s reconcile.Scope, w watched) ([]Event, error) {
	client, err := r.connect(ctx, s, w.Connection)
	if err != nil {
		return nil, err
	}
	if supported, err := client.Supported(ctx, upgradeConfig); err != nil || !supported {
		return nil, err
	}
	configs, err := client.List(ctx, upgradeConfig, operatorsOffice, "")
	if err != nil {
		return nil, err
	}
	var events []Event
	for _, config := range configs {
		spec, _ := config["spec"].(map[string]any)
		to, _ := spec["desired"].(map[string]any)
		at, _ := spec["upgradeAt"].(string)
		version, _ := to["version"].(string)
		if at != "" && version != "" {
			events = append(events, Event{Cluster: w.Name, Version: version, UpgradeAt: at})
		}
	}
	return events, nil
}

// hostedUpgrades reads the upgrades of a hosted control plane that OCM has started.
//
// Differs from the reference: where several have started each is told of; the reference tells of the first, and logs an
// error.
func (r *reconciler) hostedUpgrades(ctx context.Context, w watched) ([]Event, error) {
	own := ocmapi.Own{ClientID: w.Ocm.AccessTokenClientId, TokenURL: w.Ocm.AccessTokenUrl, ClientSecret: w.Ocm.AccessTokenClientSecret}
	client, err := r.manager(ctx, ocmapi.AccessOf(w.Ocm.Environment, own))
	if err != nil {
		return nil, err
	}
	policies, err := client.ListControlPlaneUpgradePolicies(ctx, w.Spec.GetId())
	if err != nil {
		return nil, err
	}
	var events []Event
	for _, p := range policies {
		if p.State == ocmapi.UpgradeStarted && p.NextRun != "" && p.Version != "" {
			events = append(events, Event{Cluster: w.Name, Version: p.Version, UpgradeAt: p.NextRun})
		}
	}
	return events, nil
}

// watched is a cluster that has an OCM and a spec.
type watched struct {
	watchedCluster
	Connection appinterface.Cluster
}

func (w watched) hosted() bool {
	hypershift := w.Spec.GetHypershift()
	return hypershift != nil && *hypershift
}

// clusters returns those that are watched, in the order of app-interface.
func (r *reconciler) clusters(ctx context.Context, s reconcile.Scope) ([]watched, error) {
	answer, err := WatchedClusters(ctx, r.at(s))
	if err != nil {
		return nil, err
	}
	connections := map[string]appinterface.Cluster{}
	for _, c := range answer.Connections {
		connections[c.Name] = c
	}
	var found []watched
	for _, c := range answer.Clusters {
		if c.Ocm != nil && c.Spec != nil {
			found = append(found, watched{c, connections[c.Name]})
		}
	}
	return found, nil
}
