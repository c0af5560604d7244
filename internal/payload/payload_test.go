package payload_test

import (
	"crypto/rand"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/payload"
)

// key is a line of a file of keys.
func key(t *testing.T, id string) string {
	t.Helper()
	raw := make([]byte, 32)
	_, err := rand.Read(raw)
	require.NoError(t, err)
	return id + " " + base64.StdEncoding.EncodeToString(raw) + "\n"
}

// open opens a pipeline with a folder of its own and the keys, the first of which encrypts.
func open(t *testing.T, keys ...string) *payload.Pipeline {
	t.Helper()
	o := payload.Options{Store: payload.Folder(t.TempDir())}
	if len(keys) > 0 {
		path := filepath.Join(t.TempDir(), "keys")
		require.NoError(t, os.WriteFile(path, []byte("# keys of the test\n\n"+strings.Join(keys, "")), 0o600))
		o.Keys = "file:" + path
	}
	p, err := payload.Open(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

// encode turns a value into a payload.
func encode(t *testing.T, p *payload.Pipeline, value any) *common.Payload {
	t.Helper()
	encoded, err := p.Converter.ToPayload(value)
	require.NoError(t, err)
	return encoded
}

func form(p *common.Payload) string { return string(p.GetMetadata()[converter.MetadataEncoding]) }

// words is a text of n bytes that compresses well, with a mark in it.
func words(n int) string { return strings.Repeat("resource quota of team payments; ", n/33+1)[:n] }

func TestRoundTrips(t *testing.T) {
	noise := rand.Text() + rand.Text()
	for len(noise) < 4<<10 {
		noise += rand.Text()
	}
	for _, tc := range []struct {
		name         string
		value        string
		clear, keyed string
	}{
		{"a small payload stays readable", "team-a", "json/plain", "binary/encrypted"},
		{"a payload under the threshold is left alone", words(1000), "json/plain", "binary/encrypted"},
		{"a larger payload is compressed", words(64 << 10), "binary/zstd", "binary/encrypted"},
		{"noise that would not get smaller is left alone", noise, "json/plain", "binary/encrypted"},
		{"nothing is something too", "", "json/plain", "binary/encrypted"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for p, want := range map[*payload.Pipeline]string{open(t): tc.clear, open(t, key(t, "k1")): tc.keyed} {
				encoded := encode(t, p, tc.value)
				require.Equal(t, want, form(encoded))
				if want == "binary/encrypted" && tc.value != "" {
					require.NotContains(t, string(encoded.GetData()), tc.value[:6])
				}
				var decoded string
				require.NoError(t, p.Converter.FromPayload(encoded, &decoded))
				require.Equal(t, tc.value, decoded)
			}
		})
	}
}

func TestCompressionOfAStateIsWorthIt(t *testing.T) {
	encoded := encode(t, open(t), words(1<<20))
	require.Less(t, proto.Size(encoded), 1<<12)
}

func TestAPassedValueStaysAsItIs(t *testing.T) {
	for name, p := range map[string]*payload.Pipeline{"compressed": open(t), "encrypted": open(t, key(t, "k1"))} {
		t.Run(name, func(t *testing.T) {
			sent, err := p.Converter.ToPayloads("scope", words(64<<10))
			require.NoError(t, err)
			var scope string
			var state converter.RawValue
			require.NoError(t, p.Converter.FromPayloads(sent, &scope, &state))
			require.Equal(t, "scope", scope)
			passed, err := p.Converter.ToPayloads("other", state)
			require.NoError(t, err)
			require.True(t, proto.Equal(sent.GetPayloads()[1], passed.GetPayloads()[1]), "the same bytes, which the store keeps once")
			var text string
			require.NoError(t, p.Converter.FromPayloads(passed, &scope, &text))
			require.Equal(t, words(64<<10), text)
		})
	}
	t.Run("a value of the SDK's own is encrypted", func(t *testing.T) {
		metadata, err := converter.GetDefaultDataConverter().ToPayload("current details")
		require.NoError(t, err)
		require.Equal(t, "binary/encrypted", form(encode(t, open(t, key(t, "k1")), converter.NewRawValue(metadata))))
	})
	t.Run("a value that is not there keeps what it is", func(t *testing.T) {
		p := open(t)
		sent, err := p.Converter.ToPayloads("one")
		require.NoError(t, err)
		one, two := "", "as it was"
		require.NoError(t, p.Converter.FromPayloads(sent, &one, &two))
		require.Equal(t, "as it was", two)
		require.NoError(t, p.Converter.FromPayloads(nil, &one))
	})
}

func TestKeysRotate(t *testing.T) {
	first, second := key(t, "2026-10"), key(t, "2026-11")
	before := encode(t, open(t, first), "old")
	rotated := open(t, second, first)
	after := encode(t, rotated, "new")
	require.Equal(t, "2026-10", string(before.GetMetadata()["encryption-key-id"]))
	require.Equal(t, "2026-11", string(after.GetMetadata()["encryption-key-id"]))

	var text string
	require.NoError(t, rotated.Converter.FromPayload(before, &text))
	require.Equal(t, "old", text)
	require.NoError(t, open(t, first, second).Converter.FromPayload(after, &text), "a worker that knows the new key already")
	require.Equal(t, "new", text)
	require.ErrorContains(t, open(t, second).Converter.FromPayload(before, &text), `the key "2026-10", which is not among the keys`)
	require.ErrorContains(t, open(t).Converter.FromPayload(before, &text), `the key "2026-10", which is not among the keys`)
}

func TestEncryptionCanBeTurnedOn(t *testing.T) {
	var text string
	require.NoError(t, open(t, key(t, "k1")).Converter.FromPayload(encode(t, open(t), words(4<<10)), &text))
	require.Equal(t, words(4<<10), text)
}

func TestTamperingIsNoticed(t *testing.T) {
	shared := key(t, "k1")
	twin := "k2 " + strings.TrimPrefix(shared, "k1 ")
	p := open(t, shared, twin)
	for _, tc := range []struct {
		name   string
		change func(*common.Payload)
	}{
		{"a bit of the text", func(p *common.Payload) { p.Data[20] ^= 1 }},
		{"a bit of the nonce", func(p *common.Payload) { p.Data[0] ^= 1 }},
		{"a bit of the tag", func(p *common.Payload) { p.Data[len(p.Data)-1] ^= 1 }},
		{"a missing end", func(p *common.Payload) { p.Data = p.Data[:len(p.Data)-1] }},
		{"hardly anything", func(p *common.Payload) { p.Data = p.Data[:3] }},
		{"nothing", func(p *common.Payload) { p.Data = nil }},
		{"the ID of the key", func(p *common.Payload) { p.Metadata["encryption-key-id"] = []byte("k2") }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			encoded := encode(t, p, "a value that nobody may change")
			tc.change(encoded)
			var text string
			require.ErrorContains(t, p.Converter.FromPayload(encoded, &text), "cannot be decrypted with the key")
			require.Empty(t, text)
		})
	}
}

func TestNoTwoCiphertextsAreAlike(t *testing.T) {
	p := open(t, key(t, "k1"))
	first, second := encode(t, p, "same"), encode(t, p, "same")
	require.NotEqual(t, first.GetData(), second.GetData())
}

func TestABrokenCompressionIsAnError(t *testing.T) {
	encoded := encode(t, open(t), words(4<<10))
	encoded.Data = encoded.GetData()[:len(encoded.GetData())/2]
	var text string
	require.ErrorContains(t, open(t).Converter.FromPayload(encoded, &text), "decompress a payload")
}

func TestOptionsThatAreWrong(t *testing.T) {
	folder := t.TempDir()
	secret := base64.StdEncoding.EncodeToString(make([]byte, 16))
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "keys")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return "file:" + path
	}
	t.Setenv("KEYS_OF_TEST", "k1 "+secret)
	for _, tc := range []struct {
		name string
		o    payload.Options
		err  string
	}{
		{"a key on the command line", payload.Options{Keys: "k1 " + secret}, "expected file:PATH or env:NAME"},
		{"a file that is not there", payload.Options{Keys: "file:/nonexistent"}, "no such file"},
		{"an empty variable", payload.Options{Keys: "env:NOT_SET_AT_ALL"}, "env:NOT_SET_AT_ALL is empty"},
		{"a short key", payload.Options{Keys: "env:KEYS_OF_TEST"}, "line 1: the key k1 is not 32 bytes"},
		{"a key that is no base64", payload.Options{Keys: write("k1 !!!\n")}, "line 1: the key k1 is not 32 bytes"},
		{"no ID", payload.Options{Keys: write("# keys\n" + strings.Repeat("A", 43) + "=\n")}, "line 2: expected an ID"},
		{"only comments", payload.Options{Keys: write("# none yet\n")}, "there is no key"},
		{"an ID twice", payload.Options{Keys: write(key(t, "k1") + key(t, "k1"))}, "line 2: the key k1 stands there twice"},
		{"an unknown kind of store", payload.Options{Store: "ftp://example/payloads"}, `ftp://example/payloads: open blob.Bucket`},
		{"a folder that cannot be made", payload.Options{Store: payload.Folder(filepath.Join(folder, "file", "in"))}, "set QONTRACT_PAYLOAD_STORE"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.NoError(t, os.WriteFile(filepath.Join(folder, "file"), nil, 0o600))
			if tc.o.Store == "" {
				tc.o.Store = payload.Folder(folder)
			}
			_, err := payload.Open(t.Context(), tc.o)
			require.ErrorContains(t, err, tc.err)
			require.True(t, apierr.Is(err, apierr.Invalid))
			require.NotContains(t, err.Error(), secret)
		})
	}
}

func TestTheEnvironmentFillsInOptions(t *testing.T) {
	folder := payload.Folder(t.TempDir())
	t.Setenv(payload.EnvStore, folder)
	t.Setenv(payload.EnvKeys, "env:KEYS_OF_TEST")
	t.Setenv("KEYS_OF_TEST", key(t, "k1"))
	p, err := payload.Open(t.Context(), payload.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, p.Close()) }()
	require.Equal(t, folder, p.Store())
	require.Equal(t, "binary/encrypted", form(encode(t, p, "text")))
}

func TestWithoutOptionsTheStoreIsAFolderInTheCache(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache)
	t.Setenv(payload.EnvStore, "")
	p, err := payload.Open(t.Context(), payload.Options{})
	require.NoError(t, err)
	require.NoError(t, p.Close())
	require.Contains(t, p.Store(), "qontract-temporal/payloads")
	require.Contains(t, p.Store(), filepath.ToSlash(cache))
}
