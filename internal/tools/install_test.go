package tools_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/tools"
)

// releases is a release server that has etcd and kube-apiserver and counts the downloads of each file.
type releases struct {
	url   string
	mu    sync.Mutex
	files map[string][]byte
	hits  map[string]int
}

func serveReleases(t *testing.T) *releases {
	t.Helper()
	r := &releases{files: map[string][]byte{}, hits: map[string]int{}}
	r.publish(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.hits[req.URL.Path]++
		text, ok := r.files[req.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write(text)
	}))
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// publish puts the two releases in their projects' layout.
func (r *releases) publish(t *testing.T) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	etcd, _ := tools.Version("etcd")
	folder := fmt.Sprintf("etcd-v%s-linux-%s", etcd, runtime.GOARCH)
	archive := packed(t, folder+"/etcd", "#!/bin/sh\necho etcd\n")
	r.files["/v"+etcd+"/"+folder+".tar.gz"] = archive
	r.files["/v"+etcd+"/SHA256SUMS"] = fmt.Appendf(nil, "%s  other.zip\n%s  %s.tar.gz\n", digest(nil), digest(archive), folder)

	kube, _ := tools.Version("kube-apiserver")
	binary := []byte("#!/bin/sh\necho kube-apiserver\n")
	path := fmt.Sprintf("/v%s/bin/linux/%s/kube-apiserver", kube, runtime.GOARCH)
	r.files[path], r.files[path+".sha256"] = binary, []byte(digest(binary))
}

// replace changes the content of all files whose name has the ending.
func (r *releases) replace(ending string, content func(old []byte) []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for path := range r.files {
		if strings.HasSuffix(path, ending) {
			r.files[path] = content(r.files[path])
		}
	}
}

// downloads says how often each file was asked for.
func (r *releases) downloads() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.hits)
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func packed(t *testing.T, name, content string) []byte {
	t.Helper()
	var out bytes.Buffer
	compressed := gzip.NewWriter(&out)
	archive := tar.NewWriter(compressed)
	require.NoError(t, archive.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content))}))
	_, err := archive.Write([]byte(content))
	require.NoError(t, err)
	require.NoError(t, archive.Close())
	require.NoError(t, compressed.Close())
	return out.Bytes()
}

// machine is a fresh one: ordinary commands on PATH, no Go, nothing installed.
type machine struct {
	tools string
	path  string
	env   []string
}

func fresh(t *testing.T, r *releases) *machine {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("releases of these servers are published for Linux only")
	}
	m := &machine{tools: filepath.Join(t.TempDir(), "tools"), path: t.TempDir()}
	for _, command := range []string{"bash", "awk", "cat", "chmod", "curl", "dirname", "gzip", "mkdir", "mktemp", "mv", "rm", "sha256sum", "sleep", "tail", "tar", "tr", "uname"} {
		found, err := exec.LookPath(command)
		if err != nil {
			t.Skip(err)
		}
		require.NoError(t, os.Symlink(found, filepath.Join(m.path, command)))
	}
	m.env = []string{"PATH=" + m.path, "QT_TOOLS=" + m.tools, "QT_KUBERNETES_RELEASES=" + r.url, "QT_ETCD_RELEASES=" + r.url, "QT_TEMPORAL_RELEASES=" + r.url, "QT_LINTER_RELEASES=" + r.url}
	return m
}

func (m *machine) install(ctx context.Context, names ...string) (output string, err error) {
	cmd := exec.CommandContext(ctx, filepath.Join(m.path, "bash"), append([]string{"install.sh"}, names...)...)
	cmd.Env = m.env
	text, err := cmd.CombinedOutput()
	return string(text), err
}

func (m *machine) installed(t *testing.T, name string) string {
	t.Helper()
	version, ok := tools.Version(name)
	require.True(t, ok)
	text, err := os.ReadFile(filepath.Join(m.tools, name+"-"+version, name))
	require.NoError(t, err)
	return string(text)
}

func TestReleasesAreDownloadedOnce(t *testing.T) {
	r := serveReleases(t)
	m := fresh(t, r)
	output, err := m.install(t.Context(), "etcd", "kube-apiserver")
	require.NoError(t, err, output)
	require.Regexp(t, `etcd +3\S+ +downloaded`, output)
	require.Regexp(t, `kube-apiserver +1\S+ +downloaded`, output)
	require.Contains(t, m.installed(t, "etcd"), "echo etcd")
	require.Contains(t, m.installed(t, "kube-apiserver"), "echo kube-apiserver")

	before := r.downloads()
	output, err = m.install(t.Context(), "etcd", "kube-apiserver")
	require.NoError(t, err, output)
	require.Contains(t, output, "installed before")
	require.Equal(t, before, r.downloads())
}

func TestSeveralInstallationsAtOnceDoTheWorkOnce(t *testing.T) {
	r := serveReleases(t)
	m := fresh(t, r)
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() {
			output, err := m.install(t.Context(), "etcd")
			if err != nil {
				t.Errorf("%v: %s", err, output)
			}
		})
	}
	running.Wait()
	require.Contains(t, m.installed(t, "etcd"), "echo etcd")
	for path, hits := range r.downloads() {
		require.Equal(t, 1, hits, path)
	}
}

func TestADeadInstallationsLockIsTakenOver(t *testing.T) {
	m := fresh(t, serveReleases(t))
	version, _ := tools.Version("etcd")
	lock := filepath.Join(m.tools, "etcd-"+version+".lock")
	dead := exec.Command("true")
	require.NoError(t, dead.Run())
	require.NoError(t, os.MkdirAll(lock, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(lock, "pid"), fmt.Append(nil, dead.Process.Pid), 0o600))
	output, err := m.install(t.Context(), "etcd")
	require.NoError(t, err, output)
	require.NoDirExists(t, lock)
}

func TestWhatCannotBeInstalledIsNamed(t *testing.T) {
	for _, tc := range []struct {
		name   string
		spoil  func(r *releases)
		tool   string
		output []string
	}{
		{"a release that differs from its checksum is not used", func(r *releases) {
			r.replace(".tar.gz", func(old []byte) []byte { return append(old, 'x') })
		}, "etcd", []string{"does not match its published checksum", "go is missing", "FAILED"}},
		{"a release without checksum is not used", func(r *releases) {
			r.replace("SHA256SUMS", func([]byte) []byte { return []byte(digest(nil) + "  other.zip\n") })
		}, "etcd", []string{"no checksum is published", "go is missing"}},
		{"without release and Go there is nothing to build with", func(*releases) {}, "temporal", []string{"temporal 1.5.1: go is missing: install Go 1.26", "FAILED"}},
		{"an unknown tool is refused before anything is done", func(*releases) {}, "vi", []string{"vi is no tool of ours"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := serveReleases(t)
			tc.spoil(r)
			m := fresh(t, r)
			output, err := m.install(t.Context(), tc.tool)
			require.Error(t, err)
			for _, want := range tc.output {
				require.Contains(t, output, want)
			}
			require.NotContains(t, output, r.url, "messages name no host")
		})
	}
}

func TestOneFailureDoesNotStopTheOthers(t *testing.T) {
	m := fresh(t, serveReleases(t))
	output, err := m.install(t.Context(), "temporal", "etcd")
	require.Error(t, err)
	require.Contains(t, output, "FAILED")
	require.Contains(t, m.installed(t, "etcd"), "echo etcd")
}

func TestWhatTheEnvironmentGivesIsUsed(t *testing.T) {
	r := serveReleases(t)
	m := fresh(t, r)
	assets := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(assets, "etcd"), []byte("#!/bin/sh\n"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(m.path, "temporal"), []byte("#!/bin/sh\n"), 0o755))
	m.env = append(m.env, "KUBEBUILDER_ASSETS="+assets)
	output, err := m.install(t.Context(), "etcd", "temporal")
	require.NoError(t, err, output)
	require.Contains(t, output, "etcd: using "+filepath.Join(assets, "etcd"))
	require.Contains(t, output, "temporal: using "+filepath.Join(m.path, "temporal"))
	require.Empty(t, r.downloads())
	require.NoDirExists(t, m.tools)
}
