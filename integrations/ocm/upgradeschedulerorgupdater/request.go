package upgradeschedulerorgupdater

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/app-sre/qontract-temporal/integrations/internal/datafile"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
)

// requestType is the reference's, which the reader of the queue knows.
const requestType = "create_ocm_upgrade_scheduler_org_updates_mr"

// request has the label, the change and the message of the reference's.
//
// Differs from the reference: the title names the organisation. There all have the same one, so that of several
// organisations one gets its request at a time.
//
// Differs from the reference: all else in the organisation's datafile stays as people wrote it; there the file is written
// anew.
func request(u Update) mergerequest.Request {
	what := "ocm upgrade scheduler org updates"
	return mergerequest.Request{
		Type: requestType, Title: fmt.Sprintf("[%s] %s %s", requestType, u.Organization, what), Description: what + " for " + u.Organization,
		Labels: []string{mergerequest.AutoMerge}, Message: fmt.Sprintf("update %s upgrade policy clusters", u.Organization),
		Files: []mergerequest.FileChange{mergerequest.EditFile(u.Path, func(current []byte) ([]byte, error) { return u.edit(current) })},
		Arguments: []mergerequest.Argument{{Name: "updates_info", Value: map[string]any{
			"path": u.Path, "name": u.Organization, "updates": u.updates(),
		}}},
	}
}

const field = "upgradePolicyClusters"

// entry is a cluster in the datafile.
type entry struct {
	Name          string    `yaml:"name"`
	ServerURL     string    `yaml:"serverUrl,omitempty"`
	Spec          entrySpec `yaml:"spec"`
	UpgradePolicy yaml.Node `yaml:"upgradePolicy"`
}

type entrySpec struct {
	ID string `yaml:"id"`
}

// edit makes the datafile what it should be. A cluster that it has by now is not added again.
func (u Update) edit(current []byte) ([]byte, error) {
	fail := func(err error) ([]byte, error) {
		return nil, apierr.Errorf(apierr.Invalid, "%s: its %s cannot be changed: %w: change them by hand", u.Path, field, err)
	}
	fields, err := datafile.Parse(current)
	if err != nil {
		return fail(err)
	}
	there, _ := fields[field].([]any)
	var add []any
	for _, added := range u.Add {
		if slices.ContainsFunc(there, func(e any) bool { return nameOf(e) == added.Cluster }) {
			continue
		}
		made := entry{Name: added.Cluster, ServerURL: added.ServerURL, Spec: entrySpec{added.ID}}
		var document yaml.Node
		if err := yaml.Unmarshal([]byte(added.Policy), &document); err != nil {
			return fail(err)
		}
		made.UpgradePolicy = *document.Content[0]
		add = append(add, made)
	}
	edited, err := datafile.EditList(current, field, add, func(e any) bool { return slices.Contains(u.Remove, nameOf(e)) })
	if err != nil {
		return fail(err)
	}
	return edited, nil
}

func nameOf(entry any) string {
	fields, _ := entry.(map[string]any)
	name, _ := fields["name"].(string)
	return name
}

// updates are those of a message in the queue, as the reference writes them.
func (u Update) updates() []map[string]any {
	updates := []map[string]any{}
	for _, added := range u.Add {
		var policy map[string]any
		// It was a mapping when the update was made.
		_ = yaml.Unmarshal([]byte(added.Policy), &policy)
		updates = append(updates, map[string]any{"action": "add", "cluster": added.Cluster, "url": added.ServerURL, "id": added.ID, "policy": policy})
	}
	for _, name := range u.Remove {
		updates = append(updates, map[string]any{"action": "delete", "cluster": name})
	}
	return updates
}
