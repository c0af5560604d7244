package quay_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/standin/quay"
)

const world = `
instances:
  quay.io:
    users: [alice, bob, owner]
    orgs:
      acme:
        token: t1
        robots: [ci]
        teams:
          owners: {role: admin, members: [owner]}
          dev: {role: member, members: [bob, alice]}
      other: {token: t2}
  quay.internal:
    users: [zoe]
`

func load(t *testing.T, text string) *quay.Server {
	t.Helper()
	estate, err := quay.ParseEstate([]byte(text))
	require.NoError(t, err)
	return quay.New(estate)
}

// call returns status and body of one request.
func call(t *testing.T, s *quay.Server, method, path, token, body string) (*http.Response, map[string]any) {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	recorder := httptest.NewRecorder()
	s.Handler().ServeHTTP(recorder, req)
	var answer map[string]any
	if strings.HasPrefix(recorder.Header().Get("Content-Type"), "application/json") {
		require.NoError(t, json.Unmarshal(recorder.Body.Bytes(), &answer))
	}
	return recorder.Result(), answer
}

func TestProtocol(t *testing.T) {
	const acme = "/quay.io/api/v1/organization/acme"
	for _, tc := range []struct {
		name, method, path, token, body string
		status                          int
		has                             map[string]any
	}{
		{"a user is found without a token", "GET", "/quay.io/api/v1/users/alice", "", "", 200, map[string]any{"username": "alice", "anonymous": false}},
		{"a user of another instance is not found", "GET", "/quay.io/api/v1/users/zoe", "", "", 404, nil},
		{"a robot is no user", "GET", "/quay.io/api/v1/users/acme+ci", "t1", "", 404, nil},
		{"no token", "GET", acme + "/team/dev/members", "", "", 401, map[string]any{"title": "invalid_token", "status": 401.0, "detail": "Requires authentication"}},
		{"a wrong token", "GET", acme + "/team/dev/members", "nope", "", 401, map[string]any{"error_type": "invalid_token"}},
		{"a token of another organisation", "GET", acme + "/team/dev/members", "t2", "", 403, map[string]any{"title": "insufficient_scope", "error_message": "Unauthorized"}},
		{"an organisation that is not there", "GET", "/quay.io/api/v1/organization/none/team/dev/members", "t1", "", 403, map[string]any{"title": "insufficient_scope"}},
		{"a team that is not there", "GET", acme + "/team/none/members", "t1", "", 404, map[string]any{"title": "not_found", "detail": "Not Found"}},
		{"the members of a team", "GET", acme + "/team/dev/members", "t1", "", 200, map[string]any{"name": "dev", "can_edit": true}},
		{"a new team", "PUT", acme + "/team/new", "t1", `{"role": "creator", "description": "d"}`, 200, map[string]any{"name": "new", "role": "creator", "description": "d", "new_team": true}},
		{"a team that is there", "PUT", acme + "/team/dev", "t1", `{"role": "creator"}`, 200, map[string]any{"role": "creator", "new_team": false}},
		{"a team without a role", "PUT", acme + "/team/new", "t1", `{}`, 400, map[string]any{"title": "invalid_request", "detail": "'role' is a required property"}},
		{"a team with a role of its own", "PUT", acme + "/team/new", "t1", `{"role": "king"}`, 400, map[string]any{"title": "invalid_request"}},
		{"a team with a bad name", "PUT", acme + "/team/N", "t1", `{"role": "member"}`, 400, map[string]any{"message": "Invalid team name N"}},
		{"a team by something that is no JSON", "PUT", acme + "/team/new", "t1", `role`, 400, map[string]any{"title": "invalid_request"}},
		{"a member is added", "PUT", acme + "/team/dev/members/owner", "t1", "", 200, map[string]any{"name": "owner", "kind": "user", "is_robot": false, "invited": false}},
		{"a robot is added", "PUT", acme + "/team/dev/members/acme+ci", "t1", "", 200, map[string]any{"name": "acme+ci", "is_robot": true}},
		{"a member is added twice", "PUT", acme + "/team/dev/members/bob", "t1", "", 400, map[string]any{"message": "User bob is already a member of team dev"}},
		{"an unknown user is added", "PUT", acme + "/team/dev/members/zoe", "t1", "", 400, map[string]any{"detail": "Unknown user", "title": "invalid_request"}},
		{"a member is added to a team that is not there", "PUT", acme + "/team/none/members/bob", "t1", "", 404, map[string]any{"title": "not_found"}},
		{"a member is removed", "DELETE", acme + "/team/dev/members/bob", "t1", "", 204, nil},
		{"somebody is removed who is not in the team", "DELETE", acme + "/team/dev/members/owner", "t1", "", 400, map[string]any{"message": "User owner does not belong to team dev"}},
		{"somebody is removed who has no account", "DELETE", acme + "/team/dev/members/zoe", "t1", "", 404, map[string]any{"title": "not_found"}},
		{"a member of the organisation", "GET", acme + "/members/bob", "t1", "", 200, map[string]any{"name": "bob", "kind": "user"}},
		{"a robot of the organisation", "GET", acme + "/members/acme+ci", "t1", "", 200, map[string]any{"name": "acme+ci", "kind": "robot"}},
		{"the only administrator is removed", "DELETE", acme + "/members/owner", "t1", "", 400, map[string]any{"message": "Cannot remove user as they are the only organization admin"}},
		{"a robot is removed from the organisation", "DELETE", acme + "/members/acme+ci", "t1", "", 404, map[string]any{"title": "not_found"}},
		{"a member is removed from the organisation", "DELETE", acme + "/members/alice", "t1", "", 204, nil},
		{"the robots of the organisation", "GET", acme + "/robots?token=false", "t1", "", 200, nil},
		{"a path that is not served", "GET", acme + "/prototypes", "t1", "", 404, nil},
		{"an instance that is not there", "GET", "/quay.x/api/v1/users/alice", "", "", 404, nil},
		{"no instance where there are several", "GET", "/api/v1/users/alice", "", "", 404, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			resp, answer := call(t, load(t, world), tc.method, tc.path, tc.token, tc.body)
			require.Equal(t, tc.status, resp.StatusCode)
			for key, value := range tc.has {
				require.Equal(t, value, answer[key], key)
			}
		})
	}
}

func TestLeavingTheOrganisationMeansLeavingAllTeams(t *testing.T) {
	s := load(t, strings.Replace(world, "token: t1", "token: t1\n        collaborators: {alice: [web]}", 1))
	before := s.Dump().Instances["quay.io"].Orgs["acme"]
	require.Equal(t, []string{"alice", "bob"}, before.Teams["dev"].Members)
	require.Contains(t, before.Collaborators, "alice")

	call(t, s, "DELETE", "/quay.io/api/v1/organization/acme/members/alice", "t1", "")
	after := s.Dump().Instances["quay.io"].Orgs["acme"]
	require.Equal(t, []string{"bob"}, after.Teams["dev"].Members)
	require.Empty(t, after.Collaborators)
	resp, _ := call(t, s, "GET", "/quay.io/api/v1/organization/acme/members/alice", "t1", "")
	require.Equal(t, http.StatusNotFound, resp.StatusCode, "who is in no team is no member")
}

func TestInvitations(t *testing.T) {
	s := load(t, strings.Replace(world, "users: [alice, bob, owner]", "requireInvite: true\n    users: [alice, bob, owner, new]", 1))
	const members = "/quay.io/api/v1/organization/acme/team/dev/members"
	team := func() quay.Team { return s.Dump().Instances["quay.io"].Orgs["acme"].Teams["dev"] }

	for range 2 {
		resp, answer := call(t, s, "PUT", members+"/new", "t1", "")
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.Equal(t, true, answer["invited"])
	}
	require.Equal(t, []string{"new", "new"}, team().Invited, "Quay invites as often as it is asked to")

	_, answer := call(t, s, "GET", members, "t1", "")
	require.Len(t, answer["members"], 2)
	_, answer = call(t, s, "GET", members+"?includePending=true", "t1", "")
	require.Len(t, answer["members"], 4)

	call(t, s, "PUT", members+"/owner", "t1", "")
	require.Contains(t, team().Members, "owner", "somebody of the organisation needs no invitation")
	call(t, s, "DELETE", members+"/new", "t1", "")
	require.Equal(t, []string{"new"}, team().Invited)
}

func TestThrottle(t *testing.T) {
	s := load(t, strings.Replace(world, "users: [zoe]", "users: [zoe]\n    throttle: {requests: 1, retryAfter: 5}", 1))
	resp, _ := call(t, s, "GET", "/quay.internal/api/v1/users/zoe", "", "")
	require.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
	require.Equal(t, "5", resp.Header.Get("Retry-After"))
	require.Equal(t, "text/html", resp.Header.Get("Content-Type"))
	resp, _ = call(t, s, "GET", "/quay.internal/api/v1/users/zoe", "", "")
	require.Equal(t, http.StatusOK, resp.StatusCode)

	s.Throttle("quay.io", quay.Throttle{Requests: 1})
	resp, _ = call(t, s, "GET", "/quay.io/api/v1/users/alice", "", "")
	require.Equal(t, http.StatusTooManyRequests, resp.StatusCode)
	require.Empty(t, resp.Header.Get("Retry-After"))
	require.Nil(t, s.Dump().Instances["quay.internal"].Throttle)
}

func TestTheOnlyInstanceNeedsNoName(t *testing.T) {
	s := load(t, "instances:\n  quay.io:\n    users: [alice]\n")
	for _, path := range []string{"/api/v1/users/alice", "/quay.io/api/v1/users/alice"} {
		resp, _ := call(t, s, "GET", path, "", "")
		require.Equal(t, http.StatusOK, resp.StatusCode, path)
	}
	resp, _ := call(t, s, "GET", "/api/v1/users/%2e%2e%2Fusers%2Falice", "", "")
	require.Equal(t, http.StatusNotFound, resp.StatusCode, "an escaped slash is part of a name")
}

func TestTheEstateIsACopy(t *testing.T) {
	estate, err := quay.ParseEstate([]byte(world))
	require.NoError(t, err)
	s := quay.New(estate)
	call(t, s, "DELETE", "/quay.io/api/v1/organization/acme/team/dev/members/bob", "t1", "")
	require.Equal(t, []string{"bob", "alice"}, estate.Instances["quay.io"].Orgs["acme"].Teams["dev"].Members)
	require.Equal(t, []string{"alice"}, s.Dump().Instances["quay.io"].Orgs["acme"].Teams["dev"].Members)
}

func TestParseEstateNamesMistakes(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		message    []string
	}{
		{"an unknown key", "instances:\n  quay.io:\n    user: [a]\n", []string{`unknown field "user"`}},
		{"a role that Quay does not have", "instances:\n  q:\n    orgs:\n      o:\n        teams: {t: {role: king}}\n", []string{`team t of o in q has the role "king"`}},
		{"members without accounts", "instances:\n  q:\n    orgs:\n      o:\n        teams: {t: {role: member, members: [a], invited: [o+b]}}\n", []string{"has a, who has no account", "has o+b, who has no account"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := quay.ParseEstate([]byte(tc.text))
			for _, part := range tc.message {
				require.ErrorContains(t, err, part)
			}
		})
	}
}
