package slack_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/standin/slack"
)

const estate = `
workspaces:
  acme:
    apps:
      qt-planted-bot: {name: bot}
      qt-planted-poor: {name: poor, scopes: ["users:read"]}
    users:
      U1: {name: alice, email: alice@example.com}
      U2: {name: bob, deleted: true, email: bob@example.com}
      U3: {name: carol}
    channels:
      C1: {name: general, members: [bot]}
      C2: {name: other}
      C3: {name: old, archived: true, members: [bot]}
      C4: {name: hidden, private: true}
    usergroups:
      S1: {handle: devs, name: Developers, users: [U1]}
`

func start(t *testing.T) *slack.Server {
	t.Helper()
	parsed, err := slack.ParseEstate([]byte(estate))
	require.NoError(t, err)
	return slack.New(parsed)
}

// ask sends a form by POST.
func ask(t *testing.T, s *slack.Server, token, method, form string) map[string]any {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/api/"+method, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return answered(t, s, r)
}

func answered(t *testing.T, s *slack.Server, r *http.Request) map[string]any {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	require.Equal(t, http.StatusOK, w.Code)
	var body map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &body))
	return body
}

func TestRefusals(t *testing.T) {
	for _, tc := range []struct{ name, token, method, form, code string }{
		{"no token", "", "users.list", "", "not_authed"},
		{"a wrong token", "qt-planted-none", "users.list", "", "invalid_auth"},
		{"a scope that the app has not", "qt-planted-poor", "chat.postMessage", "channel=C1&text=a", "missing_scope"},
		{"a method that there is not", "qt-planted-bot", "chat.shout", "", "unknown_method"},
		{"a channel that there is not", "qt-planted-bot", "chat.postMessage", "channel=none&text=a", "channel_not_found"},
		{"a private channel", "qt-planted-bot", "chat.postMessage", "channel=hidden&text=a", "channel_not_found"},
		{"an archived channel", "qt-planted-bot", "chat.postMessage", "channel=old&text=a", "is_archived"},
		{"a channel that the app is not in", "qt-planted-bot", "chat.postMessage", "channel=other&text=a", "not_in_channel"},
		{"nothing to say", "qt-planted-bot", "chat.postMessage", "channel=general", "no_text"},
		{"too much to say", "qt-planted-bot", "chat.postMessage", "channel=general&text=" + strings.Repeat("a", 40_001), "msg_too_long"},
		{"metadata that are none", "qt-planted-bot", "chat.postMessage", "channel=general&text=a&metadata=a", "invalid_metadata_format"},
		{"reading a channel by its name", "qt-planted-bot", "conversations.history", "channel=general", "channel_not_found"},
		{"reading a channel that the app is not in", "qt-planted-bot", "conversations.history", "channel=C2", "not_in_channel"},
		{"joining by name", "qt-planted-bot", "conversations.join", "channel=other", "channel_not_found"},
		{"joining what is archived", "qt-planted-bot", "conversations.join", "channel=C3", "is_archived"},
		{"a page that is too large", "qt-planted-bot", "users.list", "limit=1001", "invalid_limit"},
		{"a cursor of somebody else", "qt-planted-bot", "users.list", "cursor=bm9uZQ==", "invalid_cursor"},
		{"an account that is deactivated", "qt-planted-bot", "users.lookupByEmail", "email=bob@example.com", "users_not_found"},
		{"a usergroup without a name", "qt-planted-bot", "usergroups.create", "handle=ops", "missing_argument"},
		{"a usergroup that is there", "qt-planted-bot", "usergroups.create", "name=devs&handle=devs", "handle_already_exists"},
		{"a usergroup that is not there", "qt-planted-bot", "usergroups.users.update", "usergroup=S9&users=U1", "subteam_not_found"},
		{"an empty usergroup", "qt-planted-bot", "usergroups.users.update", "usergroup=S1&users=", "no_users_provided"},
		{"a user who is not there", "qt-planted-bot", "usergroups.users.update", "usergroup=S1&users=U1,U9", "invalid_users"},
		{"a channel of a usergroup that is not there", "qt-planted-bot", "usergroups.update", "usergroup=S1&channels=C9", "invalid_channels"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := start(t)
			before := s.Dump()
			body := ask(t, s, tc.token, tc.method, tc.form)
			require.Equal(t, false, body["ok"])
			require.Equal(t, tc.code, body["error"])
			require.Equal(t, before, s.Dump(), "nothing has changed")
		})
	}
}

func TestDeactivatedUsersEmptyAUsergroupAndAreRefused(t *testing.T) {
	s := start(t)
	body := ask(t, s, "qt-planted-bot", "usergroups.users.update", "usergroup=S1&users=U2")
	require.Equal(t, "invalid_users", body["error"])
	require.Empty(t, s.Dump().Workspaces["acme"].Usergroups["S1"].Users)
}

func TestPages(t *testing.T) {
	s := start(t)
	var ids []string
	cursor := ""
	for page := 1; ; page++ {
		body := ask(t, s, "qt-planted-bot", "users.list", "limit=2&cursor="+cursor)
		for _, member := range body["members"].([]any) {
			ids = append(ids, member.(map[string]any)["id"].(string))
		}
		if cursor = body["response_metadata"].(map[string]any)["next_cursor"].(string); cursor == "" {
			require.Equal(t, 2, page)
			break
		}
	}
	require.Equal(t, []string{"U1", "U2", "U3"}, ids)
}

func TestArgumentsAsJSONAndInTheAddress(t *testing.T) {
	s := start(t)
	r := httptest.NewRequest(http.MethodPost, "/api/chat.postMessage", strings.NewReader(`{"channel":"#general","text":"hello","unfurl_links":false}`))
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("Authorization", "Bearer qt-planted-bot")
	require.Equal(t, "C1", answered(t, s, r)["channel"])
	require.Equal(t, []slack.Message{{App: "bot", Text: "hello"}}, s.Dump().Workspaces["acme"].Channels["C1"].Messages)

	body := answered(t, s, httptest.NewRequest(http.MethodGet, "/api/users.lookupByEmail?token=qt-planted-bot&email=alice@example.com", nil))
	require.Equal(t, "U1", body["user"].(map[string]any)["id"])
}

func TestThrottle(t *testing.T) {
	s := start(t)
	s.Throttle("users.list", slack.Throttle{Requests: 1, RetryAfter: 3})
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/api/users.list", nil))
	require.Equal(t, http.StatusTooManyRequests, w.Code)
	require.Equal(t, "3", w.Header().Get("Retry-After"))
	require.JSONEq(t, `{"ok":false,"error":"ratelimited"}`, w.Body.String())
	require.Equal(t, true, ask(t, s, "qt-planted-bot", "users.list", "")["ok"])
}

func TestParseEstateNamesWhatIsWrong(t *testing.T) {
	for text, says := range map[string]string{
		"workspaces: {acme: {}}": "workspace acme has no apps",
		"workspaces: {a: {apps: {t: {name: x}}}, b: {apps: {t: {name: y}}}}":                              "a and b have an app with the same token",
		"workspaces: {a: {apps: {t: {name: x}}, usergroups: {S1: {handle: h, name: n, users: [U1]}}}}":    "has the user U1, who is not there",
		"workspaces: {a: {apps: {t: {name: x}}, usergroups: {S1: {handle: h, name: n, channels: [C1]}}}}": "has the channel C1, which is not there",
		"workspace: {}": "unknown field",
	} {
		_, err := slack.ParseEstate([]byte(text))
		require.ErrorContains(t, err, says, text)
	}
}
