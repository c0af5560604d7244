package accessmanager

import (
	"encoding/base64"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/integrations/internal/jobs/jobstest"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// withoutInstance has the Secret of an instance that is not there.
func withoutInstance(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.host = &url.URL{Host: "orders.example.com:5432"}
	w.admin()
	return w
}

// value is a field of a Secret in clear.
func (w *world) value(name, key string) string {
	w.t.Helper()
	text, err := base64.StdEncoding.DecodeString(w.Get("Secret", name)["data"].(map[string]any)[key].(string))
	require.NoError(w.t, err)
	return string(text)
}

// foreign is a Job that somebody else made.
func foreign(name string) map[string]any {
	return map[string]any{
		"apiVersion": "batch/v1", "kind": "Job", "metadata": map[string]any{"name": name, "namespace": jobstest.Namespace},
		"spec": map[string]any{"template": map[string]any{"spec": map[string]any{
			"restartPolicy": "Never", "containers": []any{map[string]any{"name": "psql", "image": "psql"}},
		}}},
	}
}

func TestAJobThatFailedWaitsForAPerson(t *testing.T) {
	w := withoutInstance(t)
	a := w.access(none)
	began := time.Now()
	stand := w.advance(a)
	require.Equal(t, plan.PhaseWaiting, stand.Phase)
	require.WithinRange(t, *stand.NotBefore, began.Add(10*time.Second), time.Now().Add(time.Minute), "a Job takes its time")
	require.Equal(t, "Job dbam-test has no pod yet", w.advance(a).Words)

	pod := foreign("dbam-test-x1")["spec"].(map[string]any)["template"].(map[string]any)
	pod["apiVersion"], pod["kind"] = "v1", "Pod"
	pod["metadata"] = map[string]any{"name": "dbam-test-x1", "namespace": jobstest.Namespace, "labels": map[string]any{"job-name": "dbam-test"}}
	pod["status"] = map[string]any{"phase": "Pending", "containerStatuses": []any{map[string]any{
		"name": "psql", "image": "psql", "imageID": "", "ready": false, "restartCount": 0, "state": map[string]any{"waiting": map[string]any{"reason": "ImagePullBackOff"}},
	}}}
	w.Write(pod)
	require.Equal(t, "Job dbam-test runs: pod dbam-test-x1 is ImagePullBackOff", w.advance(a).Words)

	w.Ended("dbam-test", false)
	stand = w.advance(a)
	require.Equal(t, plan.PhaseBlocked, stand.Phase)
	require.Contains(t, stand.Words, "Job dbam-test failed: it says so; see the logs of pod dbam-test-x1 in prod-1/team-a: oc -n team-a logs job/dbam-test")
	failed := w.Get(jobs.JobKind, "dbam-test")["metadata"].(map[string]any)["uid"]

	stand, err := w.try(a, true)
	require.NoError(t, err)
	require.Equal(t, "Job dbam-test in prod-1/team-a has been made", stand.Words)
	require.NotEqual(t, failed, w.Get(jobs.JobKind, "dbam-test")["metadata"].(map[string]any)["uid"], "it is run again")
	require.NotContains(t, w.vault.data, testPath, "nothing is stored that does not work")
	noted, err := w.noted(t.Context(), "test")
	require.NoError(t, err)
	require.Nil(t, noted)
}

func TestAJobOfWhatWasWantedBeforeIsNoneOfWhatIsWantedNow(t *testing.T) {
	w := withoutInstance(t)
	before, now := w.access(none), w.access(fooRW)
	w.advance(before)
	require.Equal(t, "Job dbam-test has no pod yet, for what was wanted before", w.advance(now).Words)
	require.NotContains(t, w.value("dbam-test-script", "script.sql"), "foo", "what runs is left alone")
	w.Ended("dbam-test", true)
	require.Equal(t, "Job dbam-test in prod-1/team-a has been made", w.advance(now).Words)
	require.Contains(t, w.value("dbam-test-script", "script.sql"), "foo")
	require.Nil(t, w.Get(jobs.JobKind, "dbam-test")["status"].(map[string]any)["conditions"])
}

func TestALostAttemptLeavesOnePassword(t *testing.T) {
	w := withoutInstance(t)
	a := w.access(none)
	w.advance(a)
	password := w.value("dbam-test", passwordKey)
	require.Len(t, password, 32)
	require.Contains(t, w.value("dbam-test-script", "script.sql"), password)
	require.NoError(t, w.remove(jobs.JobKind, "dbam-test"))
	w.advance(a)
	require.Equal(t, password, w.value("dbam-test", passwordKey), "the next attempt has that of the Secret")

	w.Ended("dbam-test", true)
	require.Equal(t, plan.Done(), w.advance(a))
	require.Equal(t, password, w.password())
	require.NoError(t, w.remove("Secret", "dbam-test"))
	w.advance(w.access(fooRW))
	require.Equal(t, password, w.value("dbam-test", passwordKey), "or that of Vault")
	require.Equal(t, "orders.example.com", w.value("dbam-test", hostKey))
}

// remove deletes an object, as an attempt that was lost or a person may have.
func (w *world) remove(kind, name string) error {
	place := jobs.At{Place: w.access(none).Place, Client: w.Client, Owner: owner()}
	return place.Delete(readonly.Grant(w.t.Context()), kind, name)
}

func TestWhatIsNotThereYetIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, "the instance has no Secret orders-rds in prod-1/team-a yet", w.advance(w.access(none)).Words)
	require.Empty(t, w.Names("Secret", "Job"))
}

func TestWhatMustNotBeMade(t *testing.T) {
	w := withoutInstance(t)
	for _, tc := range []struct {
		name, fields, want string
		prepare            func(*Access)
	}{
		{"the default database", `"database": "postgres"`, "postgres is the default one of the instance", nil},
		{"the administrator", `"username": "boss"`, "boss is the administrator of the instance", nil},
		{"a Secret of an administrator that is not whole", none, "Secret partial in prod-1/team-a has no db.", func(a *Access) {
			w.Secret("partial", map[string]string{hostKey: "orders.example.com"})
			a.AdminSecret = "partial"
		}},
		{"a user's Secret of another user", `"username": "other"`, "Secret dbam-test in prod-1/team-a is of user test", func(*Access) {
			w.Secret("dbam-test", map[string]string{hostKey: "h", portKey: "1", userKey: "test", passwordKey: "p", databaseKey: "test"})
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := w.access(tc.fields)
			if tc.prepare != nil {
				tc.prepare(&a)
			}
			_, err := w.try(a, false)
			require.ErrorContains(t, err, tc.want)
			require.True(t, apierr.Is(err, apierr.Invalid))
			require.Nil(t, w.Get(jobs.JobKind, "dbam-test"))
		})
	}
	_, err := w.Advance(t.Context(), reconcile.Scope{Integration: Name}, plan.Change[Access]{Desired: new(w.access(none))}, false)
	require.ErrorContains(t, err, "--vault-output-path is needed")

	w.Write(foreign("dbam-test"))
	w.Ended("dbam-test", true)
	_, err = w.try(w.access(none), false)
	require.True(t, apierr.Is(err, apierr.Guard), "somebody else's Job is left alone: %v", err)
}

func TestASkippedAccessIsNoted(t *testing.T) {
	w := withoutInstance(t)
	a := w.access(fooRW)
	require.NoError(t, w.Skip(readonly.Grant(t.Context()), reconcile.Scope{}, plan.Change[Access]{Desired: &a}))
	require.Equal(t, plan.Done(), w.advance(a))
	require.Empty(t, w.Names("Job"))
	require.NotContains(t, w.vault.data, testPath)
}
