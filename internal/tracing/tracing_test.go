package tracing_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/tracing"
)

func TestTracesAreSentWhereTheEnvironmentSaysSo(t *testing.T) {
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls++ }))
	defer server.Close()
	const endpoint, own = "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	for _, tc := range []struct {
		name        string
		environment map[string]string
		on          bool
		err         string
	}{
		{"nothing is said", nil, false, ""},
		{"an endpoint", map[string]string{endpoint: server.URL}, true, ""},
		{"an endpoint of traces alone", map[string]string{own: server.URL}, true, ""},
		{"switched off", map[string]string{endpoint: server.URL, "OTEL_SDK_DISABLED": "TRUE"}, false, ""},
		{"without an exporter of traces", map[string]string{endpoint: server.URL, "OTEL_TRACES_EXPORTER": "none"}, false, ""},
		{"the protocol that there is", map[string]string{endpoint: server.URL, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, true, ""},
		{"another protocol", map[string]string{endpoint: server.URL, "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, false, "OTEL_EXPORTER_OTLP_PROTOCOL=grpc: traces are sent by http/protobuf only"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			traces, err := tracing.FromEnvironment(t.Context(), "test", func(name string) string { return tc.environment[name] })
			if tc.err != "" {
				require.ErrorContains(t, err, tc.err)
				require.True(t, apierr.Is(err, apierr.Invalid))
				return
			}
			require.NoError(t, err)
			require.Equal(t, tc.on, len(traces.Interceptors) > 0)
			traces.Stop()
		})
	}
	require.Zero(t, calls, "without spans nobody is asked")
}
