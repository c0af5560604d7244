package cluster

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kubeyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"
)

// Manager is on whose behalf Load writes: the owner of the objects' fields (metadata.managedFields).
type Manager struct {
	Name string
	// ClientSide writes as "kubectl apply" without --server-side does: by create and update instead of an apply.
	ClientSide bool
}

// Estate is the manager of what Load writes: somebody, but neither us nor a known tool.
func Estate() Manager { return Manager{Name: "estate"} }

// establishEvery is how often a new CustomResourceDefinition is asked whether it is served.
const establishEvery = 20 * time.Millisecond

// Load puts an estate into the cluster: YAML documents, each an object or a List, applied as they stand by the manager that
// their annotations tell of. A status, which a controller would write, is written after its object; a creationTimestamp, which the server would set, is the one that
// clients see. A namespace that an object names is made where it is missing. An object that the server refuses is named in the error and does not stop the others.
func (c *Cluster) Load(ctx context.Context, documents []byte) error {
	return c.load(ctx, writer, documents)
}

// LoadAs is Load as one manager: what the system under test, or kubectl, is to have applied earlier.
func (c *Cluster) LoadAs(ctx context.Context, manager Manager, documents []byte) error {
	return c.load(ctx, func(*unstructured.Unstructured) Manager { return manager }, documents)
}

// writer is kubectl for an object with kubectl's record of its last apply, the system under test for one that carries
// its stamp only, and Estate for all others.
func writer(object *unstructured.Unstructured) Manager {
	marks := object.GetAnnotations()
	if _, recorded := marks["kubectl.kubernetes.io/last-applied-configuration"]; recorded {
		return Manager{Name: "kubectl-client-side-apply", ClientSide: true}
	}
	if _, stamped := marks["qontract.integration"]; stamped {
		return Manager{Name: "qontract-temporal"}
	}
	return Estate()
}

func (c *Cluster) load(ctx context.Context, manager func(*unstructured.Unstructured) Manager, documents []byte) error {
	objects, err := parse(documents)
	if err != nil {
		return err
	}
	e, err := c.estate()
	if err != nil {
		return err
	}
	var errs []error
	for _, object := range inOrder(objects) {
		if err := e.apply(ctx, manager(object), object); err != nil {
			errs = append(errs, fmt.Errorf("load %s %s: %w", object.GetKind(), qualified(object), err))
		}
	}
	return errors.Join(errs...)
}

// apply writes one object and, of a new kind, waits until it is served.
func (e *estate) apply(ctx context.Context, manager Manager, object *unstructured.Unstructured) error {
	object, err := completed(object)
	if err != nil {
		return err
	}
	resource, err := e.resource(object.GroupVersionKind(), object.GetNamespace())
	if err != nil {
		return err
	}
	status := object.Object["status"]
	unstructured.RemoveNestedField(object.Object, "status")
	object.SetManagedFields(nil)
	object.SetResourceVersion("")
	object.SetUID("")
	backdate(object)
	if manager.ClientSide {
		err = write(ctx, resource, manager.Name, object)
	} else {
		_, err = resource.Apply(ctx, object.GetName(), object, metav1.ApplyOptions{FieldManager: manager.Name, Force: true})
	}
	switch {
	case err != nil:
		return err
	case isDefinition(object):
		return e.established(ctx, object)
	case status == nil || isNamespace(object):
		return nil
	}
	return setStatus(ctx, resource, manager.Name, object, status)
}

// setStatus writes the status of an object that is there.
func setStatus(ctx context.Context, resource dynamic.ResourceInterface, manager string, object *unstructured.Unstructured, status any) error {
	written := &unstructured.Unstructured{Object: map[string]any{"status": status}}
	written.SetGroupVersionKind(object.GroupVersionKind())
	written.SetName(object.GetName())
	written.SetNamespace(object.GetNamespace())
	_, err := resource.ApplyStatus(ctx, object.GetName(), written, metav1.ApplyOptions{FieldManager: manager, Force: true})
	return err
}

// write creates an object, or replaces the one of its name.
func write(ctx context.Context, resource dynamic.ResourceInterface, manager string, object *unstructured.Unstructured) error {
	_, err := resource.Create(ctx, object, metav1.CreateOptions{FieldManager: manager})
	if !apierrors.IsAlreadyExists(err) {
		return err
	}
	live, err := resource.Get(ctx, object.GetName(), metav1.GetOptions{})
	if err != nil {
		return err
	}
	object.SetResourceVersion(live.GetResourceVersion())
	_, err = resource.Update(ctx, object, metav1.UpdateOptions{FieldManager: manager})
	return err
}

// established waits until the kind that a CustomResourceDefinition defines can be used.
func (e *estate) established(ctx context.Context, definition *unstructured.Unstructured) error {
	group, _, err := unstructured.NestedString(definition.Object, "spec", "group")
	if err != nil {
		return err
	}
	kind, _, err := unstructured.NestedString(definition.Object, "spec", "names", "kind")
	if err != nil {
		return err
	}
	ticker := time.NewTicker(establishEvery)
	defer ticker.Stop()
	for {
		e.mapper.Reset()
		_, err := e.mapper.RESTMapping(schema.GroupKind{Group: group, Kind: kind})
		if err == nil || !meta.IsNoMatchError(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait until %s.%s is served: %w", kind, group, ctx.Err())
		case <-ticker.C:
		}
	}
}

// parse reads the objects of YAML documents.
func parse(documents []byte) ([]*unstructured.Unstructured, error) {
	var objects []*unstructured.Unstructured
	reader := kubeyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(documents)))
	for number := 1; ; number++ {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return nil, fmt.Errorf("document %d of the estate: %w", number, err)
		}
		text, err := yaml.YAMLToJSON(document)
		if err != nil {
			return nil, fmt.Errorf("document %d of the estate: %w", number, err)
		}
		if bytes.Equal(bytes.TrimSpace(text), []byte("null")) {
			continue
		}
		object := &unstructured.Unstructured{}
		if err := object.UnmarshalJSON(text); err != nil {
			return nil, fmt.Errorf("document %d of the estate: %w", number, err)
		}
		if !object.IsList() {
			objects = append(objects, object)
			continue
		}
		list, err := object.ToList()
		if err != nil {
			return nil, fmt.Errorf("document %d of the estate: %w", number, err)
		}
		for i := range list.Items {
			objects = append(objects, &list.Items[i])
		}
	}
}

// inOrder puts first what others need: namespaces, those only named by an object included, and definitions of kinds.
func inOrder(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	var namespaces, definitions, others []*unstructured.Unstructured
	known := map[string]bool{"": true}
	for _, object := range objects {
		switch {
		case object.GroupVersionKind().GroupKind() == schema.GroupKind{Kind: "Namespace"}:
			known[object.GetName()] = true
			namespaces = append(namespaces, object)
		case isDefinition(object):
			definitions = append(definitions, object)
		default:
			others = append(others, object)
		}
	}
	for _, object := range others {
		if name := object.GetNamespace(); !known[name] {
			known[name] = true
			namespace := &unstructured.Unstructured{}
			namespace.SetAPIVersion("v1")
			namespace.SetKind("Namespace")
			namespace.SetName(name)
			namespaces = append(namespaces, namespace)
		}
	}
	return append(append(namespaces, definitions...), others...)
}

func isDefinition(object *unstructured.Unstructured) bool {
	return object.GroupVersionKind().GroupKind() == schema.GroupKind{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}
}

// qualified is an object's name with its namespace, for messages.
func qualified(object *unstructured.Unstructured) string {
	if object.GetNamespace() == "" {
		return object.GetName()
	}
	return object.GetNamespace() + "/" + object.GetName()
}
