package kubeapi

import (
	"bytes"
	"encoding/json"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Object is a Kubernetes object as an item of a plan: desired with its body, or live without. Its scope is a
// cluster. The live ones come from Current, which leaves out everything that must not be deleted.
type Object struct {
	Cluster string `json:"cluster"`
	// Namespace is empty for an object of the cluster itself.
	Namespace string `json:"namespace,omitempty"`
	// Kind is as it was asked for: "Kind", "Kind.group" or "Kind.group/version".
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Privileged asks for the cluster-admin token.
	Privileged bool `json:"privileged,omitempty"`
	// Body is the desired object. A live one has none.
	Body map[string]any `json:"body,omitempty"`
	// Drift is why a live object that is desired has to be applied, empty where it is in sync.
	Drift string `json:"drift,omitempty"`
	// StampOnly says that nothing but its stamp differs.
	StampOnly bool `json:"stampOnly,omitempty"`
	// Conflict is why a live object that is desired must be left as it is, for the caller to report.
	Conflict string `json:"conflict,omitempty"`
	// Secret says that the body holds values of secrets. It is withheld before the object is serialised.
	Secret bool `json:"secret,omitempty"`
	// Withheld is the hash of a body that has been removed because it holds secrets. Apply needs it restored.
	Withheld string `json:"withheld,omitempty"`
}

// Key implements plan.Item: the object's identity in its cluster.
func (o Object) Key() string { return o.Namespace + "/" + o.Kind + "/" + o.Name }

// Title implements plan.Titled.
func (o Object) Title() string {
	return describe(o.Kind, o.Namespace, o.Name) + " in cluster " + o.Cluster
}

// Equal implements plan.Item. What a live object differs in was found where it was read.
func (o Object) Equal(current Object) bool { return current.Drift == "" }

// Explain implements plan.Explained.
func (o Object) Explain(current Object) string { return current.Drift }

// Withhold removes the body, for a payload. What needs it makes it anew and restores it.
func (o *Object) Withhold() error {
	hash, err := Hash(o.Body)
	if err != nil {
		return apierr.Errorf(apierr.Invalid, "%s: %w", o.Title(), err)
	}
	o.Body, o.Withheld = nil, hash
	return nil
}

// Restore gives the object its body back. A body that is not the one that was withheld is a Conflict.
func (o *Object) Restore(body map[string]any) error {
	hash, err := Hash(body)
	if err != nil {
		return apierr.Errorf(apierr.Invalid, "%s: %w", o.Title(), err)
	}
	if hash != o.Withheld {
		return apierr.Errorf(apierr.Conflict, "%s has become another one since it was planned; the next run plans it anew", o.Title())
	}
	o.Body, o.Withheld = body, ""
	return nil
}

// MarshalJSON refuses a body that holds secrets, because what is serialised here ends in a workflow's history.
func (o Object) MarshalJSON() ([]byte, error) {
	if o.Body != nil && o.Secret || kindOf(o.Body) == "Secret" && (truthy(o.Body["data"]) || truthy(o.Body["stringData"])) {
		return nil, apierr.Errorf(apierr.Invalid, "%s holds secret values and cannot be serialised; withhold its body and make it anew when it is applied", o.Title())
	}
	type bare Object
	serialised := bare(o)
	if o.Body != nil {
		body, err := plainBody(o.Body)
		if err != nil {
			return nil, err
		}
		serialised.Body = body
	}
	return json.Marshal(serialised)
}

// UnmarshalJSON keeps the text of numbers, so that 1 and 1.0 stay apart and hashes survive a payload.
func (o *Object) UnmarshalJSON(data []byte) error {
	type bare Object
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return decoder.Decode((*bare)(o))
}
