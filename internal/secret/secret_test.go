package secret_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/app-sre/qontract-temporal/internal/secret"
)

const clear = "hunter2"

func TestAValueIsNeverShown(t *testing.T) {
	holder := struct {
		Name  string
		Token secret.Value
	}{"bot", secret.New(clear)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		require.NotContains(t, fmt.Sprintf(verb, holder), clear, verb)
		require.NotContains(t, fmt.Sprintf(verb, &holder), clear, verb)
		require.NotContains(t, fmt.Sprintf(verb, holder.Token), clear, verb)
	}
	deep := struct{ Inner *struct{ Token secret.Value } }{&struct{ Token secret.Value }{secret.New(clear)}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d"} {
		require.NotContains(t, fmt.Sprintf(verb, deep), clear, verb)
		require.NotContains(t, fmt.Sprintf(verb, []any{deep.Inner}), clear, verb)
	}
	require.Empty(t, secret.Value{}.Reveal())
	require.NotContains(t, fmt.Sprintf("%x", holder.Token), fmt.Sprintf("%x", clear))
	require.Equal(t, clear, holder.Token.Reveal())
}

func TestAValueIsNeverSerialised(t *testing.T) {
	_, err := json.Marshal(map[string]any{"token": secret.New(clear)})
	require.ErrorContains(t, err, "cannot be serialised")
	require.NotContains(t, err.Error(), clear)

	_, err = json.Marshal(struct{ Token *secret.Value }{new(secret.Value)})
	require.Error(t, err)

	require.Error(t, gob.NewEncoder(new(bytes.Buffer)).Encode(secret.New(clear)))
}

func TestAValueIsNeverLogged(t *testing.T) {
	core, logs := observer.New(zapcore.DebugLevel)
	zap.New(core).Info("login", zap.Any("token", secret.New(clear)), zap.Stringer("text", secret.New(clear)))
	require.NotContains(t, fmt.Sprint(logs.All()), clear)

	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("login", "token", secret.New(clear))
	require.NotContains(t, out.String(), clear)
}

func TestARefReadsAsPathAndField(t *testing.T) {
	version := 3
	require.Equal(t, "app/creds#token@3", secret.Ref{Path: "app/creds", Field: "token", Version: &version}.String())
	require.Equal(t, "app/creds#token", secret.Ref{Path: "app/creds", Field: "token"}.String())
	require.Equal(t, "app/creds", secret.Ref{Path: "app/creds"}.String())
}
