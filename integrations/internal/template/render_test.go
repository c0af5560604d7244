package template

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/jinja"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/vectors"
)

// outside is everything that templates look at, in memory.
type outside struct {
	secrets   map[string]string
	resources map[string]string
	asked     []string
	failing   error
}

func (o *outside) Read(_ context.Context, ref secret.Ref) (secret.Value, error) {
	if o.failing != nil {
		return secret.Value{}, o.failing
	}
	if found, ok := o.secrets[ref.String()]; ok {
		return secret.New(found), nil
	}
	if ref.Version != nil {
		return secret.Value{}, apierr.Errorf(apierr.Missing, "secret %s: %w", ref, vaultapi.ErrVersionNotFound)
	}
	return secret.Value{}, apierr.Errorf(apierr.Missing, "secret %s is not there", ref)
}

func (o *outside) ReadAll(context.Context, secret.Ref) (map[string]secret.Value, error) {
	return nil, nil
}

func (o *outside) Resource(_ context.Context, path string) (appinterface.Resource, error) {
	content, ok := o.resources[path]
	if !ok {
		return appinterface.Resource{}, apierr.Errorf(apierr.Invalid, "app-interface has no resource %s", path)
	}
	return appinterface.Resource{Path: path, Content: content}, nil
}

func (o *outside) MakeRequest(_ context.Context, req *graphql.Request, resp *graphql.Response) error {
	o.asked = append(o.asked, req.Query)
	answer := `{"second": [{"name": "b", "z": 1, "a": 2}], "first": 1}`
	switch req.OpName {
	case "githubOrganisations":
		answer = `{"organisations": [{"name": "acme", "default": true}]}`
	case "templateAccount":
		answer = `{"accounts": [{"name": "acc"}]}`
	}
	return json.Unmarshal([]byte(answer), resp.Data)
}

func (o *outside) File(_ context.Context, repository, path, ref string) (string, error) {
	return repository + ":" + path + "@" + ref, nil
}

func (o *outside) Object(_ context.Context, bucket, key string) (string, error) {
	return bucket + "/" + key, nil
}

func (o *outside) Objects(_ context.Context, bucket, prefix string) ([]string, error) {
	return []string{bucket, prefix}, nil
}

func (o *outside) renderer() *Renderer {
	return &Renderer{
		secrets: o,
		app:     func(reconcile.Scope) app { return o },
		files:   func(context.Context, reconcile.Scope) (files, error) { return o, nil },
		buckets: func(_ context.Context, _ reconcile.Scope, account, region string) (buckets, error) {
			o.asked = append(o.asked, account+" "+region)
			return o, nil
		},
		web: newWeb(),
		now: func() time.Time { return time.Date(2031, 3, 1, 0, 30, 0, 0, time.UTC) },
	}
}

func TestTemplatesThatLookOutsideAreRenderedAsTheReferenceDoes(t *testing.T) {
	checked := 0
	vectors.Each(t, "jinja", map[string]string{
		"jj-mock-two-last-wins":                "each mocked function returns its own value",
		"jj-own-json-pointers-two-digit-index": "pointers are those of RFC 6901 for indices of any length",
		"jj-own-json-pointers-root":            "the pointer to the whole document is that of RFC 6901",
	}, func(t require.TestingT, v vectors.Vector) {
		checked++
		var input struct {
			Type, Template string
			Variables      json.RawMessage
			Mocks          json.RawMessage `json:"template_mocks"`
			RenderOptions  struct {
				TrimBlocks          bool `json:"trim_blocks"`
				LstripBlocks        bool `json:"lstrip_blocks"`
				KeepTrailingNewline bool `json:"keep_trailing_newline"`
			} `json:"render_options"`
			Secrets map[string]string
		}
		require.NoError(t, vectors.Decode(v.Input, &input))
		template := Template{Path: v.ID, Body: input.Template, ExtraCurly: input.Type == "extracurlyjinja2", Options: jinja.Options(input.RenderOptions)}
		var err error
		template.Variables, err = Variables(string(input.Variables))
		require.NoError(t, err)
		if mocks, err := Variables(string(input.Mocks)); len(mocks) > 0 {
			require.NoError(t, err)
			template.Variables["_template_mocks"] = mocks
		}
		result, err := (&outside{secrets: input.Secrets}).renderer().Render(context.Background(), reconcile.Scope{}, template)
		if v.Fails() {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		var output struct{ Text string }
		require.NoError(t, json.Unmarshal(v.Output, &output))
		require.Equal(t, output.Text, result.Text)
	})
	require.Equal(t, 111, checked)
}

func TestFunctionsLookOutside(t *testing.T) {
	for _, tc := range []struct{ name, template, rendered string }{
		{"a secret", "{{ vault('a/{{ env }}', k='user') }}", "root"},
		{"a version of a secret", "{{ vault('a/b', 'user', 3) }}{{ vault('a/b', 'user', '{{ three }}') }}", "oldold"},
		{"the latest version of a secret", "{{ vault('a/b', 'user', 'LATEST') }}", "new"},
		{"a secret that may be missing", "{{ vault('z', 'k', allow_not_found=True) }}", "None"},
		{"a file on GitHub", "{{ github('acme/{{ env }}', 'x.yml', r='main') }}", "acme/b:x.yml@main"},
		{"a query, of which the first field counts, in its order", "{% for x in query('/q.graphql', name='b') %}{{ x }}{% endfor %}", "{'name': 'b', 'z': 1, 'a': 2}"},
		{"an object in S3", "{{ s3('acc', 'bucket', 'key', region_name='eu-west-1') }}", "bucket/key"},
		{"objects in S3", "{{ s3_ls('acc', 'bucket', 'pre/') | join(',') }}", "bucket,pre/"},
		{"the day before, in a month that another begins", "{{ yesterday() }}", "2031-02-28"},
		{"the resource", "{{ resource.namespace.name }}", "shop"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := &outside{
				secrets:   map[string]string{"a/b#user": "root", "a/b#user@3": "old", "a/b#user@-1": "new"},
				resources: map[string]string{"/q.graphql": "{ second: things(name: \"{{ name }}{{ nothing }}\") { name } }"},
			}
			result, err := o.renderer().Render(t.Context(), reconcile.Scope{}, Template{
				Path: "/t.yml", Body: tc.template, Variables: map[string]any{"env": "b", "three": 3},
				Resource: map[string]any{"namespace": map[string]any{"name": "shop"}},
			})
			require.NoError(t, err)
			require.Equal(t, tc.rendered, result.Text)
			for _, asked := range o.asked {
				require.Contains(t, []string{`{ second: things(name: "b") { name } }`, "acc eu-west-1", "acc "}, asked)
			}
		})
	}
}

func TestAResultSaysWhetherASecretWasRead(t *testing.T) {
	o := &outside{secrets: map[string]string{"a/b#user": "root", "p#path": "a/b"}}
	for template, read := range map[string]bool{
		"{{ vault('a/b', 'user') }}":                                true,
		"{% if vault('a/b', 'user') %}x{% endif %}":                 true,
		"{{ github('a/b', \"{{ vault('p', 'path') }}\", 'main') }}": true,
		"{{ vault('z', 'k', none, true) }}":                         false,
		"{{ github('a/b', 'c', 'main') }}":                          false,
		"plain":                                                     false,
	} {
		result, err := o.renderer().Render(t.Context(), reconcile.Scope{}, Template{Path: "/t.yml", Body: template})
		require.NoError(t, err, template)
		require.Equal(t, read, result.Secret, template)
	}
}

func TestAnErrorNamesTheResourceAndTheLineAndHasItsKind(t *testing.T) {
	for _, tc := range []struct {
		name, template string
		failing        error
		kind           apierr.Kind
		message        string
	}{
		{"a secret that is missing", "a\n{{ vault('z', 'k') }}", nil, apierr.Missing, "template /t.yml: line 2: secret z#k is not there"},
		{"a secret that is missing, with a default", "{{ vault('z', 'k') | default('x') }}", nil, apierr.Missing, "secret z#k is not there"},
		{"a version that is missing, though the secret may be", "{{ vault('a/b', 'user', 9, allow_not_found=true) }}", nil, apierr.Missing, "secret a/b#user@9"},
		{"a Vault that is down", "{{ vault('a/b', 'user') }}", apierr.Errorf(apierr.Unavailable, "vault is sealed"), apierr.Unavailable, "line 1: vault is sealed"},
		{"a Vault that is down, and a secret that may be missing", "{{ vault('a/b', 'user', allow_not_found=true) }}", apierr.Errorf(apierr.Unavailable, "sealed"), apierr.Unavailable, "sealed"},
		{"a version that is no number", "{{ vault('a/b', 'user', 'x') }}", nil, apierr.Invalid, "the version of a secret is a number, or LATEST"},
		{"a call without what it needs", "{{ vault('a/b') }}", nil, apierr.Invalid, "vault is called without its value 2, k"},
		{"a call with too much", "{{ url('a', 'b') }}", nil, apierr.Invalid, "url takes at most 1 values"},
		{"a call with a name that is not known", "{{ s3('a', 'b', 'c', zone='d') }}", nil, apierr.Invalid, "s3 takes only the values account_name, bucket_name, path, region_name"},
		{"a call with a value twice", "{{ github('a/b', 'c', 'd', u='e') }}", nil, apierr.Invalid, "github is given u twice"},
		{"a call with a number for text", "{{ github(1, 'c', 'd') }}", nil, apierr.Invalid, "value 1 of github is not text"},
		{"a query that is not there", "{{ query('/none') }}", nil, apierr.Invalid, "app-interface has no resource /none"},
		{"an undefined variable in a parameter", "{{ vault('{{ nope }}', 'k') }}", nil, apierr.Invalid, "template in a parameter: line 1: nope is undefined"},
		{"a parameter that is its own template", "{{ vault(again, 'k') }}", nil, apierr.Invalid, "more than 10 deep"},
		{"a URL that is none", "{{ url('ftp://x') }}", nil, apierr.Invalid, "url takes an http or https URL"},
		{"an error that the template raises", "\n{% raise_error 'no ' ~ again %}", nil, apierr.Invalid, "line 2: the template raises: no "},
		{"an error that the template raises of a secret", "{% raise_error vault('a/b', 'user') %}", nil, apierr.Invalid, "is not shown because the template read a secret"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := &outside{secrets: map[string]string{"a/b#user": "hunter2"}, failing: tc.failing}
			result, err := o.renderer().Render(t.Context(), reconcile.Scope{}, Template{
				Path: "/t.yml", Body: tc.template, Variables: map[string]any{"again": "{{ vault(again, 'k') }}"},
			})
			require.ErrorContains(t, err, "template /t.yml: ")
			require.ErrorContains(t, err, tc.message)
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
			require.NotContains(t, err.Error(), "hunter2")
			require.Equal(t, Result{}, result)
		})
	}
}

func TestAURLMakesSenseWhereSomebodyAnswers(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(map[string]int{"/there": 200, "/login": 403, "/gone": 404, "/broken": 500}[r.URL.Path])
	}))
	defer server.Close()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for address, want := range map[string]string{
		server.URL + "/there": "True", " " + server.URL + "/login ": "True", server.URL + "/gone": "False", server.URL + "/broken": "False",
		closed.URL: "False", " ": "False",
	} {
		result, err := (&outside{}).renderer().Render(t.Context(), reconcile.Scope{}, Template{Path: "/t", Body: "{{ url(u) }}", Variables: map[string]any{"u": address}})
		require.NoError(t, err)
		require.Equal(t, want, result.Text, address)
	}
}

func TestNothingOutsideIsReadWhereInputsAreRecorded(t *testing.T) {
	o := &outside{failing: apierr.Errorf(apierr.Unavailable, "asked"), resources: map[string]string{"/q": "{ a }"}}
	ctx, recording := inputs.Record(t.Context())
	renderer := o.renderer()
	renderer.files, renderer.buckets = renderer.onGitHub(nil), renderer.inAccount(nil)
	result, err := renderer.Render(ctx, reconcile.Scope{}, Template{
		Path: "/t.yml", Body: "{{ vault('a', 'b', 1) }} {{ github('a/b', 'c', 'd') }} {{ url('https://x') }} {{ s3('a', 'b', 'c') }} {{ s3_ls('a', 'b', 'c') }} {{ query('/q') | length }}",
	})
	require.NoError(t, err)
	require.Equal(t, "vault(a#b@1) github(a/b, c, d) False s3(acc, b, c) ['s3_ls(acc, b, c)'] 1", result.Text)
	require.False(t, result.Secret)
	require.Empty(t, recording.Outside())
	require.Len(t, o.asked, 4, "the organisations, the account for either function, and the query")
}

func TestVariablesAreReadFromText(t *testing.T) {
	for _, tc := range []struct{ text, rendered string }{
		{`{"b": {"z": 1, "a": 2}}`, "{'z': 1, 'a': 2}"},
		{"b: [yes, 012, ~, x]", "[True, 10, None, 'x']"},
	} {
		variables, err := Variables(tc.text)
		require.NoError(t, err)
		result, err := (&outside{}).renderer().Render(t.Context(), reconcile.Scope{}, Template{Path: "/t", Body: "{{ b }}", Variables: variables})
		require.NoError(t, err)
		require.Equal(t, tc.rendered, result.Text)
	}
	for text, message := range map[string]string{"[1]": "not an object", "{": "not readable as YAML", "1: 2": "1 is no name"} {
		_, err := Variables(text)
		require.ErrorContains(t, err, message)
		require.True(t, apierr.Is(err, apierr.Invalid))
	}
	none, err := Variables(" ")
	require.NoError(t, err)
	require.Empty(t, none)
}
