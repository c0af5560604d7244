package deploy_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

func TestTheImageIsMinimal(t *testing.T) {
	text, err := os.ReadFile("Containerfile")
	require.NoError(t, err)
	stages := strings.Split(string(text), "\nFROM ")
	require.Len(t, stages, 3, "one stage builds, the other is the image")
	build, image := stages[1], stages[2]
	require.Contains(t, build, "-trimpath")
	require.Contains(t, build, "CGO_ENABLED=0")
	require.Contains(t, build, "./worker ./starter")
	require.Contains(t, build, "-o /image/usr/local/bin/promtool ", "the tool that prometheus-rules-tester runs")
	require.Contains(t, image, "PATH=/usr/local/bin ", "where it looks for the tool")
	require.True(t, strings.HasPrefix(image, "scratch\n"), "nothing but our programs")
	require.Regexp(t, `(?m)^USER [1-9][0-9]*:[1-9][0-9]*$`, image, "a number, so that the cluster can see that it is not root")
	require.NotContains(t, image, "\nRUN ", "there is no shell")

	compiler := regexp.MustCompile(`GO_IMAGE=docker\.io/library/golang:([0-9]+\.[0-9]+\.[0-9]+)-`).FindStringSubmatch(stages[0])
	require.NotNil(t, compiler, "the compiler has a version")
	module, err := os.ReadFile("../go.mod")
	require.NoError(t, err)
	parsed, err := modfile.Parse("go.mod", module, nil)
	require.NoError(t, err)
	require.GreaterOrEqual(t, semver.Compare("v"+compiler[1], "v"+parsed.Go.Version), 0, "the compiler is too old for go.mod")
}
