package github_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/internal/standin/github"
)

const estate = `
tokens: [t0ken]
repositories:
  acme/shop:
    heads: {main: "0000000000000000000000000000000000000002"}
    commits:
      "0000000000000000000000000000000000000001": {at: 2026-01-01T00:00:00Z}
      "0000000000000000000000000000000000000002": {parent: "0000000000000000000000000000000000000001", files: {a: "1"}}
`

func TestADumpIsAnEstate(t *testing.T) {
	parsed, err := github.ParseEstate([]byte(estate))
	require.NoError(t, err)
	text, err := yaml.Marshal(github.New(parsed).Dump())
	require.NoError(t, err)
	again, err := github.ParseEstate(text)
	require.NoError(t, err)
	require.Equal(t, parsed, again)
}

func TestEstatesThatCannotBe(t *testing.T) {
	for name, tc := range map[string]struct{ from, to, says string }{
		"an unknown key":                 {"tokens", "keys", "unknown field"},
		"no tokens":                      {"[t0ken]", "[]", "there are no tokens"},
		"a repository without an owner":  {"acme/shop", "shop", "write OWNER/NAME"},
		"a branch at no commit":          {`main: "0000000000000000000000000000000000000002"`, `main: "0"`, `main of acme/shop stands at "0"`},
		"a commit with another name":     {`"0000000000000000000000000000000000000001": {at`, `"1": {at`, "write 40 hexadecimal digits"},
		"a commit that came from no one": {`parent: "0000000000000000000000000000000000000001"`, `parent: "0"`, `came from "0"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := github.ParseEstate([]byte(strings.Replace(estate, tc.from, tc.to, 1)))
			require.ErrorContains(t, err, tc.says)
		})
	}
}
