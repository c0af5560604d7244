package kubeapi_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
)

func (w *world) account(name string) {
	w.t.Helper()
	require.NoError(w.t, w.Apply(w.write, gadgets, w.object("v1", "ServiceAccount", name, nil)))
}

func TestServerATokenIsIssuedOnce(t *testing.T) {
	w := newWorld(t)
	w.account("robot")
	first, err := w.IssueToken(w.write, widgets, w.namespace, "robot")
	require.NoError(t, err)
	require.True(t, first.Issued())
	require.Regexp(t, `^robot-token-\d{5}$`, first.Secret)
	again, err := w.IssueToken(w.write, widgets, w.namespace, "robot")
	require.NoError(t, err)
	require.Equal(t, first.Secret, again.Secret)

	all, err := w.AccountTokens(w.read, []string{w.namespace})
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Equal(t, first.Value.Reveal(), all[0].Value.Reveal())

	kept := w.live(w.object("v1", "Secret", first.Secret, nil))
	require.True(t, kubeapi.Owned(kept, widgets))
}

func TestServerATokenOfAnAccountThatIsNotThereIsNotAskedFor(t *testing.T) {
	w := newWorld(t)
	_, err := w.IssueToken(w.write, widgets, w.namespace, "nobody")
	require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
	require.ErrorContains(t, err, "create it")
	all, err := w.AccountTokens(w.read, []string{w.namespace})
	require.NoError(t, err)
	require.Empty(t, all)
}

func TestServerASecretInTheWayOfATokenIsNamed(t *testing.T) {
	w := newWorld(t)
	w.account("robot")
	made, err := w.IssueToken(w.write, widgets, w.namespace, "robot")
	require.NoError(t, err)
	secret := w.object("v1", "Secret", made.Secret, nil)
	require.NoError(t, w.Delete(w.write, widgets, kubeapi.Policy{}, secret))
	require.Eventually(t, func() bool {
		_, err := w.List(w.read, "Secret", w.namespace, "")
		return err == nil && w.Apply(w.write, gadgets, w.object("v1", "Secret", made.Secret, map[string]any{"type": "Opaque"})) == nil
	}, controllerTime, controllerTick)
	_, err = w.IssueToken(w.write, widgets, w.namespace, "robot")
	require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
	require.True(t, strings.Contains(err.Error(), made.Secret) && strings.Contains(err.Error(), "in the way"), "%v", err)
}
