package payload_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/sdk/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

const page = "https://temporal.example"

// codec serves a pipeline.
func codec(t *testing.T, p *payload.Pipeline, token secret.Value) *httptest.Server {
	t.Helper()
	handler, err := p.Server(payload.ServerOptions{Origins: []string{page}, Token: token})
	require.NoError(t, err)
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s
}

// ask sends payloads as the UI does.
func ask(t *testing.T, s *httptest.Server, method, path string, header map[string]string, payloads ...*common.Payload) (*http.Response, string) {
	t.Helper()
	body, err := protojson.Marshal(&common.Payloads{Payloads: payloads})
	require.NoError(t, err)
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, bytes.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/json")
	for name, value := range header {
		r.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(text)
}

func decoded(t *testing.T, text string) []*common.Payload {
	t.Helper()
	var payloads common.Payloads
	require.NoError(t, protojson.Unmarshal([]byte(text), &payloads), text)
	return payloads.GetPayloads()
}

// reference stores a payload and returns what stands for it in a history.
func reference(t *testing.T, p *payload.Pipeline, stored *common.Payload) *common.Payload {
	t.Helper()
	claims, err := driver(t, p).Store(storing(t), []*common.Payload{stored})
	require.NoError(t, err)
	data, err := protojson.Marshal(&sdk.ExternalStorageReference{DriverName: driver(t, p).Name(), ClaimData: claims[0].ClaimData})
	require.NoError(t, err)
	return &common.Payload{Data: data, Metadata: map[string][]byte{
		converter.MetadataEncoding: []byte("json/protobuf"), converter.MetadataMessageType: []byte("temporal.api.sdk.v1.ExternalStorageReference"),
	}}
}

func TestTheUISeesWhatPayloadsSay(t *testing.T) {
	p := open(t, key(t, "k1"))
	s := codec(t, p, secret.Value{})
	large := reference(t, p, encode(t, p, words(1<<20)))

	resp, text := ask(t, s, http.MethodPost, "/decode", map[string]string{"X-Namespace": "prod"}, encode(t, p, "team-a"), large)
	require.Equal(t, http.StatusOK, resp.StatusCode, text)
	both := decoded(t, text)
	require.JSONEq(t, `"team-a"`, string(both[0].GetData()))
	require.Equal(t, `"`+words(1<<20)+`"`, string(both[1].GetData()))

	_, text = ask(t, s, http.MethodPost, "/decode?preserveStorageRefs=true", nil, large)
	require.Equal(t, "json/protobuf", form(decoded(t, text)[0]), "a reference that the page asked to keep")

	_, text = ask(t, s, http.MethodPost, "/prod/download", nil, large)
	require.Equal(t, `"`+words(1<<20)+`"`, string(decoded(t, text)[0].GetData()))

	typed, err := converter.GetDefaultDataConverter().ToPayload(map[string]string{"by": "ann"})
	require.NoError(t, err)
	_, text = ask(t, s, http.MethodPost, "/encode", nil, typed)
	var decision map[string]string
	require.Equal(t, "binary/encrypted", form(decoded(t, text)[0]))
	require.NoError(t, p.Converter.FromPayload(decoded(t, text)[0], &decision), "a worker reads what a page has encoded")
	require.Equal(t, "ann", decision["by"])
}

func TestACodecServerThatCannotDecodeSaysWhy(t *testing.T) {
	p := open(t, key(t, "k1"))
	resp, text := ask(t, codec(t, p, secret.Value{}), http.MethodPost, "/decode", nil, encode(t, open(t, key(t, "k9")), "other"))
	require.Equal(t, http.StatusBadRequest, resp.StatusCode)
	require.Contains(t, text, `the key "k9"`)
}

func TestOnlyTheUIsPagesAreLetIn(t *testing.T) {
	p := open(t)
	s := codec(t, p, secret.Value{})
	resp, _ := ask(t, s, http.MethodOptions, "/decode", map[string]string{
		"Origin": page, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,x-namespace,authorization",
	})
	require.Equal(t, http.StatusNoContent, resp.StatusCode)
	require.Equal(t, page, resp.Header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "true", resp.Header.Get("Access-Control-Allow-Credentials"))
	require.Contains(t, resp.Header.Get("Access-Control-Allow-Headers"), "X-Namespace")
	require.Contains(t, resp.Header.Get("Access-Control-Allow-Headers"), "Authorization")

	resp, _ = ask(t, s, http.MethodPost, "/decode", map[string]string{"Origin": page}, encode(t, p, "text"))
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, page, resp.Header.Get("Access-Control-Allow-Origin"))

	for _, method := range []string{http.MethodOptions, http.MethodPost} {
		resp, text := ask(t, s, method, "/decode", map[string]string{"Origin": "https://evil.example"}, encode(t, p, "text"))
		require.Equal(t, http.StatusForbidden, resp.StatusCode)
		require.Empty(t, resp.Header.Get("Access-Control-Allow-Origin"))
		require.NotContains(t, text, `"data"`)
	}
}

func TestATokenIsAskedFor(t *testing.T) {
	p := open(t)
	s := codec(t, p, secret.New("correct horse"))
	for given, want := range map[string]int{
		"": http.StatusUnauthorized, "Bearer wrong": http.StatusUnauthorized, "Basic correct horse": http.StatusUnauthorized,
		"Bearer ": http.StatusUnauthorized, "Bearer correct horse": http.StatusOK, "bearer correct horse": http.StatusOK,
	} {
		header := map[string]string{"Origin": page}
		if given != "" {
			header["Authorization"] = given
		}
		resp, text := ask(t, s, http.MethodPost, "/decode", header, encode(t, p, "text"))
		require.Equal(t, want, resp.StatusCode, given)
		require.Equal(t, want == http.StatusOK, len(text) > 0 && text[0] == '{', given)
	}
	resp, _ := ask(t, s, http.MethodOptions, "/decode", map[string]string{"Origin": page})
	require.Equal(t, http.StatusNoContent, resp.StatusCode, "browsers ask for leave without a token")
}
