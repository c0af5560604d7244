package kubeapi

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// problem is what keeps an object from being applied in place, where there is another way.
type problem int

const (
	problemOther problem = iota
	// problemImmutable is a field that cannot change once the object exists.
	problemImmutable
	// problemClusterIP is a Service's address, which can neither change nor be taken away.
	problemClusterIP
	// problemStatefulSet is a field of a StatefulSet that cannot change. Newer servers (seen with 1.37) answer
	// problemImmutable instead.
	problemStatefulSet
	// problemNotApplicable is an object that the server can store but not apply: too large, of a kind without
	// patches, or with a list that holds one key twice.
	problemNotApplicable
	// problemResourceVersion is an old client-side apply that recorded a resourceVersion.
	problemResourceVersion
	// problemNoNamespace is a namespace that is not there.
	problemNoNamespace
	// problemExpired is a list whose next page the server has forgotten.
	problemExpired
)

// serverError is an answer of the server. It keeps no reference to the original, whose text may show secrets:
// everything below an error ends in the histories of workflows.
type serverError struct {
	message string
	problem problem
}

func (e *serverError) Error() string { return e.message }

// problemOf returns the problem of a classified error.
func problemOf(err error) problem {
	var answer *serverError
	if errors.As(err, &answer) {
		return answer.problem
	}
	return problemOther
}

// classify gives an error its kind and a message that names the object and the cluster.
func classify(cluster string, what call, err error) error {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		kind, known := apierr.KindOf(err)
		if !known {
			kind = apierr.Unavailable
		}
		return apierr.New(kind, fmt.Errorf("%s in cluster %s: %w", what, cluster, err))
	}
	answer := status.Status()
	shown := answer.Message
	if what.secret || concernsSecret(what.kind) {
		shown = withheld(answer)
	}
	answered := &serverError{
		message: fmt.Sprintf("%s in cluster %s: %s", what, cluster, shown),
		problem: classifyProblem(what.kind, answer),
	}
	kind, after := classifyStatus(answer, answered.problem)
	return &apierr.Error{Kind: kind, RetryAfter: after, Err: answered}
}

// classifyStatus takes the kind from the HTTP status code, which Kubernetes uses as RFC 9110 means it, except
// where the server calls its own what is a fault of the data, or final what passes.
func classifyStatus(answer metav1.Status, found problem) (apierr.Kind, time.Duration) {
	var after time.Duration
	if answer.Details != nil {
		after = time.Duration(answer.Details.RetryAfterSeconds) * time.Second
	}
	kind := apierr.FromStatus(int(answer.Code))
	switch {
	case found == problemNoNamespace, hasCause(answer, "NamespaceTerminating"):
		kind = apierr.NotYet
	case found == problemNotApplicable:
		kind = apierr.Invalid
	case answer.Code == 0:
		kind = apierr.Unavailable
	}
	return kind, after
}

// classifyProblem reads the server's messages. Their wording is all there is: the reasons and causes of statuses
// do not tell an immutable field from any other that is invalid.
func classifyProblem(kind string, answer metav1.Status) problem {
	message := answer.Message
	has := func(part string) bool { return strings.Contains(message, part) }
	switch {
	case answer.Code == http.StatusNotFound && answer.Details != nil && answer.Details.Kind == "namespaces" && kind != namespaceKind.Name:
		return problemNoNamespace
	case answer.Code == http.StatusGone:
		return problemExpired
	case answer.Code == http.StatusRequestEntityTooLarge, answer.Code == http.StatusUnsupportedMediaType,
		has("metadata.annotations: Too long"), has("failed to create typed patch object"):
		return problemNotApplicable
	case has("Invalid value: 0x0"):
		return problemResourceVersion
	case has("updates to statefulset spec for fields other than"):
		return problemStatefulSet
	case has("Invalid value: ") && has("field is immutable"):
		return problemImmutable
	case has("Invalid value: ") && (has("may not change once set") || has("primary clusterIP can not be unset")):
		return problemClusterIP
	}
	return problemOther
}

func hasCause(answer metav1.Status, cause metav1.CauseType) bool {
	return answer.Details != nil && slices.ContainsFunc(answer.Details.Causes, func(c metav1.StatusCause) bool { return c.Type == cause })
}

// concernsSecret says whether messages about a kind may quote secret values.
func concernsSecret(kind string) bool {
	name, _, _ := strings.Cut(kind, ".")
	return name == "Secret"
}

// withheld is what may be shown of an answer about an object with secrets: the status and the fields that it is about.
func withheld(answer metav1.Status) string {
	shown := fmt.Sprintf("%d %s", answer.Code, answer.Reason)
	if answer.Details != nil {
		for _, cause := range answer.Details.Causes {
			if cause.Field != "" {
				shown += fmt.Sprintf(", %s: %s", cause.Field, cause.Type)
			}
		}
	}
	return shown + " (the server's message is withheld, it may show secret values)"
}
