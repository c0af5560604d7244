package mergerequest_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/gitlabapi"
	"github.com/app-sre/qontract-temporal/internal/mergerequest"
	"github.com/app-sre/qontract-temporal/internal/readonly"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/standin/gitlab"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// bare is a repository with nothing open.
const bare = `
instances:
  gitlab.example.com:
    users:
      bot: {token: hunter2}
      person: {token: persons-token}
    projects:
      service/app:
        id: 7
        members: {bot: developer, person: maintainer}
        branches:
          master: {protected: true, files: {data/a.yml: "version: 1\n", data/gone.yml: "x: 1\n"}}
      fork/app:
        id: 9
        members: {bot: developer, person: owner}
        branches: {topic: {files: {f: "1"}}}
`

// with adds branches and merge requests to the repository, in the form of flow mappings, one a line.
func with(branches []string, requests ...string) string {
	text := bare
	const indent = "\n          "
	if len(branches) > 0 {
		text = strings.Replace(text, "      fork/app:", strings.TrimPrefix(indent, "\n")+strings.Join(branches, indent)+"\n      fork/app:", 1)
	}
	if len(requests) > 0 {
		text = strings.Replace(text, "      fork/app:", "        mergeRequests:"+indent+"- "+strings.Join(requests, indent+"- ")+"\n      fork/app:", 1)
	}
	return text
}

// world is a stand-in with a gateway to it.
type world struct {
	*gitlab.Server
	faults *fault.Injector
	direct *mergerequest.Direct
	url    string
}

func start(t *testing.T, estate string, allow mergerequest.Allow) *world {
	t.Helper()
	parsed, err := gitlab.ParseEstate([]byte(estate))
	require.NoError(t, err)
	w := &world{Server: gitlab.New(parsed)}
	w.faults = fault.New(w.Handler(), nil)
	server := httptest.NewServer(w.faults)
	t.Cleanup(server.Close)
	w.url = server.URL
	client, err := gitlabapi.New(gitlabapi.Config{URL: server.URL, Token: secret.New("hunter2")})
	require.NoError(t, err)
	project, err := client.Project(t.Context(), "service/app")
	require.NoError(t, err)
	w.direct = mergerequest.NewDirect(project, allow)
	w.faults.Reset()
	return w
}

func (w *world) state() gitlab.Project {
	return w.Dump().Instances["gitlab.example.com"].Projects["service/app"]
}

// open are the open merge requests.
func (w *world) open() []gitlab.MergeRequest {
	open := []gitlab.MergeRequest{}
	for _, request := range w.state().MergeRequests {
		if request.State == "" {
			open = append(open, request)
		}
	}
	return open
}

// branches are the names of all branches but master.
func (w *world) branches() []string {
	names := []string{}
	for name := range w.state().Branches {
		if name != "master" {
			names = append(names, name)
		}
	}
	return names
}

// look is what Look finds outside apply, where every write would be refused.
func (w *world) look(t *testing.T, request mergerequest.Request) mergerequest.Result {
	t.Helper()
	before, writes := w.Dump(), len(w.faults.Writes())
	found, err := w.direct.Look(t.Context(), request)
	require.NoError(t, err)
	require.Equal(t, before, w.Dump())
	require.Len(t, w.faults.Writes(), writes)
	return found
}

var everything = mergerequest.Allow{Opening: true, Closing: true}

func applying(t *testing.T) context.Context { return readonly.Grant(t.Context()) }

// versions is a kind like aws-version-sync's.
var versions = mergerequest.Kind{
	Label:     "AVS",
	Separator: "**AVS DATA - DO NOT MANUALLY CHANGE ANYTHING BELOW THIS LINE**",
	Fields:    []string{"avs_version", "provider", "resource_identifier", "resource_engine", "resource_engine_version"}, VersionField: "avs_version", Version: "1.0.0",
	Purpose: []string{"provider", "resource_identifier", "resource_engine"},
}

// referenceDescription is what the reference writes for the resource db, at an engine version.
func referenceDescription(version string) string {
	return "\nThis MR is triggered by something.\n\nParts of this description are used by AVS to manage the MR.\n\n" +
		"**AVS DATA - DO NOT MANUALLY CHANGE ANYTHING BELOW THIS LINE**\n\n* avs_version: 1.0.0\n* provider: aws\n" +
		"* resource_identifier: db\n* resource_engine: postgres\n* resource_engine_version: " + version + "\n"
}

func quoted(text string) string { return `"` + strings.ReplaceAll(text, "\n", `\n`) + `"` }

// plain is a request that is told by its title.
func plain() mergerequest.Request {
	return mergerequest.Request{
		Type: "create_delete_user_mr", Title: "[create_delete_user_mr] delete user bob", Description: "delete user bob",
		Labels: []string{mergerequest.AutoMerge},
		Files:  []mergerequest.FileChange{mergerequest.DeleteFile("/data/gone.yml"), mergerequest.CreateFile("data/new.yml", []byte("new\n"))},
	}
}

// managed is a request of a kind, for the resource db.
func managed(version string) mergerequest.Request {
	return mergerequest.Request{
		Type: "AVS", Title: "[auto] update AWS resource version for db", Description: "For people.\n", Kind: &versions,
		Labels: []string{mergerequest.AutoMerge},
		Data:   map[string]string{"provider": "aws", "resource_identifier": "db", "resource_engine": "postgres", "resource_engine_version": version},
		Files: []mergerequest.FileChange{mergerequest.EditFile("data/a.yml", func(current []byte) ([]byte, error) {
			return []byte(strings.Replace(string(current), "version: 1", "version: "+version, 1)), nil
		})},
	}
}
