package slackapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/slackapi"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/standin/slack"
)

const estate = `
workspaces:
  acme:
    pageSize: 2
    apps:
      qt-planted-bot: {name: bot}
      qt-planted-poor: {name: poor, scopes: ["chat:write"]}
    users:
      U1: {name: alice, email: alice@example.com}
      U2: {name: bob, email: bob@example.com, enterpriseId: W2}
      U3: {name: carol, email: carol@example.com, deleted: true}
      U4: {name: dave, deleted: true}
    channels:
      C1: {name: general, members: [bot, poor]}
      C2: {name: alerts}
      C3: {name: old, archived: true, members: [bot]}
      C4: {name: secret-plans, private: true}
      C5: {name: team, private: true, members: [bot]}
    usergroups:
      S1: {handle: devs, name: Developers, description: who develop, users: [U1, W2], channels: [C1]}
      S2: {handle: admins, name: Administrators, users: [U1]}
      S3: {handle: gone, name: Gone, disabled: true}
`

// served is a stand-in that counts the methods called.
type served struct {
	*slack.Server
	url string

	mu    sync.Mutex
	calls []string
}

func serve(t *testing.T) *served {
	t.Helper()
	parsed, err := slack.ParseEstate([]byte(estate))
	require.NoError(t, err)
	s := &served{Server: slack.New(parsed)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.calls = append(s.calls, slack.Operation(r))
		s.mu.Unlock()
		s.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL + "/api"
	return s
}

func (s *served) methods() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.calls...)
}

func (s *served) workspace() *slack.Workspace { return s.Dump().Workspaces["acme"] }

func (s *served) client(t *testing.T, token string) *slackapi.Client {
	t.Helper()
	client, err := slackapi.New(slackapi.Config{Workspace: "acme", URL: s.url, Token: secret.New(token)})
	require.NoError(t, err)
	return client
}

const bot = "qt-planted-bot"

func applying(t *testing.T) context.Context { return readonly.Grant(t.Context()) }

func TestPost(t *testing.T) {
	for _, tc := range []struct {
		name, channel, id string
		kind              apierr.Kind
		says              string
	}{
		{name: "to a channel by its name", channel: "general", id: "C1"},
		{name: "to a channel by its name with #", channel: "#general", id: "C1"},
		{name: "to a channel by its ID", channel: "C1", id: "C1"},
		{name: "to a private channel that the app is in", channel: "team", id: "C5"},
		{name: "to a channel that is not there", channel: "nowhere", kind: apierr.Missing, says: "slack acme: post to nowhere: channel_not_found: create the channel"},
		{name: "to a private channel that the app is not in", channel: "secret-plans", kind: apierr.Missing, says: "or invite the app"},
		{name: "to an archived channel", channel: "old", kind: apierr.Invalid, says: "is_archived: unarchive the channel"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := serve(t)
			err := s.client(t, bot).Post(applying(t), slackapi.Message{Channel: tc.channel, Text: "a <b> & c", Icon: ":robot_face:", Username: "qontract"})
			if tc.kind != "" {
				require.True(t, apierr.Is(err, tc.kind), "%v", err)
				require.ErrorContains(t, err, tc.says)
				return
			}
			require.NoError(t, err)
			require.Equal(t, []slack.Message{{App: "bot", Text: "a <b> & c", Icon: ":robot_face:", Username: "qontract"}}, s.workspace().Channels[tc.id].Messages)
		})
	}
	require.Equal(t, "a &lt;b&gt; &amp; c", slackapi.Escape("a <b> & c"))
}

func TestThePosterJoinsAChannelThatItIsNotIn(t *testing.T) {
	for _, channel := range []string{"alerts", "#alerts", "C2"} {
		s := serve(t)
		client := s.client(t, bot)
		for range 2 {
			require.NoError(t, client.Post(applying(t), slackapi.Message{Channel: channel, Text: "hello"}))
		}
		require.Equal(t, []string{"bot"}, s.workspace().Channels["C2"].Members)
		require.Len(t, s.workspace().Channels["C2"].Messages, 2)
		require.Equal(t, []string{"chat.postMessage", "conversations.list", "conversations.list", "conversations.join", "chat.postMessage", "chat.postMessage"}, s.methods())
	}
}

func TestUsersAreReadPageByPageAndRemembered(t *testing.T) {
	s := serve(t)
	client := s.client(t, bot)
	for range 2 {
		users, err := client.Users(t.Context())
		require.NoError(t, err)
		require.Equal(t, map[string]slackapi.User{
			"U1": {ID: "U1", Name: "alice"}, "U2": {ID: "U2", Name: "bob", EnterpriseID: "W2"},
			"U3": {ID: "U3", Name: "carol", Deleted: true}, "U4": {ID: "U4", Name: "dave", Deleted: true},
		}, users)
	}
	require.Equal(t, []string{"users.list", "users.list"}, s.methods(), "two pages, once")
}

func TestAListThatBreaksOffIsNotRemembered(t *testing.T) {
	s := serve(t)
	client := s.client(t, bot)
	s.Throttle("users.list", slack.Throttle{Requests: 1, RetryAfter: 7})
	_, err := client.Users(t.Context())
	require.True(t, apierr.Is(err, apierr.Limited), "%v", err)
	require.Equal(t, 7*time.Second, apierr.RetryAfter(err))
	require.Len(t, s.methods(), 1, "who asked waits, not the client")
	users, err := client.Users(t.Context())
	require.NoError(t, err)
	require.Len(t, users, 4)
}

func TestUserByEmail(t *testing.T) {
	client := serve(t).client(t, bot)
	user, err := client.UserByEmail(t.Context(), "bob@example.com")
	require.NoError(t, err)
	require.Equal(t, slackapi.User{ID: "U2", Name: "bob", EnterpriseID: "W2"}, user)
	for _, email := range []string{"nobody@example.com", "carol@example.com"} {
		_, err = client.UserByEmail(t.Context(), email)
		require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
		require.ErrorContains(t, err, "look up "+email)
	}
}

func TestUsergroups(t *testing.T) {
	client := serve(t).client(t, bot)
	groups, err := client.Usergroups(t.Context())
	require.NoError(t, err)
	require.Equal(t, []slackapi.Usergroup{
		{ID: "S2", Handle: "admins", Users: []string{"U1"}},
		{ID: "S1", Handle: "devs", Description: "who develop", Users: []string{"U1", "U2"}, Channels: []string{"C1"}},
	}, groups)
	users, channels, err := client.Describe(t.Context(), groups[1])
	require.NoError(t, err)
	require.Equal(t, map[string]string{"U1": "alice", "U2": "bob"}, users)
	require.Equal(t, map[string]string{"C1": "general"}, channels)
}

func TestCreateUsergroup(t *testing.T) {
	s := serve(t)
	client := s.client(t, bot)
	id, err := client.CreateUsergroup(applying(t), "ops")
	require.NoError(t, err)
	again, err := client.CreateUsergroup(applying(t), "ops")
	require.NoError(t, err)
	require.Equal(t, id, again)
	require.Equal(t, &slack.Usergroup{Handle: "ops", Name: "ops"}, s.workspace().Usergroups[id])
	require.Len(t, s.workspace().Usergroups, 4)

	_, err = client.CreateUsergroup(applying(t), "gone")
	require.True(t, apierr.Is(err, apierr.Conflict), "%v", err)
	require.ErrorContains(t, err, "create usergroup gone: handle_already_exists")
}

func TestUpdateUsergroup(t *testing.T) {
	s := serve(t)
	client := s.client(t, bot)
	require.NoError(t, client.UpdateUsergroup(applying(t), "S1", "", []string{"C2", "C1"}))
	require.Equal(t, &slack.Usergroup{Handle: "devs", Name: "Developers", Users: []string{"U1", "W2"}, Channels: []string{"C1", "C2"}}, s.workspace().Usergroups["S1"])
	require.NoError(t, client.UpdateUsergroup(applying(t), "S1", "", nil))
	require.Empty(t, s.workspace().Usergroups["S1"].Channels)
	require.True(t, apierr.Is(client.UpdateUsergroup(applying(t), "S9", "", nil), apierr.Missing))
}

func TestSetUsergroupUsers(t *testing.T) {
	s := serve(t)
	client := s.client(t, bot)
	require.NoError(t, client.SetUsergroupUsers(applying(t), "S2", []string{"U2", "U1"}))
	require.Equal(t, []string{"U1", "U2"}, s.workspace().Usergroups["S2"].Users)

	err := client.SetUsergroupUsers(applying(t), "S2", []string{"U1", "U9"})
	require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
	require.Equal(t, []string{"U1", "U2"}, s.workspace().Usergroups["S2"].Users, "a user who is not there is no reason to empty it")

	require.NoError(t, client.SetUsergroupUsers(applying(t), "S2", nil))
	require.Empty(t, s.workspace().Usergroups["S2"].Users)
}

func TestNoWriteOutsideApply(t *testing.T) {
	s := serve(t)
	client := s.client(t, bot)
	before := s.Dump()
	_, err := client.CreateUsergroup(t.Context(), "ops")
	for _, err := range []error{
		err,
		client.Post(t.Context(), slackapi.Message{Channel: "general", Text: "hello"}),
		client.UpdateUsergroup(t.Context(), "S1", "", nil),
		client.SetUsergroupUsers(t.Context(), "S1", nil),
	} {
		require.True(t, apierr.Is(err, apierr.Guard), "%v", err)
	}
	require.Equal(t, before, s.Dump())
	for _, method := range s.methods() {
		require.True(t, strings.HasSuffix(method, ".list"), method)
	}
}

func TestTokens(t *testing.T) {
	s := serve(t)
	_, err := s.client(t, "qt-planted-wrong").Users(t.Context())
	require.True(t, apierr.Is(err, apierr.Denied), "%v", err)
	require.EqualError(t, err, "slack acme: list users: invalid_auth: renew the token that the workspace's datafile names, or give its app the right")

	_, err = s.client(t, "qt-planted-poor").Usergroups(t.Context())
	require.True(t, apierr.Is(err, apierr.Denied), "%v", err)
	require.ErrorContains(t, err, "missing_scope: give the app of the token the scope usergroups:read")
}

type vault map[string]string

func (v vault) Read(_ context.Context, ref secret.Ref) (secret.Value, error) {
	text, ok := v[ref.Path]
	if !ok {
		return secret.Value{}, apierr.Errorf(apierr.Missing, "%s is not there", ref)
	}
	return secret.New(text), nil
}

func (vault) ReadAll(context.Context, secret.Ref) (map[string]secret.Value, error) { return nil, nil }

func TestPoolReadsTheTokenEachTimeAndSharesWhatIsKnown(t *testing.T) {
	s := serve(t)
	tokens := vault{"slack/acme": "qt-planted-wrong"}
	pool := slackapi.NewPool(tokens, slackapi.Options{Endpoint: func() (string, error) { return s.url, nil }})
	workspace := slackapi.Workspace{Name: "acme", Token: secret.Ref{Path: "slack/acme", Field: "token"}, Limits: slackapi.Limits{Pages: map[string]int{"users.list": 1}}}
	client, err := pool.Connect(t.Context(), workspace, workspace.Token)
	require.NoError(t, err)
	_, err = client.Users(t.Context())
	require.True(t, apierr.Is(err, apierr.Denied))

	tokens["slack/acme"] = bot
	for range 2 {
		client, err = pool.Connect(t.Context(), workspace, workspace.Token)
		require.NoError(t, err)
		_, err = client.Users(t.Context())
		require.NoError(t, err)
	}
	require.Len(t, s.methods(), 1+4, "four pages of one user, once")

	_, err = pool.Connect(t.Context(), workspace, secret.Ref{Path: "slack/none", Field: "token"})
	require.ErrorContains(t, err, "token for slack acme: slack/none#token")
	require.True(t, apierr.Is(err, apierr.Missing))
}
