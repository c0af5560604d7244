package vaultapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/vectors"
)

type vector struct {
	Kind  string `json:"kind"`
	Store struct {
		Mounts    map[string]int              `json:"mounts"`
		Secrets   map[string][]map[string]any `json:"secrets"`
		Forbidden []string                    `json:"forbidden"`
	} `json:"store"`
	Secret struct {
		Path    string             `json:"path"`
		Field   string             `json:"field"`
		Version any                `json:"version"`
		Format  string             `json:"format"`
		Data    map[string]*string `json:"data"`
	} `json:"secret"`
	Path         string `json:"path"`
	DecodeBase64 bool   `json:"decode_base64"`
	Force        bool   `json:"force"`
}

// kinds are the reference's errors.
var kinds = map[string]func(error) bool{
	"SecretVersionNotFound": is(vaultapi.ErrVersionNotFound),
	"SecretNotFound":        is(vaultapi.ErrSecretNotFound),
	"SecretAccessForbidden": is(vaultapi.ErrAccessForbidden),
	"SecretVersionIsNone":   is(vaultapi.ErrVersionMissing),
	"Base64Error":           func(err error) bool { return apierr.Is(err, apierr.Invalid) },
}

// TestVectors runs the reference's outputs against a real Vault.
func TestVectors(t *testing.T) {
	recorded, err := vectors.Load("small-utilities")
	require.NoError(t, err)
	seen := 0
	for _, v := range recorded {
		var input vector
		var kind struct{ Kind string }
		require.NoError(t, json.Unmarshal(v.Input, &kind))
		if !strings.HasPrefix(kind.Kind, "vault-") || kind.Kind == "vault-secret-object" {
			continue
		}
		require.NoError(t, json.Unmarshal(v.Input, &input), v.ID)
		seen++
		t.Run(v.ID, func(t *testing.T) {
			w, here := newStore(t, input)
			switch input.Kind {
			case "vault-write":
				w.checkWrite(input, v, here)
			case "vault-delete":
				require.NoError(t, w.reader.Delete(w.write, here(input.Path)))
				_, err := w.reader.Get(t.Context(), here(input.Path), 0)
				require.ErrorIs(t, err, vaultapi.ErrSecretNotFound)
			default:
				w.checkRead(input, v, here)
			}
		})
	}
	require.Equal(t, 22, seen)
}

type store struct {
	*world
	reader *vaultapi.Client
}

// newStore fills mounts. The function it returns turns the vector's paths into those of the test's mounts.
func newStore(t *testing.T, input vector) (*store, func(string) string) {
	w := newWorld(t)
	mounts := map[string]string{}
	var rules []string
	for name, version := range input.Store.Mounts {
		mounts[name] = w.mount(version)
		rules = append(rules, all(mounts[name])...)
	}
	here := func(path string) string {
		mount, rest, more := strings.Cut(path, "/")
		if !more {
			return mounts[mount]
		}
		return mounts[mount] + "/" + rest
	}
	for path, versions := range input.Store.Secrets {
		mount, name, _ := strings.Cut(here(path), "/")
		for _, data := range versions {
			w.put(mount, name, data)
		}
	}
	for _, path := range input.Store.Forbidden {
		mount, name, _ := strings.Cut(here(path), "/")
		rules = append(rules, `path "`+mount+"/"+name+`" { capabilities = ["deny"] }`, `path "`+mount+"/data/"+name+`" { capabilities = ["deny"] }`)
	}
	return &store{w, w.client(w.role(tokenLife, rules...))}, here
}

func (s *store) checkRead(input vector, v vectors.Vector, here func(string) string) {
	var got any
	var err error
	r := secret.Ref{Path: here(input.Secret.Path), Field: input.Secret.Field, Format: input.Secret.Format}
	switch version := input.Secret.Version.(type) {
	case float64:
		number := int(version)
		r.Version = &number
	case string:
		latest := int(vaultapi.Latest)
		r.Version = &latest
	}
	if input.Kind == "vault-read_all" {
		var fields map[string]secret.Value
		fields, err = s.reader.ReadAll(s.Context(), r)
		revealed := map[string]string{}
		for name, value := range fields {
			revealed[name] = value.Reveal()
		}
		got = revealed
	} else {
		var value secret.Value
		value, err = s.reader.Read(s.Context(), r)
		got = value.Reveal()
	}
	if v.Fails() {
		require.True(s, kinds[v.Error](err), "%s: %v", v.Error, err)
		return
	}
	require.NoError(s, err)
	var want struct{ Value any }
	require.NoError(s, json.Unmarshal(v.Output, &want))
	wanted, err := json.Marshal(want.Value)
	require.NoError(s, err)
	found, err := json.Marshal(got)
	require.NoError(s, err)
	require.JSONEq(s, string(wanted), string(found))
}

func (s *store) checkWrite(input vector, v vectors.Vector, here func(string) string) {
	encoded, plain := map[string]string{}, map[string]secret.Value{}
	for name, value := range input.Secret.Data {
		if value != nil {
			encoded[name], plain[name] = *value, secret.New(*value)
			continue
		}
		encoded[name], plain[name] = "", secret.New("")
	}
	data := vaultapi.Text(plain)
	if input.DecodeBase64 {
		var err error
		data, err = vaultapi.FromBase64(encoded)
		require.NoError(s, err)
	}
	write := s.reader.Write
	if input.Force {
		write = s.reader.ForceWrite
	}
	s.calls.Reset()
	path := here(input.Secret.Path)
	require.NoError(s, write(s.write, path, data))
	var want struct{ Writes [][]any }
	require.NoError(s, json.Unmarshal(v.Output, &want))
	mount, _, _ := strings.Cut(path, "/")
	written := 0
	for _, call := range s.calls.Writes() {
		if strings.Contains(call.Path, mount) {
			written++
		}
	}
	require.Equal(s, len(want.Writes), written)
	for _, call := range want.Writes {
		found, err := s.reader.Fetch(s.Context(), path, vaultapi.Latest)
		require.NoError(s, err)
		for name, value := range call[len(call)-1].(map[string]any) {
			got, ok := found.Data.Field(name)
			require.True(s, ok)
			require.Equal(s, value, got.Reveal())
		}
	}
}
