package upgradeschedulerorgupdater

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/app-sre/qontract-temporal/integrations/internal/template"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// extraCurly is the type of templates whose markers have one more brace.
const extraCurly = "extracurlyjinja2"

// add finds the default for a cluster, and its policy. Matched is false where there is none.
func (r *reconciler) add(ctx context.Context, s reconcile.Scope, of organization, c ocmapi.Cluster, labels map[string]string) (added Added, matched bool, err error) {
	for _, d := range of.UpgradePolicyDefaults {
		if matched, err = d.matches(labels); err != nil {
			return Added{}, false, fmt.Errorf("default %s: %w", d.Name, err)
		}
		if !matched {
			continue
		}
		policy, err := r.policy(ctx, s, d, c, labels)
		if err != nil {
			return Added{}, false, fmt.Errorf("default %s: %w", d.Name, err)
		}
		return Added{Cluster: c.Name, ID: c.ID, ServerURL: c.API.URL, Default: d.Name, Policy: policy}, true, nil
	}
	return Added{}, false, nil
}

// matches says whether all labels of the default are among those of a cluster. A value that is no text is no label's.
func (d policyDefault) matches(labels map[string]string) (bool, error) {
	wanted := map[string]any{}
	if err := d.MatchLabels.Decode(&wanted); err != nil {
		return false, apierr.Errorf(apierr.Invalid, "its matchLabels are no object")
	}
	for key, value := range wanted {
		if label, has := labels[key]; !has || any(label) != value {
			return false, nil
		}
	}
	return true, nil
}

// policy is the one that a cluster gets, as a mapping in YAML. It is Invalid where it cannot be told.
func (r *reconciler) policy(ctx context.Context, s reconcile.Scope, d policyDefault, c ocmapi.Cluster, labels map[string]string) (string, error) {
	switch {
	case d.UpgradePolicy != nil:
		return d.UpgradePolicy.text()
	case d.UpgradePolicyTemplate != nil:
		return r.render(ctx, s, *d.UpgradePolicyTemplate, clusterVariables(c), labels)
	}
	return "", apierr.Errorf(apierr.Invalid, "it has neither an upgradePolicy nor an upgradePolicyTemplate")
}

// written is a policy as datafiles have it.
type written struct {
	Workloads            []string          `yaml:"workloads"`
	Schedule             string            `yaml:"schedule"`
	VersionGateApprovals []string          `yaml:"versionGateApprovals,omitempty"`
	Conditions           writtenConditions `yaml:"conditions"`
}

type writtenConditions struct {
	Sector          string   `yaml:"sector,omitempty"`
	SoakDays        *int     `yaml:"soakDays,omitempty"`
	Mutexes         []string `yaml:"mutexes,omitempty"`
	BlockedVersions []string `yaml:"blockedVersions,omitempty"`
}

// text writes what the policy has.
//
// Differs from the reference: blockedVersions and versionGateApprovals of a default are taken over too, and what it does not
// have is left out; there it is written as null.
func (p policy) text() (string, error) {
	text, err := yaml.Marshal(written{
		Workloads: p.Workloads, Schedule: p.Schedule, VersionGateApprovals: p.VersionGateApprovals,
		Conditions: writtenConditions{p.Conditions.Sector, p.Conditions.SoakDays, p.Conditions.Mutexes, p.Conditions.BlockedVersions},
	})
	return string(text), err
}

// render renders the template of a policy, which sees its own variables, the cluster, and the cluster's labels.
func (r *reconciler) render(ctx context.Context, s reconcile.Scope, of policyTemplate, cluster map[string]any, labels map[string]string) (string, error) {
	if of.Path == nil {
		return "", apierr.Errorf(apierr.Invalid, "app-interface has no resource at the path of its upgradePolicyTemplate")
	}
	given, err := json.Marshal(of.Variables)
	if err != nil {
		return "", apierr.New(apierr.Invalid, err)
	}
	variables, err := template.Variables(string(given))
	if err != nil {
		return "", fmt.Errorf("its upgradePolicyTemplate: %w", err)
	}
	variables["cluster"], variables["labels"] = cluster, asAny(labels)
	rendered, err := r.templates.Render(ctx, s, template.Template{
		Path: of.Path.Path, Body: of.Path.Content, ExtraCurly: of.Type == extraCurly, Variables: variables,
	})
	if err != nil {
		return "", err
	}
	if rendered.Secret {
		return "", apierr.Errorf(apierr.Invalid, "template %s reads a secret, which must not stand in a datafile", of.Path.Path)
	}
	if err := isMapping(rendered.Text); err != nil {
		return "", apierr.Errorf(apierr.Invalid, "template %s makes no policy: %w", of.Path.Path, err)
	}
	return strings.TrimSpace(rendered.Text) + "\n", nil
}

func isMapping(text string) error {
	var mapping map[string]any
	if err := yaml.Unmarshal([]byte(text), &mapping); err != nil {
		return errors.New("its text is no mapping in YAML")
	}
	if len(mapping) == 0 {
		return errors.New("its text is empty")
	}
	return nil
}

func asAny(labels map[string]string) map[string]any {
	all := make(map[string]any, len(labels))
	for key, value := range labels {
		all[key] = value
	}
	return all
}
