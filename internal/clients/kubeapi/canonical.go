package kubeapi

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// lastApplied is where client-side apply keeps what it applied last.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// externalResourcesUpdatedAt is a timestamp that the external-resources integration locks on.
const externalResourcesUpdatedAt = "external-resources/updated_at"

// serverFields are the metadata that the server fills, or that says where the object lives.
var serverFields = [...]string{"creationTimestamp", "resourceVersion", "generation", "selfLink", "uid", "namespace", "managedFields"}

// Canonical returns the form of an object that its hash is made of: without what servers and controllers add and
// without the marks of ownership, so that the desired object and the live one it became have the same form.
// The rules are the reference's, kind by kind, because live objects carry hashes of its making. The argument
// stays as it is.
func Canonical(body map[string]any) (map[string]any, error) {
	canonical, err := plainBody(body)
	if err != nil {
		return nil, err
	}
	marks := ensureAnnotations(canonical)
	meta := metadata(canonical)
	for _, field := range serverFields {
		delete(meta, field)
	}
	delete(canonical, "status")
	delete(marks, lastApplied)
	delete(marks, externalResourcesUpdatedAt)
	if err := canonicalKind(canonical, marks); err != nil {
		return nil, err
	}
	for _, stamp := range stamps {
		delete(marks, stamp)
	}
	return canonical, nil
}

// dropOpaque drops the type that the server fills in for Secrets.
func dropOpaque(body map[string]any) {
	if str(body, "type") == "Opaque" {
		delete(body, "type")
	}
}

// foldStringData moves a Secret's stringData into data, as the server does. An empty stringData disappears.
func foldStringData(body map[string]any) error {
	entries, _ := body["stringData"].(map[string]any)
	delete(body, "stringData")
	if len(entries) == 0 {
		return nil
	}
	data, _ := body["data"].(map[string]any)
	if data == nil {
		data = map[string]any{}
		body["data"] = data
	}
	for key, value := range entries {
		clear, err := stringDataText(value)
		if err != nil {
			return fmt.Errorf("stringData.%s: %w", key, err)
		}
		data[key] = base64.StdEncoding.EncodeToString([]byte(clear))
	}
	return nil
}

// stringDataText is the text of a value in stringData. Values that are no text get the text that the reference's
// language gives them, since live Secrets and their hashes are made of it.
func stringDataText(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case nil:
		return "None", nil
	case bool:
		if v {
			return "True", nil
		}
		return "False", nil
	case json.Number:
		return v.String(), nil
	}
	return "", fmt.Errorf("the value is no text; quote it")
}
