//go:build tools

// Package tools pins the release of etcd that stores the objects of the Kubernetes API server in tests and in the demonstration.
package tools

import _ "go.etcd.io/etcd/server/v3"
