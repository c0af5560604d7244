package vaultapi_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func TestErrorsAreToldApartAndNameTheRemedy(t *testing.T) {
	w := newWorld(t)
	kv1, kv2, hidden := w.mount(1), w.mount(2), w.mount(2)
	w.put(kv1, "team/db", map[string]any{"password": clear})
	w.put(kv2, "team/db", map[string]any{"password": clear})
	w.put(kv2, "team/gone", map[string]any{"password": clear})
	_, err := w.root.Logical().Delete(kv2 + "/data/team/gone")
	require.NoError(t, err)
	limited := w.client(w.role(tokenLife, `path "`+kv2+`/data/team/db" { capabilities = ["read"] }`, `path "`+kv1+`/team/db" { capabilities = ["read"] }`))
	c := w.open(kv1, kv2)
	read := func(c *vaultapi.Client, path, field string, version int) error {
		_, err := c.Read(t.Context(), ref(path, field, version))
		return err
	}
	for _, tc := range []struct {
		name   string
		err    error
		is     error
		kind   apierr.Kind
		remedy string
	}{
		{"a path without a secret, KV v1", read(c, kv1+"/team/none", "password", 0), vaultapi.ErrSecretNotFound, apierr.Missing, "read secret " + kv1 + "/team/none: secret not found: write it"},
		{"a path without a secret, KV v2", read(c, kv2+"/team/none", "password", int(vaultapi.Latest)), vaultapi.ErrSecretNotFound, apierr.Missing, kv2 + "/team/none"},
		{"a field that the secret has not", read(c, kv2+"/team/db", "user", 1), vaultapi.ErrFieldNotFound, apierr.Missing, kv2 + "/team/db#user@1: field not found: add the field user"},
		{"a version that is not there", read(c, kv2+"/team/db", "password", 7), vaultapi.ErrVersionNotFound, apierr.Missing, "there is no version 7"},
		{"a version that was deleted", read(c, kv2+"/team/gone", "password", 1), vaultapi.ErrVersionNotFound, apierr.Missing, "version 1 was deleted"},
		{"no version of a secret with versions", read(c, kv2+"/team/db", "password", 0), vaultapi.ErrVersionMissing, apierr.Invalid, "add the number of one"},
		{"a secret that may not be read, KV v1", read(limited, kv1+"/team/other", "password", 0), vaultapi.ErrAccessForbidden, apierr.Denied, "let a policy of the login read it"},
		{"a secret that may not be read, KV v2", read(limited, kv2+"/team/other", "password", 1), vaultapi.ErrAccessForbidden, apierr.Denied, "let a policy of the login read it"},
		{"a mount that may not be looked at", read(limited, hidden+"/team/db", "password", 1), vaultapi.ErrAccessForbidden, apierr.Denied, hidden + "/team/db"},
		{"a folder that may not be listed", second(limited.List(t.Context(), kv2+"/team/")), vaultapi.ErrPathAccessForbidden, apierr.Denied, "let a policy of the login list it"},
		{"a folder below that may not be listed", second(limited.ListAll(t.Context(), kv1)), vaultapi.ErrPathAccessForbidden, apierr.Denied, "list " + kv1 + "/"},
		{"a secret that may not be written", limited.ForceWrite(w.write, kv2+"/team/db", text("password", clear)), vaultapi.ErrAccessForbidden, apierr.Denied, "let a policy of the login create and update it"},
		{"a secret that may not be deleted", limited.Delete(w.write, kv1+"/team/db"), vaultapi.ErrAccessForbidden, apierr.Denied, "let a policy of the login delete it"},
		{"a delete where there are versions", c.Delete(w.write, kv2+"/team/db"), nil, apierr.Invalid, "delete it in Vault"},
		{"a version where there are none", c.WriteVersion(w.write, kv1+"/team/db", text("password", clear), 1), nil, apierr.Invalid, "make it KV v2"},
		{"a path that leads elsewhere", read(c, kv2+"/../sys/mounts", "x", 1), nil, apierr.Invalid, "is no path of a secret"},
		{"a path without a name", read(c, kv1, "x", 1), nil, apierr.Invalid, "is no path of a secret"},
		{"a role that Vault does not know", read(w.client(vaultapi.AppRole{RoleID: secret.New(clear), SecretID: secret.New(clear)}), kv1+"/a", "x", 0), vaultapi.ErrLoginRefused, apierr.Denied, "correct role_id and secret_id"},
		{"an AppRole without IDs", read(w.client(vaultapi.AppRole{}), kv1+"/a", "x", 0), nil, apierr.Invalid, "role ID or secret ID is empty"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if tc.is != nil {
				require.ErrorIs(t, tc.err, tc.is)
			}
			require.True(t, apierr.Is(tc.err, tc.kind), "%v", tc.err)
			require.ErrorContains(t, tc.err, tc.remedy)
			require.NotContains(t, tc.err.Error(), clear)
		})
	}
}

func second[T any](_ T, err error) error { return err }

func TestAVaultThatFailsIsTriedAgainLater(t *testing.T) {
	w := newWorld(t)
	mount := w.mount(2)
	w.put(mount, "a", map[string]any{"password": clear})
	c := w.open(mount)
	read := func() error { return second(c.Fetch(t.Context(), mount+"/a", 1)) }
	// A login, a look at the mount and a read; then reads only.
	for _, tc := range []struct {
		name  string
		call  int
		fault fault.Failure
		kind  apierr.Kind
		delay time.Duration
	}{
		{"the login fails", 1, fault.Failure{Status: 503}, apierr.Unavailable, 0},
		{"the login is cut off", 1, fault.Failure{}, apierr.Unavailable, 0},
		{"the look at the mount fails", 2, fault.Failure{Status: 500, Body: `{"errors":["` + clear + `"]}`}, apierr.Unavailable, 0},
		{"the read is throttled", 2, fault.Failure{Status: 429, Header: map[string][]string{"Retry-After": {"7"}}}, apierr.Limited, 7 * time.Second},
		{"the read fails with a page of a proxy", 1, fault.Failure{Status: 502, Body: "<html>" + clear}, apierr.Unavailable, 0},
		{"the read meets a server that lags behind", 1, fault.Failure{Status: 412}, apierr.Conflict, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w.calls.Reset()
			w.calls.FailNth(tc.call, tc.fault)
			err := read()
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
			require.Equal(t, tc.delay, apierr.RetryAfter(err))
		})
	}
	require.NoError(t, read(), "what failed was not remembered: the mount has versions")
	unreachable, err := vaultapi.New(vaultapi.Config{Address: "http://127.0.0.1:1", Login: vaultapi.AppRole{RoleID: secret.New(clear), SecretID: secret.New(clear)}})
	require.NoError(t, err)
	_, err = unreachable.Get(t.Context(), "kv/a", 1)
	require.ErrorIs(t, err, vaultapi.ErrConnection)
	require.True(t, apierr.Is(err, apierr.Unavailable))
	require.NotContains(t, err.Error(), clear)
}

func TestListAll(t *testing.T) {
	w := newWorld(t)
	for _, version := range []int{1, 2} {
		t.Run(fmt.Sprintf("KV v%d", version), func(t *testing.T) {
			mount := w.mount(version)
			for _, name := range []string{"team/db", "team/api/key", "team/api/deep/er", "team-b/db", "top"} {
				w.put(mount, name, map[string]any{"x": "y"})
			}
			c := w.open(mount)
			names, err := c.List(t.Context(), mount+"/team/")
			require.NoError(t, err)
			require.ElementsMatch(t, []string{"db", "api/"}, names)
			for folder, want := range map[string][]string{
				"/team/": {"/team/api/deep/er", "/team/api/key", "/team/db"},
				"/team":  {"/team/api/deep/er", "/team/api/key", "/team/db"},
				"":       {"/team-b/db", "/team/api/deep/er", "/team/api/key", "/team/db", "/top"},
				"/none/": nil,
			} {
				secrets, err := c.ListAll(t.Context(), mount+folder)
				require.NoError(t, err)
				var paths []string
				for _, path := range want {
					paths = append(paths, mount+path)
				}
				require.Equal(t, paths, secrets, folder)
			}
		})
	}
}

func TestWhatIsCached(t *testing.T) {
	w := newWorld(t)
	kv1, kv2 := w.mount(1), w.mount(2)
	w.put(kv1, "a", map[string]any{"password": "one"})
	w.put(kv2, "a", map[string]any{"password": "one"})
	c := w.open(kv1, kv2)
	password := func(path string, version vaultapi.Version) string {
		t.Helper()
		found, err := c.Get(t.Context(), path, version)
		require.NoError(t, err)
		value, _ := found.Data.Field("password")
		return value.Reveal()
	}
	for range 3 {
		require.Equal(t, "one", password(kv1+"/a", 0))
		require.Equal(t, "one", password(kv2+"/a", 1))
		require.Equal(t, "one", password(kv2+"/a", vaultapi.Latest))
	}
	require.Equal(t, 3, w.count(kv1+"/a"), "KV v1 is read each time")
	require.Equal(t, 2, w.count(kv2+"/data/a"), "a version and the latest are read once")
	require.Equal(t, 1, w.count("/mounts/"+kv2), "a mount is looked at once")

	w.put(kv2, "a", map[string]any{"password": "two"})
	require.Equal(t, "one", password(kv2+"/a", vaultapi.Latest), "the latest is known for a while")
	w.clock.advance(31 * time.Second)
	require.Equal(t, "two", password(kv2+"/a", vaultapi.Latest))
	require.NoError(t, c.Write(w.write, kv2+"/a", text("password", "three")))
	require.Equal(t, "three", password(kv2+"/a", vaultapi.Latest), "what this client writes counts at once")
	require.Equal(t, "one", password(kv2+"/a", 1))
}

func TestWritesHappenOnceAndOnlyWithinApply(t *testing.T) {
	w := newWorld(t)
	kv1, kv2 := w.mount(1), w.mount(2)
	c := w.open(kv1, kv2)
	for _, path := range []string{kv1 + "/a", kv2 + "/a"} {
		for name, refused := range map[string]error{
			"write": c.Write(t.Context(), path, text("x", "1")), "force": c.ForceWrite(t.Context(), path, text("x", "1")),
			"version": c.WriteVersion(t.Context(), path, text("x", "1"), 0), "delete": c.Delete(t.Context(), path),
		} {
			require.True(t, apierr.Is(refused, apierr.Guard), "%s %s: %v", name, path, refused)
			require.ErrorContains(t, refused, path)
		}
	}
	require.Empty(t, w.calls.Calls(), "a refused write sends nothing")

	for range 2 {
		require.NoError(t, c.Write(w.write, kv2+"/a", text("x", "1")))
		require.NoError(t, c.Write(w.write, kv1+"/a", text("x", "1")))
	}
	require.Equal(t, 1, w.versions(kv2, "a"), "equal content makes no version")
	require.Equal(t, 4-1, len(w.calls.Writes())-w.count("/login"), "KV v1 is written each time")
	require.NoError(t, c.ForceWrite(w.write, kv2+"/a", text("x", "1")))
	require.Equal(t, 2, w.versions(kv2, "a"), "unless forced")

	require.NoError(t, c.WriteVersion(w.write, kv2+"/a", text("x", "3"), 2))
	err := c.WriteVersion(w.write, kv2+"/a", text("x", "3"), 2)
	require.ErrorIs(t, err, vaultapi.ErrVersionConflict)
	require.True(t, apierr.Is(err, apierr.Conflict))
	require.NoError(t, c.WriteVersion(w.write, kv2+"/new", text("x", "1"), 0))
	require.Error(t, c.WriteVersion(w.write, kv2+"/new", text("x", "1"), 0))

	_, err = w.root.Logical().Delete(kv2 + "/data/new")
	require.NoError(t, err)
	found, err := c.Fetch(t.Context(), kv2+"/new", vaultapi.Latest)
	require.ErrorIs(t, err, vaultapi.ErrVersionNotFound)
	require.Equal(t, 1, found.Version, "the number of a deleted version is known")
	require.NoError(t, c.Write(w.write, kv2+"/new", text("x", "2")), "a deleted secret is written anew")
	require.Equal(t, 2, w.versions(kv2, "new"))

	for range 2 {
		require.NoError(t, c.Delete(w.write, kv1+"/a"), "deleting twice is success")
	}
	require.ErrorIs(t, second(c.Get(t.Context(), kv1+"/a", 0)), vaultapi.ErrSecretNotFound)
}

func TestData(t *testing.T) {
	w := newWorld(t)
	mount := w.mount(2)
	w.put(mount, "a", map[string]any{"text": clear, "number": 1234567, "flag": true, "none": nil, "deep": map[string]any{"a": []any{clear}}})
	found, err := w.open(mount).Get(t.Context(), mount+"/a", 1)
	require.NoError(t, err)
	for name, want := range map[string]string{"text": clear, "number": "1234567", "flag": "true", "none": "", "deep": `{"a":["` + clear + `"]}`} {
		require.Equal(t, want, found.Data.Fields()[name].Reveal())
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, value := range []any{found, &found, found.Data, &found.Data, struct{ S vaultapi.Secret }{found}, struct{ s *vaultapi.Secret }{&found}} {
			require.NotContains(t, fmt.Sprintf(verb, value), clear, verb)
		}
	}
	_, err = json.Marshal(found)
	require.ErrorContains(t, err, "cannot be serialised")

	_, err = vaultapi.FromBase64(map[string]string{"cert": clear + "!"})
	require.True(t, apierr.Is(err, apierr.Invalid))
	require.ErrorContains(t, err, "field cert")
	require.NotContains(t, err.Error(), clear)
	_, err = vaultapi.FromBase64(map[string]string{"cert": "/w=="})
	require.True(t, apierr.Is(err, apierr.Invalid), "bytes that are no text")
	decoded, err := vaultapi.FromBase64(map[string]string{"cert": "aHVu\ndGVyMg==", "empty": ""})
	require.NoError(t, err)
	require.True(t, decoded.Equal(text("cert", clear, "empty", "")))
	require.False(t, decoded.Equal(text("cert", clear)))
}

func TestABadAddressIsNamed(t *testing.T) {
	for _, address := range []string{"", "vault.example", "ftp://vault.example", "http://"} {
		_, err := vaultapi.New(vaultapi.Config{Address: address})
		require.True(t, apierr.Is(err, apierr.Invalid), address)
		require.ErrorContains(t, err, fmt.Sprintf("%q", address))
	}
}
