// Package probes has Prometheus look at the endpoints of applications from outside. A provider is an exporter that does so;
// it gets a Probe with all endpoints whose datafiles name it. Integrations say which kind of provider is theirs, and how
// its Probe is made.
package probes

import (
	"github.com/app-sre/qontract-temporal/internal/appinterface"
)

// Provider is a provider of app-interface as far as all kinds of it are alike. Queries bind to it what they select.
type Provider struct {
	Path string `json:"path"`
	Name string `json:"name"`
	// Provider is its kind.
	Provider     string            `json:"provider"`
	MetricLabels appinterface.JSON `json:"metricLabels"`
	// Timeout and CheckInterval are durations as Prometheus writes them; empty where none is given.
	Timeout       string `json:"timeout"`
	CheckInterval string `json:"checkInterval"`
	// BlackboxExporter and SignalFx are there for providers of their kind, where they are selected.
	BlackboxExporter *Exporter `json:"blackboxExporter"`
	SignalFx         *Exporter `json:"signalFx"`
}

// Exporter says where a provider's exporter is, and where its Probe belongs.
type Exporter struct {
	Namespace   Namespace `json:"namespace"`
	ExporterURL string    `json:"exporterUrl"`
	// Module is that of a Blackbox exporter.
	Module string `json:"module"`
	// TargetFilterLabel is the metrics' label with the name of the endpoint, of SignalFx.
	TargetFilterLabel string `json:"targetFilterLabel"`
}

// Namespace is that of an exporter.
type Namespace struct {
	Name    string               `json:"name"`
	Delete  *bool                `json:"delete"`
	Cluster appinterface.Cluster `json:"cluster"`
}

// Endpoint is one of an application. Queries bind to it what they select.
type Endpoint struct {
	Name       string `json:"name"`
	URL        string `json:"url"`
	Monitoring []struct {
		// Provider is nil for one that app-interface does not have.
		Provider *struct {
			Path string `json:"path"`
		} `json:"provider"`
	} `json:"monitoring"`
}
