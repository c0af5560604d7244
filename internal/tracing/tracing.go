// Package tracing sends OpenTelemetry traces of runs, from the command that starts one to its steps. Where to is configured as
// for every program that does: by the OTEL_ variables.
package tracing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Tracing traces what goes through its interceptor. The zero value traces nothing.
type Tracing struct {
	// Interceptors are for the options of the client; workers of the client take them over.
	Interceptors []interceptor.ClientInterceptor
	provider     *trace.TracerProvider
}

// flush is how long Stop waits for the last spans to be sent.
const flush = 5 * time.Second

// FromEnvironment traces to OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT, and nowhere without them, with
// OTEL_SDK_DISABLED=true or with OTEL_TRACES_EXPORTER=none. Service is the name that OTEL_SERVICE_NAME replaces. A collector
// that cannot be reached holds nothing up.
func FromEnvironment(ctx context.Context, service string, getenv func(string) string) (Tracing, error) {
	if getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")+getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" ||
		strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true") || getenv("OTEL_TRACES_EXPORTER") == "none" {
		return Tracing{}, nil
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		if protocol := getenv(name); protocol != "" && protocol != "http/protobuf" {
			return Tracing{}, apierr.Errorf(apierr.Invalid, "%s=%s: traces are sent by http/protobuf only; name such an endpoint, port 4318 by custom", name, protocol)
		}
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return Tracing{}, apierr.New(apierr.Invalid, fmt.Errorf("the OTEL_ variables: %w", err))
	}
	return To(ctx, service, trace.WithBatcher(exporter))
}

// To traces to where the option says.
func To(ctx context.Context, service string, to trace.TracerProviderOption) (Tracing, error) {
	about, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", service)), resource.WithFromEnv(), resource.WithTelemetrySDK())
	if err != nil && !errors.Is(err, resource.ErrPartialResource) {
		return Tracing{}, apierr.New(apierr.Invalid, fmt.Errorf("the OTEL_ variables: %w", err))
	}
	provider := trace.NewTracerProvider(to, trace.WithResource(about))
	// Nothing of ours has baggage, and queries are polled for progress.
	traces, err := opentelemetry.NewTracingInterceptor(opentelemetry.TracerOptions{
		Tracer: provider.Tracer("qontract-temporal"), DisableBaggage: true, DisableQueryTracing: true,
		// What an older version of ours or another program has begun goes on untraced.
		AllowInvalidParentSpans: true,
	})
	if err != nil {
		return Tracing{}, fmt.Errorf("trace: %w", err)
	}
	return Tracing{Interceptors: []interceptor.ClientInterceptor{traces}, provider: provider}, nil
}

// Stop sends the spans that are left.
func (t Tracing) Stop() {
	if t.provider == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), flush)
	defer cancel()
	_ = t.provider.Shutdown(ctx)
}
