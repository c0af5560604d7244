package leaktest

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/trace"
)

// Spans is an exporter that looks at each span: its name, its attributes, its errors and its events.
func (w *Watch) Spans() trace.SpanExporter { return spans{w} }

type spans struct{ watch *Watch }

// ExportSpans implements trace.SpanExporter.
func (s spans) ExportSpans(_ context.Context, ended []trace.ReadOnlySpan) error {
	for _, span := range ended {
		s.watch.Text("the name of a span", span.Name())
		s.watch.Text("the status of the span "+span.Name(), span.Status().Description)
		s.attributes("the span "+span.Name(), span.Attributes())
		for _, event := range span.Events() {
			s.watch.Text("an event of the span "+span.Name(), event.Name)
			s.attributes("an event of the span "+span.Name(), event.Attributes)
		}
	}
	return nil
}

// Shutdown implements trace.SpanExporter.
func (spans) Shutdown(context.Context) error { return nil }

func (s spans) attributes(where string, all []attribute.KeyValue) {
	for _, one := range all {
		s.watch.Text("an attribute of "+where, string(one.Key))
		s.watch.Text("the attribute "+string(one.Key)+" of "+where, one.Value.String())
	}
}
