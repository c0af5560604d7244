package quayapi_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/quayapi"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/standin/quay"
)

const estate = `
instances:
  quay.io:
    users: [alice, bob, carol, owner]
    orgs:
      acme:
        token: hunter2
        robots: [ci]
        collaborators: {alice: [web], bob: [web]}
        teams:
          owners: {role: admin, members: [owner]}
          dev: {role: member, members: [bob, alice], invited: [carol], invitedEmails: [dave@example.com]}
          ops: {role: member, members: [alice, acme+ci]}
      other:
        token: other-token
`

// served is a stand-in that counts the requests it gets.
type served struct {
	*quay.Server
	url string

	mu    sync.Mutex
	calls []string
}

func serve(t *testing.T, text string) *served {
	t.Helper()
	parsed, err := quay.ParseEstate([]byte(text))
	require.NoError(t, err)
	s := &served{Server: quay.New(parsed)}
	handler := s.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.calls = append(s.calls, r.Method+" "+r.URL.Path)
		s.mu.Unlock()
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL + "/quay.io"
	return s
}

func (s *served) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.calls...)
}

func (s *served) org() quay.Org { return s.Dump().Instances["quay.io"].Orgs["acme"] }

func (s *served) client(t *testing.T, token string) *quayapi.Client {
	t.Helper()
	client, err := quayapi.New(quayapi.Config{URL: s.url, Token: secret.New(token)})
	require.NoError(t, err)
	return client
}

func applying(t *testing.T) context.Context { return readonly.Grant(t.Context()) }

func TestListTeamMembers(t *testing.T) {
	client := serve(t, estate).client(t, "hunter2")
	got, err := client.ListTeamMembers(t.Context(), "acme", "dev")
	require.NoError(t, err)
	require.Equal(t, []string{"alice", "bob", "carol"}, got, "with invited people, without addresses, sorted")

	_, err = client.ListTeamMembers(t.Context(), "acme", "nobody")
	require.True(t, apierr.Is(err, apierr.Missing))
	require.ErrorContains(t, err, "list members of team nobody in acme: Not Found (404)")
}

func TestMembersListedTwiceAreReturnedOnce(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"members": [{"name": "b"}, {"name": "a"}, {"name": "b"}, {"name": "a"}]}`)
	}))
	defer server.Close()
	client, err := quayapi.New(quayapi.Config{URL: server.URL})
	require.NoError(t, err)
	got, err := client.ListTeamMembers(t.Context(), "acme", "dev")
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, got)
}

func TestUserExists(t *testing.T) {
	client := serve(t, estate).client(t, "hunter2")
	for name, want := range map[string]bool{
		"alice": true, "nobody": false, "acme+ci": true, "acme+nobody": false, "other+ci": false, "acme": false,
	} {
		got, err := client.UserExists(t.Context(), "acme", name)
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	}
}

func TestAnErrorIsNoAbsence(t *testing.T) {
	s := serve(t, estate)
	s.Throttle("quay.io", quay.Throttle{Requests: 2, RetryAfter: 3})
	for _, name := range []string{"alice", "acme+ci"} {
		_, err := s.client(t, "hunter2").UserExists(t.Context(), "acme", name)
		require.True(t, apierr.Is(err, apierr.Limited), name)
		require.Equal(t, 3*time.Second, apierr.RetryAfter(err))
	}
}

func TestCreateTeam(t *testing.T) {
	s := serve(t, estate)
	client := s.client(t, "hunter2")
	for range 2 {
		require.NoError(t, client.CreateTeam(applying(t), "acme", "new-team"))
		require.Equal(t, quay.Team{Role: "member"}, s.org().Teams["new-team"])
	}
	require.ErrorContains(t, client.CreateTeam(applying(t), "acme", "New Team"), "create team New Team in acme: Invalid team name")
}

func TestAddTeamMember(t *testing.T) {
	for _, tc := range []struct {
		name, member string
		invite       bool
		members      []string
		invited      []string
		message      string
		kind         apierr.Kind
	}{
		{"somebody new is added", "owner", false, []string{"alice", "bob", "owner"}, []string{"carol"}, "", ""},
		{"somebody in the organisation is added where invitations are required", "owner", true, []string{"alice", "bob", "owner"}, []string{"carol"}, "", ""},
		{"a robot is added where invitations are required", "acme+ci", true, []string{"acme+ci", "alice", "bob"}, []string{"carol"}, "", ""},
		{"somebody who is in the team is left alone", "bob", false, []string{"alice", "bob"}, []string{"carol"}, "", ""},
		{"somebody who is invited is not invited again", "carol", true, []string{"alice", "bob"}, []string{"carol"}, "", ""},
		{"somebody without an account is refused", "nobody", false, []string{"alice", "bob"}, []string{"carol"}, "add nobody to team dev in acme: Unknown user (400)", apierr.Invalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text := estate
			if tc.invite {
				text = strings.Replace(estate, "quay.io:", "quay.io:\n    requireInvite: true", 1)
			}
			s := serve(t, text)
			client := s.client(t, "hunter2")
			for range 2 {
				err := client.AddTeamMember(applying(t), "acme", "dev", tc.member)
				if tc.message == "" {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, tc.message)
					require.True(t, apierr.Is(err, tc.kind))
				}
				require.Equal(t, tc.members, s.org().Teams["dev"].Members)
				require.Equal(t, tc.invited, s.org().Teams["dev"].Invited)
			}
		})
	}
}

func TestAddTeamMemberThatSomebodyElseAddsMeanwhile(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, `{"members": []}`)
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"message": "User bob is already a member of team dev"}`)
	}))
	defer server.Close()
	client, err := quayapi.New(quayapi.Config{URL: server.URL})
	require.NoError(t, err)
	require.NoError(t, client.AddTeamMember(applying(t), "acme", "dev", "bob"))
	require.Error(t, client.AddTeamMember(applying(t), "acme", "dev", "carol"), "the message is about somebody else")
}

func TestRemoveTeamMember(t *testing.T) {
	for _, tc := range []struct {
		name, team, member string
		teams              map[string][]string
		collaborators      map[string][]string
	}{
		{"somebody in one team leaves the organisation", "dev", "bob",
			map[string][]string{"dev": {"alice"}, "ops": {"acme+ci", "alice"}}, map[string][]string{"alice": {"web"}}},
		{"somebody in two teams stays in the other", "dev", "alice",
			map[string][]string{"dev": {"bob"}, "ops": {"acme+ci", "alice"}}, map[string][]string{"alice": {"web"}, "bob": {"web"}}},
		{"a robot stays in the organisation", "ops", "acme+ci",
			map[string][]string{"dev": {"alice", "bob"}, "ops": {"alice"}}, map[string][]string{"alice": {"web"}, "bob": {"web"}}},
		{"somebody who is not in the team is done", "ops", "bob",
			map[string][]string{"dev": {"alice", "bob"}, "ops": {"acme+ci", "alice"}}, map[string][]string{"alice": {"web"}, "bob": {"web"}}},
		{"somebody without an account is done", "ops", "nobody",
			map[string][]string{"dev": {"alice", "bob"}, "ops": {"acme+ci", "alice"}}, map[string][]string{"alice": {"web"}, "bob": {"web"}}},
		{"a team that is not there is done", "gone", "alice",
			map[string][]string{"dev": {"alice", "bob"}, "ops": {"acme+ci", "alice"}}, map[string][]string{"alice": {"web"}, "bob": {"web"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := serve(t, estate)
			client := s.client(t, "hunter2")
			for range 2 {
				require.NoError(t, client.RemoveTeamMember(applying(t), "acme", tc.team, tc.member))
				org := s.org()
				for team, members := range tc.teams {
					require.Equal(t, members, org.Teams[team].Members, team)
				}
				require.Equal(t, tc.collaborators, org.Collaborators)
			}
		})
	}
}

func TestARobotIsNotRemovedFromTheOrganisation(t *testing.T) {
	s := serve(t, estate)
	require.NoError(t, s.client(t, "hunter2").RemoveTeamMember(applying(t), "acme", "ops", "acme+ci"))
	require.Equal(t, []string{"DELETE /quay.io/api/v1/organization/acme/team/ops/members/acme+ci"}, s.requests())
}

func TestAnInvitationIsTakenBack(t *testing.T) {
	s := serve(t, estate)
	require.NoError(t, s.client(t, "hunter2").RemoveTeamMember(applying(t), "acme", "dev", "carol"))
	require.Empty(t, s.org().Teams["dev"].Invited)
}

func TestARemovalThatBrokeOffIsFinished(t *testing.T) {
	s := serve(t, estate)
	client := s.client(t, "hunter2")
	s.Throttle("quay.io", quay.Throttle{Requests: 1})
	require.True(t, apierr.Is(client.RemoveTeamMember(applying(t), "acme", "dev", "bob"), apierr.Limited))

	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, s.url+"/api/v1/organization/acme/team/dev/members/bob", nil)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer hunter2")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Contains(t, s.org().Collaborators, "bob")

	require.NoError(t, client.RemoveTeamMember(applying(t), "acme", "dev", "bob"))
	require.NotContains(t, s.org().Collaborators, "bob")
}

func TestTheOnlyAdministratorLeavesTheTeamAndNoMore(t *testing.T) {
	s := serve(t, strings.Replace(estate, "ops: {role: member, members: [alice,", "ops: {role: member, members: [alice, owner,", 1))
	require.NoError(t, s.client(t, "hunter2").RemoveTeamMember(applying(t), "acme", "ops", "owner"))
	require.Equal(t, []string{"owner"}, s.org().Teams["owners"].Members)
}

func TestNoWriteOutsideApply(t *testing.T) {
	s := serve(t, estate)
	client := s.client(t, "hunter2")
	before := s.Dump()
	for _, err := range []error{
		client.CreateTeam(t.Context(), "acme", "new"),
		client.AddTeamMember(t.Context(), "acme", "dev", "owner"),
		client.RemoveTeamMember(t.Context(), "acme", "dev", "alice"),
	} {
		require.True(t, apierr.Is(err, apierr.Guard), "%v", err)
	}
	require.Equal(t, before, s.Dump())
	for _, request := range s.requests() {
		require.True(t, strings.HasPrefix(request, "GET "), request)
	}
}

func TestTokens(t *testing.T) {
	s := serve(t, estate)
	_, err := s.client(t, "wrong").ListTeamMembers(t.Context(), "acme", "dev")
	require.True(t, apierr.Is(err, apierr.Denied))
	require.ErrorContains(t, err, "renew the automationToken")
	require.NotContains(t, err.Error(), "wrong")

	_, err = s.client(t, "other-token").ListTeamMembers(t.Context(), "acme", "dev")
	require.True(t, apierr.Is(err, apierr.Denied))
	require.ErrorContains(t, err, "may not administer it")
}

func TestNamesStayInTheirPath(t *testing.T) {
	s := serve(t, estate)
	client := s.client(t, "hunter2")
	for _, name := range []string{"", ".", ".."} {
		_, err := client.ListTeamMembers(t.Context(), "acme", name)
		require.True(t, apierr.Is(err, apierr.Invalid), "%q", name)
	}
	require.Empty(t, s.requests())
	_, err := client.ListTeamMembers(t.Context(), "acme", "../dev?x=1#y")
	require.True(t, apierr.Is(err, apierr.Missing), "a strange name is a team that is not there")
}

func TestAnUnreachableInstanceIsNamed(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	client, err := quayapi.New(quayapi.Config{URL: server.URL, Token: secret.New("hunter2")})
	require.NoError(t, err)
	_, err = client.ListTeamMembers(t.Context(), "acme", "dev")
	require.True(t, apierr.Is(err, apierr.Unavailable))
	require.ErrorContains(t, err, strings.TrimPrefix(server.URL, "http://"))
	require.NotContains(t, err.Error(), "hunter2")
}

func TestAnAnswerThatIsNotQuays(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }))
	defer server.Close()
	client, err := quayapi.New(quayapi.Config{URL: server.URL})
	require.NoError(t, err)
	_, err = client.ListTeamMembers(t.Context(), "acme", "dev")
	require.True(t, apierr.Is(err, apierr.Unavailable))
	require.ErrorContains(t, err, "not the JSON that Quay's API sends")
}

func TestInstanceURLs(t *testing.T) {
	asked := ""
	transport := transportFunc(func(r *http.Request) (*http.Response, error) {
		asked = r.URL.String()
		return &http.Response{StatusCode: http.StatusNotFound, Body: http.NoBody, Request: r}, nil
	})
	for url, want := range map[string]string{
		"quay.io":                      "https://quay.io/api/v1/users/alice",
		"https://quay.example.com/":    "https://quay.example.com/api/v1/users/alice",
		"http://127.0.0.1:8080/quay.x": "http://127.0.0.1:8080/quay.x/api/v1/users/alice",
	} {
		client, err := quayapi.New(quayapi.Config{URL: url, Transport: transport})
		require.NoError(t, err)
		_, err = client.UserExists(t.Context(), "acme", "alice")
		require.NoError(t, err)
		require.Equal(t, want, asked)
	}
	for _, url := range []string{"", "ftp://quay.io", "https://", "quay.io:port"} {
		_, err := quayapi.New(quayapi.Config{URL: url})
		require.ErrorContains(t, err, "correct the url of the instance", "%q", url)
	}
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestPoolReadsTheTokenEachTime(t *testing.T) {
	s := serve(t, estate)
	tokens := vault{"quay/acme": "wrong"}
	pool := quayapi.NewPool(tokens)
	client, err := pool.Connect(t.Context(), s.url, secret.Ref{Path: "quay/acme", Field: "token"})
	require.NoError(t, err)
	_, err = client.ListTeamMembers(t.Context(), "acme", "dev")
	require.True(t, apierr.Is(err, apierr.Denied))

	tokens["quay/acme"] = "hunter2"
	client, err = pool.Connect(t.Context(), s.url, secret.Ref{Path: "quay/acme", Field: "token"})
	require.NoError(t, err)
	_, err = client.ListTeamMembers(t.Context(), "acme", "dev")
	require.NoError(t, err)

	_, err = pool.Connect(t.Context(), "quay.io", secret.Ref{Path: "quay/none", Field: "token"})
	require.ErrorContains(t, err, "token for quay quay.io: quay/none#token")
	require.True(t, apierr.Is(err, apierr.Missing))
}

// vault holds one field per path.
type vault map[string]string

func (v vault) Read(_ context.Context, ref secret.Ref) (secret.Value, error) {
	text, ok := v[ref.Path]
	if !ok {
		return secret.Value{}, apierr.Errorf(apierr.Missing, "%s is not there", ref)
	}
	return secret.New(text), nil
}

func (v vault) ReadAll(context.Context, secret.Ref) (map[string]secret.Value, error) { return nil, nil }
