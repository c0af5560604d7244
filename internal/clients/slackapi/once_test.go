package slackapi_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/slackapi"
	"github.com/app-sre/qontract-temporal/internal/standin/slack"
)

func TestAMessageWithAMarkIsPostedOnce(t *testing.T) {
	const hour = time.Hour
	for _, tc := range []struct {
		name, token, channel, id string
		since                    time.Duration
		times                    int
	}{
		{"in a channel by its name", bot, "general", "C1", -hour, 1},
		{"in a channel by its name with #", bot, "#general", "C1", -hour, 1},
		{"in a channel by its ID", bot, "C1", "C1", -hour, 1},
		{"in a channel that the app has to join", bot, "alerts", "C2", -hour, 1},
		{"and again where the first was before that time", bot, "general", "C1", hour, 2},
		{"and again by an app that may not read the channel", "qt-planted-poor", "general", "C1", -hour, 2},
		{"and again in a private channel", bot, "team", "C5", -hour, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := serve(t)
			client := s.client(t, tc.token)
			message := slackapi.Message{Channel: tc.channel, Text: "an upgrade has begun", Mark: "upgrade-1"}
			for range 2 {
				require.NoError(t, client.PostOnce(applying(t), message, time.Now().Add(tc.since)))
			}
			message.Mark = "upgrade-2"
			require.NoError(t, client.PostOnce(applying(t), message, time.Now().Add(tc.since)))
			var marks []string
			for _, m := range s.workspace().Channels[tc.id].Messages {
				marks = append(marks, m.Mark)
			}
			require.Len(t, marks, tc.times+1)
			require.Equal(t, "upgrade-2", marks[tc.times])
		})
	}
}

func TestAnothersMarkDoesNotCount(t *testing.T) {
	s := serve(t)
	message := slackapi.Message{Channel: "general", Text: "hello", Mark: "a"}
	require.NoError(t, s.client(t, "qt-planted-poor").Post(applying(t), message))
	require.NoError(t, s.client(t, bot).PostOnce(applying(t), message, time.Now().Add(-time.Hour)))
	require.Equal(t, []slack.Message{{App: "poor", Text: "hello", Mark: "a"}, {App: "bot", Text: "hello", Mark: "a"}}, s.workspace().Channels["C1"].Messages)
}

func TestAMessageWithoutAMarkCannotBePostedOnce(t *testing.T) {
	err := serve(t).client(t, bot).PostOnce(applying(t), slackapi.Message{Channel: "general", Text: "hello"}, time.Now())
	require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
}

func TestUsergroupID(t *testing.T) {
	client := serve(t).client(t, bot)
	for handle, want := range map[string]string{"devs": "S1", "gone": "", "nobody": ""} {
		id, err := client.UsergroupID(t.Context(), handle)
		require.NoError(t, err)
		require.Equal(t, want, id, handle)
	}
}
