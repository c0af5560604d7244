package kubeapi

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

func TestClassify(t *testing.T) {
	status := func(code int32, message string, details *metav1.StatusDetails) error {
		return &apierrors.StatusError{ErrStatus: metav1.Status{Code: code, Message: message, Details: details}}
	}
	terminating := &metav1.StatusDetails{Causes: []metav1.StatusCause{{Type: "NamespaceTerminating"}}}
	for _, tc := range []struct {
		name    string
		err     error
		kind    apierr.Kind
		problem problem
	}{
		{"a token that is not accepted", status(401, "Unauthorized", nil), apierr.Denied, problemOther},
		{"a right that is missing", status(403, "forbidden", nil), apierr.Denied, problemOther},
		{"a namespace on its way out", status(403, "because it is being terminated", terminating), apierr.NotYet, problemOther},
		{"an object that is not there", status(404, "not found", &metav1.StatusDetails{Kind: "configmaps"}), apierr.Missing, problemOther},
		{"a namespace that is not there", status(404, `namespaces "x" not found`, &metav1.StatusDetails{Kind: "namespaces"}), apierr.NotYet, problemNoNamespace},
		{"a lost race", status(409, "the object has been modified", nil), apierr.Conflict, problemOther},
		{"a list that expired", status(410, "too old", nil), apierr.Missing, problemExpired},
		{"throttling", status(429, "slow down", nil), apierr.Limited, problemOther},
		{"a server in trouble", status(500, "etcd is away", nil), apierr.Unavailable, problemOther},
		{"a server that is not ready", status(503, "no endpoints", nil), apierr.Unavailable, problemOther},
		{"an invalid field", status(422, "spec.x: Invalid value: 1: must be 2", nil), apierr.Invalid, problemOther},
		{"an immutable field", status(422, "spec.template: Invalid value: {}: field is immutable", nil), apierr.Invalid, problemImmutable},
		{"a Secret marked immutable stays as it is", status(422, "data: Forbidden: field is immutable when `immutable` is set", nil), apierr.Invalid, problemOther},
		{"a Service's address", status(422, `spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set`, nil), apierr.Invalid, problemClusterIP},
		{"a Service without its address", status(422, `spec.clusterIPs[0]: Invalid value: []: primary clusterIP can not be unset`, nil), apierr.Invalid, problemClusterIP},
		{"a StatefulSet", status(422, "spec: Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden", nil), apierr.Invalid, problemStatefulSet},
		{"an object too large", status(413, "Request entity too large", nil), apierr.Invalid, problemNotApplicable},
		{"a server without this kind of patch", status(415, "UnsupportedMediaType", nil), apierr.Invalid, problemNotApplicable},
		{"annotations too long", status(422, "metadata.annotations: Too long: may not be more than 262144 bytes", nil), apierr.Invalid, problemNotApplicable},
		{"a key twice in a list", status(500, `failed to create typed patch object: duplicate entries for key [name="A"]`, nil), apierr.Invalid, problemNotApplicable},
		{"a resourceVersion of client-side apply", status(422, "metadata.resourceVersion: Invalid value: 0x0: must be specified for an update", nil), apierr.Invalid, problemResourceVersion},
		{"a deadline", context.DeadlineExceeded, apierr.Unavailable, problemOther},
		{"a connection that breaks", errors.New("unexpected EOF"), apierr.Unavailable, problemOther},
		{"a refused write", apierr.Errorf(apierr.Guard, "refused"), apierr.Guard, problemOther},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := classify("east", call{verb: "apply", kind: "ConfigMap", namespace: "team", name: "a"}, tc.err)
			kind, _ := apierr.KindOf(err)
			require.Equal(t, tc.kind, kind)
			require.Equal(t, tc.problem, problemOf(err))
			require.ErrorContains(t, err, "apply ConfigMap team/a in cluster east: ")
		})
	}
}
