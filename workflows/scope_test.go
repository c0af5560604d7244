package workflows

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestABatchGrowsWithThePlan(t *testing.T) {
	for _, tc := range []struct{ changes, size, batches int }{
		{1, 1, 1}, {50, 1, 50}, {51, 100, 1}, {20_000, 100, 200}, {100_000, 100, 1000}, {100_001, 101, 991}, {500_000, 500, 1000},
	} {
		size := sizeOfBatch(tc.changes)
		require.Equal(t, tc.size, size, "%d changes", tc.changes)
		require.Equal(t, tc.batches, (tc.changes+size-1)/size, "%d changes", tc.changes)
	}
}
