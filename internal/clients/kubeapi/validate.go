package kubeapi

import (
	"regexp"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// The limits of names that RFC 1123 sets and Kubernetes keeps.
const (
	maxSubdomain = 253
	maxLabel     = 63
)

var (
	dnsLabel     = regexp.MustCompile(`\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z`)
	dnsSubdomain = regexp.MustCompile(`\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z`)
)

// annotationRecycle asks to restart the pods that use a Secret or ConfigMap when it changes.
const annotationRecycle = "qontract.recycle"

// Validate checks what can be checked of a desired object without a cluster, so that an error names the object
// before anything is sent. Errors are apierr.Invalid.
func Validate(body map[string]any) error {
	kind, name := kindOf(body), nameOf(body)
	switch {
	case kind == "":
		return apierr.Errorf(apierr.Invalid, "the object has no kind")
	case name == "":
		return apierr.Errorf(apierr.Invalid, "%s: the object has no metadata.name", kind)
	case !namedFreely(kind) && (len(name) > maxSubdomain || !dnsSubdomain.MatchString(name)):
		// Differs from the reference: a name with a newline at its end does not pass.
		return apierr.Errorf(apierr.Invalid, "%s %q: the name must be a DNS-1123 subdomain of at most %d characters", kind, name, maxSubdomain)
	}
	if recycle, set := annotations(body)[annotationRecycle]; set {
		if _, ok := recycle.(string); !ok {
			return apierr.Errorf(apierr.Invalid, `%s %s: the annotation %s must be text, write "true" with quotes`, kind, name, annotationRecycle)
		}
	}
	return validateContainers(kind, name, body)
}

// namedFreely are the kinds of RBAC, whose names need not suit DNS.
func namedFreely(kind string) bool {
	switch kind {
	case "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding":
		return true
	}
	return false
}

func validateContainers(kind, name string, body map[string]any) error {
	list, set := child(body, "spec", "template", "spec")["containers"]
	if !set {
		return nil
	}
	containers, ok := list.([]any)
	if !ok {
		return apierr.Errorf(apierr.Invalid, "%s %s: spec.template.spec.containers must be a list", kind, name)
	}
	for i, item := range containers {
		container, _ := item.(map[string]any)
		switch label := str(container, "name"); {
		case label == "":
			return apierr.Errorf(apierr.Invalid, "%s %s: spec.template.spec.containers[%d] has no name", kind, name, i)
		case len(label) > maxLabel || !dnsLabel.MatchString(label):
			return apierr.Errorf(apierr.Invalid, "%s %s: the name of container %q must be a DNS-1123 label of at most %d characters", kind, name, label, maxLabel)
		}
	}
	return nil
}
