package kubeapi

import (
	"regexp"
	"slices"
	"strings"
)

// canonicalKind applies the rules of the object's kind.
func canonicalKind(body, marks map[string]any) error {
	spec := child(body, "spec")
	switch kindOf(body) {
	case "ConfigMap":
		dropOpaque(body)
	case "Secret":
		dropOpaque(body)
		return foldStringData(body)
	case "Deployment":
		delete(marks, "deployment.kubernetes.io/revision")
	case "Route":
		canonicalRoute(spec, marks)
	case "ServiceAccount":
		canonicalServiceAccount(body)
	case "Role":
		canonicalRole(body)
	case "OperatorGroup":
		delete(marks, "olm.providedAPIs")
	case "RoleBinding":
		canonicalBinding(body)
		canonicalSubjects(body)
	case "ClusterRoleBinding":
		canonicalBinding(body)
	case "Service":
		if str(spec, "sessionAffinity") == "None" {
			delete(spec, "sessionAffinity")
		}
		if str(spec, "type") == "ClusterIP" {
			delete(spec, "clusterIP")
		}
	case "ManagedCluster":
		dropControllerLabels(child(metadata(body), "labels"))
	}
	return nil
}

// canonicalRoute drops what the router fills in, and what the ACME controller writes to routes that ask for it.
func canonicalRoute(spec, marks map[string]any) {
	if str(spec, "wildcardPolicy") == "None" {
		delete(spec, "wildcardPolicy")
	}
	if !truthy(spec["subdomain"]) {
		delete(spec, "subdomain")
	}
	if _, acme := marks["kubernetes.io/tls-acme"]; !acme {
		return
	}
	delete(marks, "kubernetes.io/tls-acme-awaiting-authorization-owner")
	delete(marks, "kubernetes.io/tls-acme-awaiting-authorization-at-url")
	tls := child(spec, "tls")
	delete(tls, "key")
	delete(tls, "certificate")
}

// canonicalServiceAccount drops the credentials that controllers generate and list.
func canonicalServiceAccount(body map[string]any) {
	delete(body, "secrets")
	pull, _ := body["imagePullSecrets"].([]any)
	pull = slices.DeleteFunc(pull, func(item any) bool {
		entry, _ := item.(map[string]any)
		return strings.Contains(str(entry, "name"), "-dockercfg-")
	})
	if len(pull) == 0 {
		delete(body, "imagePullSecrets")
		return
	}
	body["imagePullSecrets"] = pull
}

// canonicalRole sorts the lists of each rule whose order means nothing.
func canonicalRole(body map[string]any) {
	rules, _ := body["rules"].([]any)
	for _, item := range rules {
		rule, _ := item.(map[string]any)
		for _, field := range [...]string{"resources", "verbs"} {
			if list, ok := rule[field].([]any); ok {
				slices.SortStableFunc(list, func(a, b any) int {
					left, _ := a.(string)
					right, _ := b.(string)
					return strings.Compare(left, right)
				})
			}
		}
		if !truthy(rule["attributeRestrictions"]) {
			delete(rule, "attributeRestrictions")
		}
	}
}

// canonicalBinding drops the fields of OpenShift's old bindings, and of the role's reference what servers fill in.
func canonicalBinding(body map[string]any) {
	delete(body, "groupNames")
	delete(body, "userNames")
	role := child(body, "roleRef")
	if kindOf(body) == "RoleBinding" {
		delete(role, "namespace")
	}
	if group, ok := role["apiGroup"].(string); ok && strings.Contains(apiVersionOf(body), group) {
		delete(role, "apiGroup")
	}
	delete(role, "kind")
}

func canonicalSubjects(body map[string]any) {
	subjects, _ := body["subjects"].([]any)
	for _, item := range subjects {
		subject, _ := item.(map[string]any)
		delete(subject, "namespace")
		// A group that is empty or null is contained in every apiVersion.
		if strings.Contains(apiVersionOf(body), str(subject, "apiGroup")) {
			delete(subject, "apiGroup")
		}
	}
}

// featureLabel matches the labels by which a hub marks what runs on a managed cluster.
var featureLabel = regexp.MustCompile(`feature.open-cluster-management.io/.*`)

// dropControllerLabels drops the labels whose presence and value the hub's controllers decide.
func dropControllerLabels(labels map[string]any) {
	for label := range labels {
		switch {
		case label == "clusterID", label == "managed-by", label == "openshiftVersion", featureLabel.MatchString(label):
			delete(labels, label)
		}
	}
}
