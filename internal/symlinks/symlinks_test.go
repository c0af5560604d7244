package symlinks_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/symlinks"
)

func TestLinksAreFollowed(t *testing.T) {
	files := map[string][]byte{"chart/a": []byte("a"), "chart/sub/b": []byte("b")}
	require.NoError(t, symlinks.Resolve(files, map[string]string{
		"chart/c": "a", "chart/sub/d": "../a", "chart/e": "sub", "chart/1": "e/b",
	}))
	require.Equal(t, map[string][]byte{
		"chart/a": []byte("a"), "chart/sub/b": []byte("b"), "chart/c": []byte("a"), "chart/sub/d": []byte("a"),
		"chart/e/b": []byte("b"), "chart/e/d": []byte("a"), "chart/1": []byte("b"),
	}, files)
}

func TestALinkThatLeadsNowhereIsAnError(t *testing.T) {
	for link, target := range map[string]string{"chart/x": "../outside", "chart/y": "y"} {
		err := symlinks.Resolve(map[string][]byte{"chart/a": nil}, map[string]string{link: target})
		require.True(t, apierr.Is(err, apierr.Invalid))
		require.ErrorContains(t, err, link+" is a link to "+target)
	}
}
