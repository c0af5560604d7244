// Package deploy tests what the system is deployed with: the compose file and the image's recipe.
package deploy_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/operatorservice/v1"

	"github.com/app-sre/qontract-temporal/internal/config"
	"github.com/app-sre/qontract-temporal/internal/connect"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak/leaktest"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
	"github.com/app-sre/qontract-temporal/internal/testkit/servers/serverstest"
	"github.com/app-sre/qontract-temporal/workflows"
)

const composeFile = "../docker-compose.temporal.yaml"

// project reads the compose file as docker compose does: what the specification does not know is an error.
func project(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{composeFile}, cli.WithProfiles([]string{"*"}), cli.WithResolvedPaths(true))
	require.NoError(t, err)
	loaded, err := options.LoadProject(t.Context())
	require.NoError(t, err)
	return loaded
}

var pinned = regexp.MustCompile(`:[0-9]+(\.[0-9]+)+$`)

func TestTheComposeFileIsSound(t *testing.T) {
	p := project(t)
	require.Subset(t, p.ServiceNames(), []string{"postgresql", "temporal", "temporal-admin", "temporal-ui", "app-interface", "worker", "starter", "codec-server"})
	for name, service := range p.Services {
		t.Run(name, func(t *testing.T) {
			if service.Build == nil {
				require.Regexp(t, pinned, service.Image, "images have a version")
			} else {
				require.FileExists(t, filepath.Join(service.Build.Context, service.Build.Dockerfile))
			}
			for dependency, on := range service.DependsOn {
				if on.Condition == types.ServiceConditionHealthy {
					require.NotNil(t, p.Services[dependency].HealthCheck, "%s is waited for until it is healthy, and nobody can tell", dependency)
				}
			}
			for _, port := range service.Ports {
				require.Equal(t, "127.0.0.1", port.HostIP, "ports are for this machine")
			}
			for _, volume := range service.Volumes {
				switch volume.Type {
				case types.VolumeTypeVolume:
					require.Contains(t, p.Volumes, volume.Source)
				case types.VolumeTypeBind:
					_, err := os.Stat(volume.Source)
					require.NoError(t, err)
				}
			}
		})
	}
	for _, name := range []string{"worker", "app-interface", "starter", "codec-server"} {
		require.True(t, p.Services[name].ReadOnly, name)
		require.Equal(t, []string{"ALL"}, p.Services[name].CapDrop, name)
	}
	require.Equal(t, p.Services["worker"].Volumes, p.Services["starter"].Volumes, "they share payloads and configuration")
}

func TestTheContainersConfigurationIsRead(t *testing.T) {
	loaded, err := config.Load("compose-config.toml")
	require.NoError(t, err)
	require.Equal(t, "http://app-interface:4000/graphql", loaded.GraphQL.Server)
}

// TestTheNamespaceIsMade runs the commands of temporal-admin on a real server, twice.
func TestTheNamespaceIsMade(t *testing.T) {
	binary, err := servers.Find("temporal")
	require.NoError(t, err)
	temporal := serverstest.Temporal(t)
	const namespace = "compose"
	service := project(t).Services["temporal-admin"]
	for range 2 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		cmd := exec.CommandContext(ctx, service.Entrypoint[0], append(service.Entrypoint[1:], service.Command...)...)
		cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(binary)+":"+os.Getenv("PATH"), "TEMPORAL_ADDRESS="+temporal.HostPort, "TEMPORAL_NAMESPACE="+namespace)
		out, err := cmd.CombinedOutput()
		cancel()
		require.NoError(t, err, string(out))
	}
	c := leaktest.New(t).Connect(t, connect.Options{Address: temporal.HostPort, Namespace: namespace})
	known, err := c.OperatorService().ListSearchAttributes(t.Context(), &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	require.NoError(t, err)
	for name, kind := range workflows.SearchAttributes() {
		require.Equal(t, kind, known.GetCustomAttributes()[name], name)
	}
}

// TestTheContainersStart needs a Docker daemon, which few machines that run tests have.
func TestTheContainersStart(t *testing.T) {
	if out, err := exec.Command("docker", "info").CombinedOutput(); err != nil {
		t.Skipf("no Docker daemon, so the compose file is only read: %s", strings.TrimSpace(string(out)))
	}
	compose := func(args ...string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
		defer cancel()
		out, err := exec.CommandContext(ctx, "docker", append([]string{"compose", "--file", composeFile, "--project-name", "qontract-test"}, args...)...).CombinedOutput()
		require.NoError(t, err, string(out))
	}
	t.Cleanup(func() { compose("down", "--volumes") })
	compose("up", "--build", "--detach", "worker", "temporal-ui")
	require.Eventually(t, func() bool {
		connection, err := net.DialTimeout("tcp", "127.0.0.1:9090", time.Second)
		if err != nil {
			return false
		}
		_ = connection.Close()
		return true
	}, 2*time.Minute, time.Second, "the worker serves its metrics")
	compose("run", "--rm", "starter", "list")
}
