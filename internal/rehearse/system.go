package rehearse

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// system is a kind of external system that cases can have.
type system struct {
	// name is the folder below estate/ and after/.
	name string
	// schema and urlField say which datafiles describe one and where its address stands in them. Both are empty for a
	// system that no datafile describes: a case has one of it where it has a file for it below estate/.
	schema, urlField string
	// alsoField is another field with a URL that leads to the same system, by a path of its own.
	alsoField string
	// knows says that the estate's file names the addresses of the case's other systems, and tokens of its clusters by their
	// placeholders. Such a system is started after the others.
	knows bool
	// address is what a system that no datafile describes has in plans.
	address string
	start   func(ctx context.Context, s *Stage, name string, estate []byte) (target, error)
}

// target is one system of a case: a cluster, an instance.
type target interface {
	// URL is the address to put into the datafiles.
	URL() string
	// Faults records its calls and makes one fail.
	Faults() *fault.Injector
	// Dump returns what is there, in a stable form. It may leave out what no earlier dump, given as seen, had a kind of.
	Dump(ctx context.Context, seen ...string) ([]byte, error)
	// Hang makes it unreachable; Dump goes on to work.
	Hang() error
	Close() error
}

func systems() []system {
	return []system{
		{name: "aws", address: "https://amazonaws.com", start: startAWS},
		{name: "github", address: "https://api.github.com", start: startGitHub},
		{name: "gitlab", schema: "/dependencies/gitlab-instance-1.yml", urlField: "url", start: startGitLab},
		{name: "jenkins", schema: "/dependencies/jenkins-instance-1.yml", urlField: "serverUrl", start: startJenkins},
		{name: "kubernetes", schema: "/openshift/cluster-1.yml", urlField: "serverUrl", start: startCluster},
		{
			name: "ocm", schema: "/openshift/openshift-cluster-manager-environment-1.yml", urlField: "url", alsoField: "accessTokenUrl",
			knows: true, start: startOCM,
		},
		{name: "prometheus", schema: "/dependencies/prometheus-instance-1.yml", urlField: "baseUrl", start: startPrometheus},
		{name: "quay", schema: "/dependencies/quay-instance-1.yml", urlField: "url", start: startQuay},
		{name: "registry", address: "https://registry.example.com", start: startRegistry},
		{name: "slack", address: "https://slack.com", start: startSlack},
		{name: "state", address: "https://s3.amazonaws.com", start: startState},
		{name: "temporal", address: "temporal.example:7233", start: startTemporal},
		{name: "vault", schema: "/vault-config/instance-1.yml", urlField: "address", start: startVault},
	}
}
