package probes

import (
	"cmp"
	"net/url"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Prober is the address of an exporter, as a Probe has it.
type Prober struct{ Scheme, Host, Path string }

// Spec is the part of a Probe that differs from kind to kind of provider.
type Spec struct {
	Prober Prober
	// Module is empty where the exporter has none.
	Module string
	// Relabeling are the rules for the metrics' labels.
	Relabeling []any
	// Targets are what the exporter is asked for.
	Targets []string
}

// DropNamespace keeps the namespace of the exporter out of the metrics.
func DropNamespace() map[string]any {
	return map[string]any{"action": "labeldrop", "regex": "namespace"}
}

// probe is the Probe of a provider. Its hash is part of running estates: names and texts are the reference's.
func (i Integration) probe(p Provider, exporter Exporter, endpoints []Endpoint) (map[string]any, error) {
	prober, err := parseProber(exporter.ExporterURL)
	if err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "provider %s (%s): %w", p.Name, p.Path, err)
	}
	labels := map[string]any{}
	if err := p.MetricLabels.Decode(&labels); err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "provider %s (%s): metricLabels are not names and values: %w", p.Name, p.Path, err)
	}
	own := i.Spec(p, prober, endpoints)
	targets := make([]any, len(own.Targets))
	for i, target := range own.Targets {
		targets[i] = target
	}
	spec := map[string]any{
		"jobName":  p.Name,
		"interval": cmp.Or(p.CheckInterval, "10s"),
		"prober":   own.Prober.body(),
		"targets": map[string]any{"staticConfig": map[string]any{
			"relabelingConfigs": own.Relabeling, "labels": labels, "static": targets,
		}},
	}
	if own.Module != "" {
		spec["module"] = own.Module
	}
	if p.Timeout != "" {
		spec["scrapeTimeout"] = p.Timeout
	}
	return map[string]any{
		"apiVersion": "monitoring.coreos.com/v1",
		"kind":       kind,
		"metadata": map[string]any{
			"name": p.Name, "namespace": exporter.Namespace.Name, "labels": map[string]any{"prometheus": "app-sre"},
		},
		"spec": spec,
	}, nil
}

// parseProber reads the URL of an exporter.
func parseProber(text string) (Prober, error) {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return Prober{}, apierr.Errorf(apierr.Invalid, "exporterUrl %q is no URL with http:// or https://: correct it", text)
	}
	return Prober{Scheme: parsed.Scheme, Host: parsed.Host, Path: parsed.EscapedPath()}, nil
}

func (p Prober) body() map[string]any {
	body := map[string]any{"url": p.Host, "scheme": p.Scheme}
	if p.Path != "" {
		body["path"] = p.Path
	}
	return body
}
