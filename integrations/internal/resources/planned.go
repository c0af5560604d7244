package resources

import (
	"cmp"
	"maps"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// The annotations by which a Service has a Secret with a certificate made for it.
const (
	servingCertAlpha = "service.alpha.openshift.io/serving-cert-secret-name"
	servingCertBeta  = "service.beta.openshift.io/serving-cert-secret-name"
)

// Live looks an object of the namespace up in the cluster, and returns nil where it is not there.
type Live func(kind, name string) (map[string]any, error)

// ValidatePlanned checks that all Secrets and ConfigMaps that the Deployments and DeploymentConfigs of a namespace use, and
// their keys, are among the desired objects of that namespace, or else in the cluster. What is optional, and a Secret that a
// desired Service has made for it, need not be there. The faults are Problems; another error is one of the look-up.
//
// Differs from the reference: of the Secret that a Service has made no keys are asked for. There they are looked for in the
// Service itself, and never found.
func ValidatePlanned(desired []map[string]any, live Live) error {
	var problems reconcile.Problems
	for _, object := range desired {
		kind := text(object, "kind")
		if kind != "Deployment" && kind != "DeploymentConfig" {
			continue
		}
		for _, use := range usesOf(object) {
			fault, err := use.fault(desired, live)
			if err != nil {
				return err
			}
			if fault != "" {
				problems = append(problems, apierr.Errorf(apierr.Invalid, "%s %s uses %s %s, which %s", kind, text(object, "metadata", "name"), use.kind, use.name, fault))
			}
		}
	}
	return problems.ErrorOrNil()
}

// use is what the pods of a workload need of one Secret or ConfigMap.
type use struct {
	kind, name string
	keys       map[string]bool
}

// fault says what is missing, or nothing.
func (u use) fault(desired []map[string]any, live Live) (string, error) {
	var found map[string]any
	for _, object := range desired {
		switch kind := text(object, "kind"); {
		case kind == u.kind && text(object, "metadata", "name") == u.name:
			found = object
		case kind == "Service" && u.kind == "Secret" && u.name != "" &&
			(text(object, "metadata", "annotations", servingCertAlpha) == u.name || text(object, "metadata", "annotations", servingCertBeta) == u.name):
			return "", nil
		}
	}
	if found == nil {
		var err error
		if found, err = live(u.kind, u.name); err != nil {
			return "", err
		}
	}
	if found == nil {
		return "does not exist", nil
	}
	for _, key := range slices.Sorted(maps.Keys(u.keys)) {
		_, inData := field(found, "data")[key]
		_, inText := field(found, "stringData")[key]
		if !inData && !inText {
			return "has no key " + key, nil
		}
	}
	return "", nil
}

// usesOf lists what a workload's pods need: in volumes and in the environment of their containers.
func usesOf(workload map[string]any) []use {
	found := map[string]use{}
	need := func(kind, nameField string, reference map[string]any) {
		name, optional := text(reference, nameField), reference["optional"]
		if name == "" || optional == true {
			return
		}
		id := kind + "/" + name
		if _, known := found[id]; !known {
			found[id] = use{kind: kind, name: name, keys: map[string]bool{}}
		}
		if key := text(reference, "key"); key != "" {
			found[id].keys[key] = true
		}
	}
	pod := field(workload, "spec", "template", "spec")
	for _, volume := range entries(pod["volumes"]) {
		need("Secret", "secretName", field(volume, "secret"))
		need("ConfigMap", "name", field(volume, "configMap"))
	}
	for _, container := range append(entries(pod["containers"]), entries(pod["initContainers"])...) {
		for _, from := range entries(container["envFrom"]) {
			need("Secret", "name", field(from, "secretRef"))
			need("ConfigMap", "name", field(from, "configMapRef"))
		}
		for _, variable := range entries(container["env"]) {
			need("Secret", "name", field(variable, "valueFrom", "secretKeyRef"))
			need("ConfigMap", "name", field(variable, "valueFrom", "configMapKeyRef"))
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b use) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name)) })
}

// field is the map at a path, nil where there is none.
func field(object map[string]any, path ...string) map[string]any {
	for _, name := range path {
		object, _ = object[name].(map[string]any)
	}
	return object
}

// text is the text at a path, "" where there is none.
func text(object map[string]any, path ...string) string {
	value, _ := field(object, path[:len(path)-1]...)[path[len(path)-1]].(string)
	return value
}

// entries are the maps of a list.
func entries(list any) []map[string]any {
	items, _ := list.([]any)
	var all []map[string]any
	for _, item := range items {
		if entry, ok := item.(map[string]any); ok {
			all = append(all, entry)
		}
	}
	return all
}
