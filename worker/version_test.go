package main

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/worker"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

func TestTheVersionOfAWorker(t *testing.T) {
	const revision = "0123456789abcdef0123456789abcdef01234567"
	built := func(settings ...debug.BuildSetting) func() (*debug.BuildInfo, bool) {
		return func() (*debug.BuildInfo, bool) { return &debug.BuildInfo{Settings: settings}, true }
	}
	known := built(debug.BuildSetting{Key: "vcs.revision", Value: revision}, debug.BuildSetting{Key: "vcs.modified", Value: "false"})
	for _, tc := range []struct {
		name  string
		flags versionFlags
		read  func() (*debug.BuildInfo, bool)
		want  worker.WorkerDeploymentVersion
		err   string
	}{
		{"without flags there is none", versionFlags{deployment: "estate"}, known, worker.WorkerDeploymentVersion{}, ""},
		{"a build is named", versionFlags{deployment: "estate", buildID: "v1-2"}, known, worker.WorkerDeploymentVersion{DeploymentName: "estate", BuildID: "v1-2"}, ""},
		{"the revision names it", versionFlags{deployment: "estate", versioned: true}, known, worker.WorkerDeploymentVersion{DeploymentName: "estate", BuildID: "0123456789ab"}, ""},
		{
			"changed files are told", versionFlags{deployment: "estate", versioned: true},
			built(debug.BuildSetting{Key: "vcs.revision", Value: revision}, debug.BuildSetting{Key: "vcs.modified", Value: "true"}),
			worker.WorkerDeploymentVersion{DeploymentName: "estate", BuildID: "0123456789ab-modified"}, "",
		},
		{
			"an image of its own is a deployment of its own", versionFlags{deployment: "estate", buildID: "v1", queueSuffix: "-prod-1"}, known,
			worker.WorkerDeploymentVersion{DeploymentName: "estate-prod-1", BuildID: "v1"}, "",
		},
		{"an unknown revision is refused", versionFlags{deployment: "estate", versioned: true}, built(), worker.WorkerDeploymentVersion{}, "name the build with --build-id"},
		{"a build that Kubernetes cannot name is refused", versionFlags{deployment: "estate", buildID: "V1.2"}, known, worker.WorkerDeploymentVersion{}, `--build-id "V1.2"`},
		{"a deployment that Temporal cannot name is refused", versionFlags{deployment: "es.tate", buildID: "v1"}, known, worker.WorkerDeploymentVersion{}, `--deployment "es.tate"`},
		{"a suffix without its dash is refused", versionFlags{deployment: "estate", queueSuffix: "prod-1"}, known, worker.WorkerDeploymentVersion{}, `--queue-suffix "prod-1"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := tc.flags.version(tc.read)
			if tc.err != "" {
				require.ErrorContains(t, err, tc.err)
				require.True(t, apierr.Is(err, apierr.Invalid))
				return
			}
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
		})
	}
}
