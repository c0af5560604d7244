//go:build tools

// Package tools pins Prometheus' promtool, which tests the alert rules.
package tools

import _ "github.com/prometheus/prometheus/cmd/promtool"
