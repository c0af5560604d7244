package accountmanager

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/plan"
	standin "github.com/app-sre/qontract-temporal/internal/standin/aws"
)

func (w *world) user() *standin.User { return w.account(memberID).Users["terraform"] }

// requireOneKey says that the user has one access key, and that it is the one in Vault.
func (w *world) requireOneKey() {
	w.t.Helper()
	require.Equal(w.t, []string{w.secrets.keyID(keyPath)}, slices.Collect(maps.Keys(w.user().Keys)))
}

// has gives the account a user with an access key that nobody here made.
func (w *world) has(key string) {
	w.aws.Edit(func(e *standin.Estate) {
		e.Accounts[memberID].Users = map[string]*standin.User{"terraform": {Keys: map[string]*standin.Key{key: {Secret: "qt-planted-old"}}}}
	})
}

func TestAUserIsMadeWithItsKeyInVault(t *testing.T) {
	w := newWorld(t)
	w.aws.Edit(func(e *standin.Estate) { e.Lag.Key.Calls = 2 })
	step := w.step(createUser, memberID)
	stand := w.advance(step)
	require.Equal(t, plan.Waiting("AWS does not know the access key in secret kv/terraform/acme/config yet"), stand)
	require.Empty(t, w.noted("acme.create-iam-user"))
	for w.advance(step).Phase != plan.PhaseDone {
		require.Less(t, len(w.aws.Calls()), 50)
	}
	w.requireOneKey()
	require.Equal(t, 1, w.user().Issued)
	require.Equal(t, []string{standin.AdministratorAccess}, w.user().Policies)
	require.JSONEq(t, `"terraform"`, w.noted("acme.create-iam-user"))
	require.True(t, w.isDone(step))
}

func TestTheIDOfANewAccountComesFromState(t *testing.T) {
	w := newWorld(t)
	step := w.step(createUser, "")
	require.Equal(t, plan.Waiting("the account is not there yet"), w.advance(step))
	w.note(describeAccount, memberID)
	require.Equal(t, plan.Done(), w.advance(step))
}

func TestANewAccountThatDoesNotLetAnybodyInYetIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	step := w.step(createUser, memberID)
	w.aws.Edit(func(e *standin.Estate) { e.Accounts[memberID].Roles[accountRole].Trusts = nil })
	stand := w.advance(step)
	require.Equal(t, plan.PhaseWaiting, stand.Phase)
	require.Contains(t, stand.Words, "is not authorized to perform: sts:AssumeRole")

	step.Door.Manager = "Nobody"
	_, err := w.try(step, false)
	require.ErrorContains(t, err, "role/Nobody", "a fault of the payer account's is none that passes")
}

func TestAKeyThatCannotBeStoredIsGivenBack(t *testing.T) {
	w := newWorld(t)
	step := w.step(createUser, memberID)
	w.secrets.fail = errors.New("vault is away")
	_, err := w.try(step, false)
	require.ErrorContains(t, err, "vault is away")
	require.Empty(t, w.user().Keys)
	require.Equal(t, plan.Done(), w.advance(step))
	w.requireOneKey()
	require.Equal(t, 2, w.user().Issued)
}

func TestAKeyThatIsStoredThoughTheAnswerWasLostStays(t *testing.T) {
	w := newWorld(t)
	w.secrets.fail, w.secrets.lost = errors.New("vault is away"), true
	require.Equal(t, plan.Done(), w.advance(w.step(createUser, memberID)))
	w.requireOneKey()
	require.Equal(t, 1, w.user().Issued)
}

func TestAKeyThatNobodyStoredIsMadeAnew(t *testing.T) {
	w := newWorld(t)
	w.has("AKIALOST")
	w.note(begunUser, "terraform")
	require.Equal(t, plan.Done(), w.advance(w.step(createUser, memberID)))
	w.requireOneKey()
	require.NotContains(t, w.user().Keys, "AKIALOST")
}

func TestTheKeyInVaultStays(t *testing.T) {
	w := newWorld(t)
	w.has("AKIAOLD")
	w.secrets.put(keyPath, "AKIAOLD", "qt-planted-old")
	w.note(begunUser, "terraform")
	require.Equal(t, plan.Done(), w.advance(w.step(createUser, memberID)))
	require.Equal(t, "AKIAOLD", w.secrets.keyID(keyPath))
	require.Zero(t, w.count("CreateAccessKey")+w.count("DeleteAccessKey"))
}

func TestAKeyThatTheReferenceLostIsMadeAnew(t *testing.T) {
	w := newWorld(t)
	w.has("AKIALOST")
	w.note(createUser, "terraform")
	step := w.step(createUser, memberID)
	require.False(t, w.isDone(step))
	require.Equal(t, plan.Done(), w.advance(step))
	w.requireOneKey()
	require.True(t, w.isDone(step))
}

func TestAUserOfSomebodyElseIsLeftAlone(t *testing.T) {
	w := newWorld(t)
	w.has("AKIATHEIRS")
	step := w.step(createUser, memberID)
	stand := w.advance(step)
	require.Equal(t, plan.PhaseBlocked, stand.Phase)
	require.Contains(t, stand.Words, "somebody else made the user terraform in the account")
	require.Empty(t, w.wrote())
	require.ErrorContains(t, w.skip(step), "cannot be skipped while secret kv/terraform/acme/config has no access key")
	require.Empty(t, w.noted("acme.create-iam-user.begun"))

	t.Run("unless a person sees to the key", func(t *testing.T) {
		w := newWorld(t)
		w.has("AKIATHEIRS")
		w.secrets.put(keyPath, "AKIATHEIRS", "qt-planted-old")
		require.NoError(t, w.skip(step))
		require.True(t, w.isDone(step))
		require.Contains(t, w.user().Keys, "AKIATHEIRS")
	})
	t.Run("unless a person has it taken over", func(t *testing.T) {
		require.Equal(t, plan.Done(), w.retry(step))
		w.requireOneKey()
	})
}

func TestAKeyThatDoesNotWorkIsNotTakenForOneThatDoes(t *testing.T) {
	w := newWorld(t)
	w.has("AKIAOLD")
	w.note(begunUser, "terraform")
	w.secrets.put(keyPath, "AKIAOLD", "qt-planted-wrong")
	require.Equal(t, plan.PhaseWaiting, w.advance(w.step(createUser, memberID)).Phase)
	require.Empty(t, w.noted("acme.create-iam-user"))
}
