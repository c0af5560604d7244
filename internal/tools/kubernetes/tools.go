//go:build tools

// Package tools pins the release of Kubernetes whose API server the tests and the demonstration run.
package tools

import _ "k8s.io/kubernetes/cmd/kube-apiserver"
