package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/app-sre/qontract-temporal/integrations"
	"github.com/app-sre/qontract-temporal/internal/payload"
)

func TestTheCodecServerDecodes(t *testing.T) {
	t.Setenv(payload.EnvStore, payload.Folder(t.TempDir()))
	t.Setenv(payload.EnvKeys, "env:KEYS_OF_TEST")
	t.Setenv("KEYS_OF_TEST", "k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
	t.Setenv(envCodecToken, "correct horse")
	ctx, stop := context.WithCancel(t.Context())
	address := make(chan string, 1)
	ended := make(chan int, 1)
	go func() {
		ended <- execute(ctx, program{
			args:  []string{"codec-server", "--listen", "127.0.0.1:0", "--origin", "https://temporal.example"},
			stdin: strings.NewReader(""), stderr: io.Discard, families: integrations.All(), getenv: func(string) string { return "" },
			stdout: &listener{heard: func(said string) {
				address <- regexp.MustCompile(`http://\S+`).FindString(said)
			}},
		})
	}()
	url := <-address

	p, err := payload.Open(t.Context(), payload.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, p.Close()) }()
	encoded, err := p.Converter.ToPayload("team-a")
	require.NoError(t, err)
	body, err := protojson.Marshal(&common.Payloads{Payloads: []*common.Payload{encoded}})
	require.NoError(t, err)
	for token, want := range map[string]int{"": http.StatusUnauthorized, "correct horse": http.StatusOK} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/decode", bytes.NewReader(body))
		require.NoError(t, err)
		r.Header.Set("Origin", "https://temporal.example")
		r.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, want, resp.StatusCode)
		if want == http.StatusOK {
			var answer common.Payloads
			require.NoError(t, protojson.Unmarshal(text, &answer))
			require.JSONEq(t, `"team-a"`, string(answer.GetPayloads()[0].GetData()))
		}
	}
	stop()
	require.Equal(t, exitSuccess, <-ended)
}

func TestACodecServerThatIsNotSafeDoesNotStart(t *testing.T) {
	for _, tc := range []struct {
		name string
		args []string
		code int
		err  string
	}{
		{"all addresses without a token", []string{"--listen", ":8234"}, exitUsage, "--token is needed"},
		{"another machine's address without a token", []string{"--listen", "192.0.2.1:8234"}, exitUsage, "--token is needed"},
		{"a token on the command line", []string{"--token", "hunter2"}, exitUsage, "--token: expected file:PATH or env:NAME"},
		{"an origin with a slash", []string{"--origin", "https://temporal.example/"}, exitUsage, "no slash at its end"},
		{"keys that are not there", []string{"--payload-keys", "file:/nonexistent"}, exitFailure, "the keys of payloads"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := starter(t, append([]string{"codec-server"}, tc.args...)...)
			require.Equal(t, tc.code, a.code, a.stderr)
			require.Contains(t, a.stderr, tc.err)
			require.NotContains(t, a.stderr, "hunter2")
		})
	}
}

func TestTheChartKnowsTheFlagsOfTheCodecServer(t *testing.T) {
	template, err := os.ReadFile("../deploy/chart/qontract-temporal/templates/codec.yaml")
	require.NoError(t, err)
	given := regexp.MustCompile(`(?m)^ +- --([a-z-]+)=`).FindAllStringSubmatch(string(template), -1)
	require.Len(t, given, 3)
	flags := (&program{}).codecServerCommand().Flags()
	for _, flag := range given {
		require.NotNil(t, flags.Lookup(flag[1]), "codec-server has no flag --%s", flag[1])
	}
}
