package kubeapi

import (
	"regexp"
	"time"
)

// The annotations that mark an object as written by an integration. They are the reference's, so that either
// system recognises the other's objects.
const (
	annotationIntegration = "qontract.integration"
	annotationVersion     = "qontract.integration_version"
	annotationHash        = "qontract.sha256sum"
	annotationUpdate      = "qontract.update"
	annotationCaller      = "qontract.caller_name"
)

var stamps = [...]string{annotationIntegration, annotationVersion, annotationHash, annotationUpdate, annotationCaller}

// Owner says who an object belongs to.
type Owner struct {
	// Integration and Version are the values that the reference's integration writes, for example
	// "openshift_resources" and "1.9.3".
	Integration string `json:"integration"`
	Version     string `json:"version"`
	// Caller tells apart the users of one integration, such as saas files. Empty where there is one user only.
	Caller string `json:"caller,omitempty"`
}

// Annotated returns a copy of the object that carries the owner's stamps, with the hash of its canonical form and
// the time of the update in UTC. Nothing else changes.
func Annotated(body map[string]any, owner Owner, now time.Time) (map[string]any, error) {
	hash, err := Hash(body)
	if err != nil {
		return nil, err
	}
	stamped, err := plainBody(body)
	if err != nil {
		return nil, err
	}
	marks := ensureAnnotations(stamped)
	marks[annotationIntegration] = owner.Integration
	marks[annotationVersion] = owner.Version
	marks[annotationHash] = hash
	marks[annotationUpdate] = now.UTC().Format("2006-01-02T15:04:05")
	if owner.Caller != "" {
		marks[annotationCaller] = owner.Caller
	}
	return stamped, nil
}

// Owned says whether the live object was written by this integration: its name, the same major version, and a
// hash. The hash is not checked, and callers are not told apart.
func Owned(live map[string]any, owner Owner) bool {
	marks := annotations(live)
	if str(marks, annotationIntegration) != owner.Integration || marks[annotationHash] == nil {
		return false
	}
	theirs, ours := major(str(marks, annotationVersion)), major(owner.Version)
	return theirs != "" && theirs == ours
}

// Carries says whether the live object was written by this integration and caller as the object of a hash. What became of it
// since does not matter.
func Carries(live map[string]any, owner Owner, hash string) bool {
	return Owned(live, owner) && Caller(live) == owner.Caller && str(annotations(live), annotationHash) == hash
}

// Caller is the caller that wrote the live object, empty where none is recorded.
func Caller(live map[string]any) string { return str(annotations(live), annotationCaller) }

// HasOwnerReference says whether another object of the cluster owns this one.
func HasOwnerReference(live map[string]any) bool {
	return truthy(metadata(live)["ownerReferences"])
}

// semanticVersion is a version by semver.org, 2.0.0: three parts, none optional, without leading zeros.
var semanticVersion = regexp.MustCompile(`^(0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$`)

// major is the first part of a semantic version, empty for any other text.
func major(version string) string {
	match := semanticVersion.FindStringSubmatch(version)
	if match == nil {
		return ""
	}
	return match[1]
}
