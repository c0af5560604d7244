// Package tools knows the releases of the programs that tests, checks and the demonstration run: Temporal's development server,
// etcd, the Kubernetes API server with its controllers, Vault with its Kubernetes login, Unleash, Helm, Prometheus' promtool, and the linters.
// install.sh installs them from the same list; the modules and lock files in the folders beside it pin what they are made from.
package tools

import (
	_ "embed"
	"strings"
)

//go:embed versions.txt
var versions string

// Version is the release of the named tool, without a leading v; ok is false for a tool that install.sh does not know.
func Version(name string) (version string, ok bool) {
	for line := range strings.Lines(versions) {
		if fields := strings.Fields(line); len(fields) == 2 && fields[0] == name {
			return fields[1], true
		}
	}
	return "", false
}
