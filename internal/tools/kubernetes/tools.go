//go:build tools

// Package tools pins the release of Kubernetes: its API server, which the tests and the demonstration run, and kubectl, which the
// benchmarks compare with.
package tools

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kubectl"
)
