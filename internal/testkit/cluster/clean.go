package cluster

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// serverWritten says whether the server writes objects of this kind by itself, as traces of others.
func serverWritten(kind string) bool {
	switch kind {
	case "Event", "Event.events.k8s.io", "Endpoints", "EndpointSlice.discovery.k8s.io", "ControllerRevision.apps",
		"Lease.coordination.k8s.io", "ComponentStatus", "PodMetrics.metrics.k8s.io",
		"CustomResourceDefinition.apiextensions.k8s.io", "APIService.apiregistration.k8s.io":
		return true
	}
	return false
}

// byControllers recognises the objects that controllers put into every namespace.
func byControllers(object *unstructured.Unstructured) bool {
	switch object.GroupVersionKind().GroupKind() {
	case schema.GroupKind{Kind: "ServiceAccount"}:
		return object.GetName() == "default"
	case schema.GroupKind{Kind: "ConfigMap"}:
		return object.GetName() == "kube-root-ca.crt"
	}
	return false
}

func isNamespace(object *unstructured.Unstructured) bool {
	return object.GroupVersionKind().GroupKind() == schema.GroupKind{Kind: "Namespace"}
}

// clean removes what a server fills in and what differs from one run to the next.
func clean(object *unstructured.Unstructured) {
	content := object.Object
	for _, name := range []string{"uid", "resourceVersion", "creationTimestamp", "managedFields", "generation", "selfLink"} {
		unstructured.RemoveNestedField(content, "metadata", name)
	}
	unstructured.RemoveNestedField(content, "status")
	drop(content, "annotations", "qontract.update")
	cleanOwners(content)
	switch object.GroupVersionKind().GroupKind() {
	case schema.GroupKind{Kind: "Namespace"}:
		unstructured.RemoveNestedField(content, "spec")
		drop(content, "labels", namespaceNameLabel)
	case schema.GroupKind{Kind: "Service"}:
		cleanService(field(content, "spec"))
	case schema.GroupKind{Group: "batch", Kind: "Job"}:
		cleanJob(content)
	case schema.GroupKind{Kind: "Secret"}:
		if content["type"] == "kubernetes.io/service-account-token" {
			unstructured.RemoveNestedField(content, "data")
			drop(content, "annotations", "kubernetes.io/service-account.uid")
			drop(content, "labels", "kubernetes.io/legacy-token-last-used")
		} else {
			hideMinted(content)
		}
	}
}

// cleanOwners removes the UID of a Job that the object goes with, and the hash that is made of it too: the Job is another one
// in each run.
func cleanOwners(content map[string]any) {
	for _, owner := range items(field(content, "metadata"), "ownerReferences") {
		if owner["kind"] == "Job" {
			delete(owner, "uid")
			drop(content, "annotations", "qontract.sha256sum")
		}
	}
}

// drop removes one annotation or label, and the map that held it when it was the last.
func drop(content map[string]any, kind, name string) {
	metadata := field(content, "metadata")
	values := field(metadata, kind)
	delete(values, name)
	if len(values) == 0 {
		delete(metadata, kind)
	}
}

// cleanService removes addresses and ports that the server chose; a headless service stays one.
func cleanService(spec map[string]any) {
	if spec["clusterIP"] != "None" {
		delete(spec, "clusterIP")
		delete(spec, "clusterIPs")
	}
	delete(spec, "healthCheckNodePort")
	for _, port := range items(spec, "ports") {
		delete(port, "nodePort")
	}
}

// cleanJob removes what the server makes of the job's UID to find its pods.
func cleanJob(content map[string]any) {
	spec := field(content, "spec")
	delete(spec, "selector")
	for _, object := range []map[string]any{content, field(spec, "template")} {
		for _, label := range []string{"controller-uid", "batch.kubernetes.io/controller-uid", "job-name", "batch.kubernetes.io/job-name"} {
			drop(object, "labels", label)
		}
	}
}
