package registryapi_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/registryapi"
	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/secret"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
	"github.com/app-sre/qontract-temporal/internal/testkit/silence"
)

// served is a registry with one image, that only bot may see.
type served struct {
	host, digest string
	faults       *fault.Injector
}

func serve(t *testing.T, private bool) *served {
	t.Helper()
	images := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	s := &served{faults: fault.New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); private && (user != "bot" || password != "hunter2") {
			w.Header().Set("WWW-Authenticate", `Basic realm="registry"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		images.ServeHTTP(w, r)
	}), nil)}
	server := httptest.NewServer(s.faults)
	t.Cleanup(server.Close)
	s.host = strings.TrimPrefix(server.URL, "http://")
	image, err := random.Image(64, 1)
	require.NoError(t, err)
	ref, err := name.ParseReference(s.host + "/team/shop:v1")
	require.NoError(t, err)
	require.NoError(t, remote.Write(ref, image, remote.WithAuth(&authn.Basic{Username: "bot", Password: "hunter2"})))
	digest, err := image.Digest()
	require.NoError(t, err)
	s.digest = digest.String()
	s.faults.Reset()
	return s
}

func as(user, password, server string) registryapi.Login {
	return registryapi.Login{User: secret.New(user), Password: secret.New(password), Server: server}
}

func TestImagesAreLookedUp(t *testing.T) {
	private, public := serve(t, true), serve(t, false)
	for _, tc := range []struct {
		name  string
		of    *served
		image string
		login registryapi.Login
		kind  apierr.Kind
	}{
		{"an image by its tag", private, "/team/shop:v1", as("bot", "hunter2", ""), ""},
		{"an image by its digest", private, "/team/shop@" + private.digest, as("bot", "hunter2", ""), ""},
		{"a login that is for the registry", private, "/team/shop:v1", as("bot", "hunter2", private.host), ""},
		{"a tag that is not there", private, "/team/shop:v2", as("bot", "hunter2", ""), apierr.Missing},
		{"a repository that is not there", private, "/team/none:v1", as("bot", "hunter2", ""), apierr.Missing},
		{"no login", private, "/team/shop:v1", registryapi.Login{}, apierr.Denied},
		{"a wrong login", private, "/team/shop:v1", as("bot", "wrong", ""), apierr.Denied},
		{"a login for another registry", private, "/team/shop:v1", as("bot", "hunter2", "quay.io"), apierr.Denied},
		{"a public image needs none", public, "/team/shop:v1", registryapi.Login{}, ""},
		{"no name of an image", public, "/team/shop:v1:v2", registryapi.Login{}, apierr.Invalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			digest, err := registryapi.New(registryapi.Options{}).NewView().Digest(t.Context(), tc.of.host+tc.image, tc.login)
			if tc.kind == "" {
				require.NoError(t, err)
				require.Equal(t, tc.of.digest, digest)
				return
			}
			require.True(t, apierr.Is(err, tc.kind), "%v", err)
			require.ErrorContains(t, err, "look up image "+tc.of.host+tc.image)
			require.NotContains(t, err.Error(), "hunter2")
		})
	}
}

func TestAPublicImageIsThereForAnOldLoginToo(t *testing.T) {
	images := serve(t, false)
	stale := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		images.faults.ServeHTTP(w, r)
	}))
	defer stale.Close()
	digest, err := registryapi.New(registryapi.Options{}).NewView().Digest(t.Context(), strings.TrimPrefix(stale.URL, "http://")+"/team/shop:v1", as("bot", "old", ""))
	require.NoError(t, err)
	require.Equal(t, images.digest, digest)
}

func TestARegistryThatDoesNotSayTheDigestIsAskedForTheManifest(t *testing.T) {
	images := serve(t, false)
	terse := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			w.Header().Set("Content-Type", "application/vnd.docker.distribution.manifest.v2+json")
			return
		}
		images.faults.ServeHTTP(w, r)
	}))
	defer terse.Close()
	digest, err := registryapi.New(registryapi.Options{}).NewView().Digest(t.Context(), strings.TrimPrefix(terse.URL, "http://")+"/team/shop:v1", registryapi.Login{})
	require.NoError(t, err)
	require.Equal(t, images.digest, digest)
}

func TestARegistryMayAskForTokens(t *testing.T) {
	images := serve(t, false)
	tokens := 0
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/token":
			tokens++
			if user, password, _ := r.BasicAuth(); user != "bot" || password != "hunter2" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			_, _ = io.WriteString(w, `{"token": "short-lived"}`)
		case r.Header.Get("Authorization") != "Bearer short-lived":
			w.Header().Set("WWW-Authenticate", `Bearer realm="`+server.URL+`/token",service="registry"`)
			w.WriteHeader(http.StatusUnauthorized)
		default:
			images.faults.ServeHTTP(w, r)
		}
	}))
	defer server.Close()
	image := strings.TrimPrefix(server.URL, "http://") + "/team/shop"
	view := registryapi.New(registryapi.Options{}).NewView()
	for range 2 {
		digest, err := view.Digest(t.Context(), image+":v1", as("bot", "hunter2", ""))
		require.NoError(t, err)
		require.Equal(t, images.digest, digest)
		_, err = view.Digest(t.Context(), image+":v2", as("bot", "hunter2", ""))
		require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
	}
	require.Equal(t, 1, tokens, "one for the repository")
	_, err := view.Digest(t.Context(), image+":v1", as("bot", "wrong", ""))
	require.True(t, apierr.Is(err, apierr.Denied), "%v", err)
}

func TestRequestsGrowWithImagesAndNotWithTargets(t *testing.T) {
	s := serve(t, true)
	view := registryapi.New(registryapi.Options{}).NewView()
	var targets sync.WaitGroup
	errs := make([]error, 40)
	for i := range errs {
		targets.Go(func() { _, errs[i] = view.Digest(t.Context(), s.host+"/team/shop:v1", as("bot", "hunter2", "")) })
	}
	targets.Wait()
	require.Equal(t, make([]error, 40), errs)
	require.Len(t, s.faults.Calls(), 2, "how it lets in, and the image")
	_, err := view.Digest(t.Context(), s.host+"/team/shop:v2", as("bot", "hunter2", ""))
	require.True(t, apierr.Is(err, apierr.Missing), "%v", err)
	require.Len(t, s.faults.Calls(), 3, "the repository is known")
}

func TestFailuresAreOfTheirKinds(t *testing.T) {
	for name, tc := range map[string]struct {
		failure fault.Failure
		kind    apierr.Kind
		says    string
	}{
		"too many requests": {fault.Failure{Status: 429, Header: http.Header{"Retry-After": {"7"}}}, apierr.Limited, "too many requests"},
		"a broken server":   {fault.Failure{Status: 503}, apierr.Unavailable, "(503)"},
	} {
		t.Run(name, func(t *testing.T) {
			for call := 1; call <= 2; call++ {
				s := serve(t, true)
				s.faults.FailNth(call, tc.failure)
				client := registryapi.New(registryapi.Options{})
				_, err := client.NewView().Digest(t.Context(), s.host+"/team/shop:v1", as("bot", "hunter2", ""))
				require.True(t, apierr.Is(err, tc.kind), "%v", err)
				require.ErrorContains(t, err, tc.says)
				require.Len(t, s.faults.Calls(), call, "it is not tried again here")
				if tc.kind == apierr.Limited {
					require.Equal(t, 7*time.Second, apierr.RetryAfter(err))
				}
				_, err = client.NewView().Digest(t.Context(), s.host+"/team/shop:v1", as("bot", "hunter2", ""))
				require.NoError(t, err, "but by the next step")
			}
		})
	}
}

func TestFailureMode12_ARegistryThatNeverAnswersIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := registryapi.New(registryapi.Options{Transport: silence.Transport{}}).NewView().Digest(t.Context(), "registry.example.com/team/shop:v1", registryapi.Login{})
		require.True(t, apierr.Is(err, apierr.Unavailable), "%v", err)
		require.LessOrEqual(t, time.Since(began), time.Minute)
	})
}

func TestNothingIsAskedWhereInputsAreRecorded(t *testing.T) {
	recorded, _ := inputs.Record(t.Context())
	_, err := registryapi.New(registryapi.Options{}).NewView().Digest(recorded, "registry.example.com/team/shop:v1", registryapi.Login{})
	require.ErrorContains(t, err, "no data of app-interface")
}
