package vaultapi_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

const (
	tokenLife = time.Hour
	// afterRenewal is a moment at which every token of that life is due, however it is spread.
	afterRenewal = 50 * time.Minute
)

const (
	loginCall  = "/approle/login"
	renewCall  = "/renew-self"
	lookupCall = "/lookup-self"
)

func TestOneLoginServesAll(t *testing.T) {
	w := newWorld(t)
	mount := w.mount(2)
	w.put(mount, "a", map[string]any{"password": clear})
	c := w.open(mount)
	require.Empty(t, w.calls.Calls(), "nothing is sent before it is needed")
	var running sync.WaitGroup
	for range 20 {
		running.Go(func() {
			if _, err := c.Fetch(t.Context(), mount+"/a", 1); err != nil {
				t.Error(err)
			}
		})
	}
	running.Wait()
	require.Equal(t, 1, w.count(loginCall))
}

func TestATokenIsRenewedWhileThatHelps(t *testing.T) {
	w := newWorld(t)
	mount := w.mount(2)
	w.put(mount, "a", map[string]any{"password": clear})
	c := w.open(mount)
	read := func() {
		t.Helper()
		require.NoError(t, second(c.Fetch(t.Context(), mount+"/a", 1)))
	}
	read()
	w.clock.advance(25 * time.Minute)
	read()
	require.Zero(t, w.count(renewCall), "not in the first half of its life")
	w.clock.advance(afterRenewal - 25*time.Minute)
	read()
	read()
	require.Equal(t, 1, w.count(renewCall))
	require.Equal(t, 1, w.count(loginCall))

	w.clock.advance(afterRenewal)
	w.failNext(1, http.StatusServiceUnavailable)
	read()
	require.Equal(t, 2, w.count(renewCall), "a renewal that fails is no error while the token lives")
	w.clock.advance(9 * time.Minute)
	read()
	require.Equal(t, 3, w.count(renewCall), "and is tried again before it ends")

	w.clock.advance(2 * tokenLife)
	read()
	require.Equal(t, 3, w.count(renewCall), "a token that has ended is not renewed")
	require.Equal(t, 2, w.count(loginCall))
}

func TestWhereRenewingDoesNotHelpThereIsAnotherLogin(t *testing.T) {
	for _, tc := range []struct {
		name     string
		before   map[string]any
		after    map[string]any
		renewals int
	}{
		{"a batch token cannot be renewed", map[string]any{"token_type": "batch"}, nil, 0},
		{"the longest life that Vault allows is near", nil, map[string]any{"token_ttl": "10m", "token_max_ttl": "10m"}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			mount := w.mount(2)
			w.put(mount, "a", map[string]any{"password": clear})
			role := w.role(tokenLife, all(mount)...)
			if tc.before != nil {
				w.set(w.lastRole, tc.before)
			}
			c := w.client(role)
			require.NoError(t, second(c.Fetch(t.Context(), mount+"/a", 1)))
			if tc.after != nil {
				w.set(w.lastRole, tc.after)
			}
			w.clock.advance(afterRenewal)
			require.NoError(t, second(c.Fetch(t.Context(), mount+"/a", 1)))
			require.Equal(t, tc.renewals, w.count(renewCall))
			require.Equal(t, 2, w.count(loginCall))
		})
	}
}

func TestATokenThatVaultForgotIsReplacedOnce(t *testing.T) {
	w := newWorld(t)
	mount := w.mount(2)
	w.put(mount, "a", map[string]any{"password": clear})
	c := w.open(mount)
	require.NoError(t, second(c.Fetch(t.Context(), mount+"/a", 1)))
	revoke := func() {
		t.Helper()
		tokens, err := w.root.Logical().List("auth/token/accessors")
		require.NoError(t, err)
		for _, accessor := range tokens.Data["keys"].([]any) {
			found, err := w.root.Auth().Token().LookupAccessor(accessor.(string))
			if err != nil {
				continue
			}
			policies, _ := found.TokenPolicies()
			for _, policy := range policies {
				if len(policy) > len(w.prefix) && policy[:len(w.prefix)] == w.prefix {
					require.NoError(t, w.root.Auth().Token().RevokeAccessor(accessor.(string)))
				}
			}
		}
	}
	revoke()
	var running sync.WaitGroup
	for range 5 {
		running.Go(func() {
			if _, err := c.Fetch(t.Context(), mount+"/a", 1); err != nil {
				t.Error(err)
			}
		})
	}
	running.Wait()
	require.Equal(t, 2, w.count(loginCall), "all that met the forgotten token share one login")

	w.calls.Reset()
	err := second(c.Fetch(t.Context(), "sys-of-nobody/a", 1))
	require.True(t, apierr.Is(err, apierr.Denied))
	require.Zero(t, w.count(loginCall), "what is forbidden to a good token stays forbidden")
	require.Equal(t, 2, w.count(lookupCall))

	revoke()
	w.calls.Reset()
	w.failNext(2, http.StatusServiceUnavailable)
	err = second(c.Fetch(t.Context(), mount+"/a", 1))
	require.True(t, apierr.Is(err, apierr.Unavailable), "whether the token counts is not known: %v", err)
}

func TestTokensAreRenewedAtDifferentMoments(t *testing.T) {
	w := newWorld(t)
	mount := w.mount(2)
	w.put(mount, "a", map[string]any{"password": clear})
	role := w.role(tokenLife, all(mount)...)
	var clients []*vaultapi.Client
	for range 12 {
		c := w.client(role)
		require.NoError(t, second(c.Fetch(t.Context(), mount+"/a", 1)))
		clients = append(clients, c)
	}
	// Twelve moments of the quarter between 30 and 45 minutes: at 37 minutes some are due and some are not.
	w.clock.advance(37*time.Minute + 30*time.Second)
	for _, c := range clients {
		require.NoError(t, second(c.Fetch(t.Context(), mount+"/a", 1)))
	}
	require.Positive(t, w.count(renewCall))
	require.Less(t, w.count(renewCall), len(clients))
}

func TestCloseLeavesNothingBehind(t *testing.T) {
	w := newWorld(t)
	mount := w.mount(2)
	w.put(mount, "a", map[string]any{"password": clear})
	role := w.role(tokenLife, all(mount)...)
	before := goleak.IgnoreCurrent()
	c, err := vaultapi.New(vaultapi.Config{Address: w.root.Address(), Login: role})
	require.NoError(t, err)
	require.NoError(t, second(c.Fetch(t.Context(), mount+"/a", 1)))
	require.NoError(t, second(c.ListAll(t.Context(), mount)))
	c.Close()
	goleak.VerifyNone(t, before)
	err = second(c.Get(t.Context(), mount+"/a", 2))
	require.ErrorContains(t, err, "the client is closed")
}

func TestAPoolHasOneClientForEachLogin(t *testing.T) {
	w := newWorld(t)
	mount := w.mount(2)
	w.put(mount, "a", map[string]any{"password": clear})
	first, other := w.role(tokenLife, all(mount)...), w.role(tokenLife, all(mount)...)
	kept := &ids{values: map[string]secret.Value{"role": first.RoleID, "secret": first.SecretID}}
	pool := vaultapi.NewPool(kept)
	t.Cleanup(pool.Close)
	connect := func() *vaultapi.Client {
		t.Helper()
		c, err := pool.Connect(t.Context(), w.url, ref("ids", "role", 0), ref("ids", "secret", 0))
		require.NoError(t, err)
		require.NoError(t, second(c.Fetch(t.Context(), mount+"/a", 1)))
		return c
	}
	one := connect()
	require.Same(t, one, connect())
	kept.values["secret"] = other.SecretID
	kept.values["role"] = other.RoleID
	require.NotSame(t, one, connect(), "renewed IDs count at once")
	require.Equal(t, 2, w.count(loginCall))

	recording, recorded := inputs.Record(t.Context())
	_, err := pool.Connect(recording, w.url, ref("ids", "role", 0), ref("ids", "secret", 0))
	require.Error(t, err, "what a Vault holds is no data of app-interface")
	require.Equal(t, []string{"vault " + w.url}, recorded.Outside())

	delete(kept.values, "role")
	_, err = pool.Connect(t.Context(), w.url, ref("ids", "role", 0), ref("ids", "secret", 0))
	require.True(t, apierr.Is(err, apierr.Missing))
	require.ErrorContains(t, err, "login at vault "+w.url)
}
