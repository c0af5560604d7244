package clusters

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/app-sre/qontract-temporal/integrations/internal/datafile"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
)

// fill are the fields that a datafile gets from OCM, by their names: texts, and one that is true.
type fill struct {
	Root map[string]any `json:"root"`
	Spec map[string]any `json:"spec"`
}

func (f fill) empty() bool { return len(f.Root)+len(f.Spec) == 0 }

func (f fill) words() string {
	var texts []string
	for name, value := range f.all() {
		texts = append(texts, fmt.Sprintf("%s %v", name, value))
	}
	return strings.Join(texts, ", ")
}

// all are the fields with their values, in order.
func (f fill) all() func(yield func(string, any) bool) {
	return func(yield func(string, any) bool) {
		for _, name := range slices.Sorted(maps.Keys(f.Spec)) {
			if !yield("spec."+name, f.Spec[name]) {
				return
			}
		}
		for _, name := range slices.Sorted(maps.Keys(f.Root)) {
			if !yield(name, f.Root[name]) {
				return
			}
		}
	}
}

// lacks are what the datafile has to get, of what OCM tells. A version in the datafile that the cluster does not have yet is
// an error besides: versions are written there to be looked up, and upgrades are scheduled elsewhere.
func (f file) lacks(live seen) (fill, error) {
	get := fill{Root: map[string]any{}, Spec: map[string]any{}}
	set := func(in map[string]any, name, has, value string) {
		if value != "" && value != has {
			in[name] = value
		}
	}
	newer, err := f.versionLags(live.Version.RawID)
	if newer {
		get.Spec["version"] = live.Version.RawID
	}
	set(get.Spec, "id", f.Spec.GetId(), live.ID)
	set(get.Spec, "external_id", f.Spec.GetExternalId(), live.ExternalID)
	set(get.Spec, "provision_shard_id", f.Spec.GetProvisionShardId(), live.shard)
	if f.Spec.GetDisableUserWorkloadMonitoring() == nil && live.DisableUserWorkloadMonitoring {
		get.Spec[disableMonitoring] = true
	}
	if at := f.rosa(); at != nil && live.AWS != nil && live.AWS.STS != nil {
		set(get.Spec, "oidc_endpoint_url", at.OidcEndpointUrl, live.AWS.STS.OIDCEndpointURL)
	}
	set(get.Root, "serverUrl", f.ServerUrl, live.API.URL)
	set(get.Root, "consoleUrl", f.ConsoleUrl, live.Console.URL)
	// The load balancer has the console's domain: https://issues.redhat.com/browse/SDA-7204
	set(get.Root, "elbFQDN", f.ElbFQDN, strings.Replace(live.Console.URL, "https://console-openshift-console", "elb", 1))
	return get, err
}

// versionLags says whether the cluster has a newer version than the datafile.
func (f file) versionLags(live string) (bool, error) {
	has := f.Spec.GetVersion()
	if has == "" {
		return true, nil
	}
	invalid := func(text string, err error) (bool, error) {
		return false, apierr.Errorf(apierr.Invalid, "cluster %s (%s): %q is no version: %w", f.Name, f.Path, text, err)
	}
	written, err := semver.NewVersion(has)
	if err != nil {
		return invalid(has, err)
	}
	runs, err := semver.NewVersion(live)
	if err != nil {
		return invalid(live, err)
	}
	if runs.LessThan(written) {
		return false, apierr.Errorf(apierr.Invalid,
			"cluster %s (%s) has the version %s, and its datafile says %s: write %s there; the field only records what runs, and ocm-upgrade-scheduler upgrades clusters", f.Name, f.Path, live, has, live)
	}
	return runs.GreaterThan(written), nil
}

// requestType is the reference's, which the reader of the queue knows.
const requestType = "create_clusters_updates_mr"

// approval is what the reference's merge requests of this type say: a command to who reviews them.
const approval = "/lgtm"

// request is the merge request that fills the datafile in.
//
// Differs from the reference: each cluster has a request of its own, so that a datafile that cannot be edited, and a request
// that is open, hold up no other. All else in the file stays as people wrote it.
func (f file) request(get fill) mergerequest.Request {
	path := "data" + f.Path
	return mergerequest.Request{
		Type: requestType, Title: "[" + requestType + "] clusters updates: spec of " + f.Name, Description: approval, Labels: []string{},
		Message: "update cluster " + f.Name + " spec fields",
		Files:   []mergerequest.FileChange{mergerequest.EditFile(path, func(current []byte) ([]byte, error) { return get.into(path, current) })},
		Arguments: []mergerequest.Argument{{Name: "clusters_updates", Value: map[string]any{
			f.Name: map[string]any{"path": path, "root": get.Root, "spec": get.Spec},
		}}},
	}
}

// into writes the fields into a datafile.
func (f fill) into(path string, current []byte) ([]byte, error) {
	var fields []datafile.Scalar
	for name, value := range f.all() {
		fields = append(fields, datafile.Scalar{Path: strings.Split(name, "."), Value: value})
	}
	edited, err := datafile.SetScalars(current, fields...)
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "%s: %s cannot be written: %w: write it by hand", path, f.words(), err)
	}
	return edited, nil
}
