package rosa

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatMakesAnotherJob(t *testing.T) {
	command := Command{Account: Account{UID: "123", Region: "us-east-1", Organization: "org"}, Script: "rosa whoami"}
	settings := Settings{ServiceAccount: "sa", Image: "image", Role: "role"}
	name := command.name(settings)
	require.Equal(t, name, command.name(settings))
	for _, tc := range []struct {
		what    string
		change  func(*Command, *Settings)
		another bool
	}{
		{"the script", func(c *Command, _ *Settings) { c.Script = "rosa version" }, true},
		{"the account", func(c *Command, _ *Settings) { c.Account.UID = "456" }, true},
		{"the region", func(c *Command, _ *Settings) { c.Account.Region = "eu-west-1" }, true},
		{"the organisation", func(c *Command, _ *Settings) { c.Account.Organization = "other" }, false},
		{"the service account", func(_ *Command, s *Settings) { s.ServiceAccount = "other" }, true},
		{"the image", func(_ *Command, s *Settings) { s.Image = "other" }, true},
	} {
		t.Run(tc.what, func(t *testing.T) {
			c, s := command, settings
			tc.change(&c, &s)
			require.Equal(t, tc.another, name != c.name(s))
		})
	}
	other := settings
	other.Image = "other"
	generation := func(s Settings) any {
		return command.job(s)["metadata"].(map[string]any)["annotations"].(map[string]any)[generationAnnotation]
	}
	first := generation(settings)
	require.Equal(t, first, generation(settings))
	require.NotEqual(t, first, generation(other))
}
