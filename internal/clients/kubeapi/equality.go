package kubeapi

import (
	"regexp"
	"strconv"
	"strings"
)

// Comparison is the outcome of Compare.
type Comparison struct {
	// Reason says in words how the live object differs, empty where it does not. It shows no secret.
	Reason string
	// HashAgrees says that the live object carries this integration's stamp of exactly the desired object, and
	// differs in its fields all the same: somebody changed it, or the server writes a value in its own way.
	HashAgrees bool
	// HashDiffers says that the live object carries this integration's stamp of another object: something else is wanted
	// than before, or the same was hashed in another way.
	HashDiffers bool
}

// Equal says that nothing needs to be applied.
func (c Comparison) Equal() bool { return c.Reason == "" }

// Compare is the three-way comparison of a live object with the desired one, by the reference's rule. They are
// equal where the live object was stamped by this integration (whatever its version and caller) with the hash of
// the desired object, and every field of the desired object has its value in the live one. The live object's
// hash is not computed anew: what others added to it does not matter. It fails only for a desired object that is
// not JSON.
func Compare(live, desired map[string]any, owner Owner) (Comparison, error) {
	return compareObjects(live, desired, owner, false)
}

// compareObjects is Compare. Of an object that holds secrets, whatever its kind, the reason shows no value.
func compareObjects(live, desired map[string]any, owner Owner, secret bool) (Comparison, error) {
	wantedHash, err := Hash(desired)
	if err != nil {
		return Comparison{}, err
	}
	have, err := comparisonForm(live)
	if err != nil {
		return Comparison{}, err
	}
	want, err := comparisonForm(desired)
	if err != nil {
		return Comparison{}, err
	}
	edits := compare(have, want).drift(func(e edit) bool { return sameCPU(e) || emptyEnvironment(e) })

	marks := annotations(live)
	integration, stamped := marks[annotationIntegration]
	switch {
	// Differs from the reference: annotations that are null or lack the integration mean "not stamped"; there
	// they end the run.
	case !stamped || marks[annotationHash] == nil:
		return Comparison{Reason: "not stamped by any integration yet" + first(want, edits, secret)}, nil
	case integration != owner.Integration:
		return Comparison{Reason: "stamped by integration " + text(integration) + first(want, edits, secret)}, nil
	case marks[annotationHash] != wantedHash && len(edits) == 0:
		return Comparison{Reason: "what is wanted has changed, though each wanted field has its value already", HashDiffers: true}, nil
	case marks[annotationHash] != wantedHash:
		return Comparison{Reason: show(want, edits[0], secret), HashDiffers: true}, nil
	case len(edits) > 0:
		return Comparison{Reason: "changed in the cluster: " + show(want, edits[0], secret), HashAgrees: true}, nil
	}
	return Comparison{}, nil
}

func first(desired map[string]any, edits []edit, secret bool) string {
	if len(edits) == 0 {
		return ""
	}
	return "; " + show(desired, edits[0], secret)
}

// comparedNot are the metadata that the comparison leaves out.
var comparedNot = [...]string{"creationTimestamp", "resourceVersion", "generation", "selfLink", "uid", "fieldRef", "managedFields", "namespace"}

// comparisonForm returns a plain copy without the server's metadata, the stamps and the last applied configuration.
// Unlike the canonical form it keeps the status and every field of the kinds that have rules there.
func comparisonForm(body map[string]any) (map[string]any, error) {
	copied, err := plainBody(body)
	if err != nil {
		return nil, err
	}
	marks := ensureAnnotations(copied)
	for _, field := range comparedNot {
		delete(metadata(copied), field)
	}
	delete(marks, lastApplied)
	for _, stamp := range stamps {
		delete(marks, stamp)
	}
	if kindOf(copied) == "Secret" && truthy(copied["stringData"]) {
		return copied, foldStringData(copied)
	}
	return copied, nil
}

// sameCPU accepts two spellings of one CPU quantity in requests and limits: "0.5", 0.5 and "500m".
func sameCPU(e edit) bool {
	n := len(e.path)
	if e.added || n < 3 || e.path[n-1] != "cpu" || (e.path[n-2] != "requests" && e.path[n-2] != "limits") {
		return false
	}
	return milliCPU(e.live) == milliCPU(e.wanted)
}

// milliCPU is a number of cores in thousandths, cut to an integer, and any other value as it is written.
func milliCPU(value any) string {
	written, isText := value.(string)
	if !isText {
		written = text(value)
	}
	cores, err := strconv.ParseFloat(strings.TrimSpace(written), 64)
	if err != nil {
		return written
	}
	return strconv.FormatInt(int64(cores*1000), 10) + "m"
}

var listIndex = regexp.MustCompile(`\A[0-9]+\z`)

// emptyEnvironment accepts an environment variable with an empty value, which the server drops.
func emptyEnvironment(e edit) bool {
	n := len(e.path)
	return e.added && n >= 4 && e.path[n-1] == "value" && listIndex.MatchString(e.path[n-2]) &&
		e.path[n-3] == "env" && !truthy(e.wanted)
}
