package cluster

import (
	"bytes"
	"encoding/json"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// createdMark is the annotation that keeps, on the real server, since when an object of an estate is there: that server
// takes the time of its own clock.
const createdMark = "virtual-cluster.created"

// backdate moves the creationTimestamp of an object to the annotation.
func backdate(object *unstructured.Unstructured) {
	metadata := field(object.Object, "metadata")
	created, given := metadata["creationTimestamp"].(string)
	if !given {
		return
	}
	delete(metadata, "creationTimestamp")
	marks := object.GetAnnotations()
	if marks == nil {
		marks = map[string]string{}
	}
	marks[createdMark] = created
	object.SetAnnotations(marks)
}

// backdated moves the annotations of an answer's objects to their creationTimestamp.
func backdated(text []byte) ([]byte, error) {
	if !bytes.Contains(text, []byte(createdMark)) {
		return text, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var answer map[string]any
	if err := decoder.Decode(&answer); err != nil {
		return nil, err
	}
	for _, object := range append(items(answer, "items"), answer) {
		metadata := field(object, "metadata")
		if created, marked := field(metadata, "annotations")[createdMark]; marked {
			metadata["creationTimestamp"] = created
			drop(object, "annotations", createdMark)
		}
	}
	return json.Marshal(answer)
}
