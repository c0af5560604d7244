package main

import (
	"io"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheChartKnowsTheFlags(t *testing.T) {
	template, err := os.ReadFile("../deploy/chart/qontract-temporal/templates/worker.yaml")
	require.NoError(t, err)
	given := regexp.MustCompile(`(?m)^ +- (?:\{\{ printf ")?--([a-z-]+)=`).FindAllStringSubmatch(string(template), -1)
	require.GreaterOrEqual(t, len(given), 8)
	flags := command(nil, io.Discard).Flags()
	for _, flag := range given {
		require.NotNil(t, flags.Lookup(flag[1]), "the worker has no flag --%s", flag[1])
	}
}
