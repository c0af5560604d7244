package tools_test

import (
	"archive/tar"
	"archive/zip"
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

// releases is a release server that has etcd, kube-apiserver and Vault and counts the downloads of each file.
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

// publish puts the releases in their projects' layout.
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

	vault, _ := tools.Version("vault")
	file := fmt.Sprintf("vault_%s_linux_%s.zip", vault, runtime.GOARCH)
	archive = zipped(t, map[string]string{"LICENSE.txt": "text", "vault": "#!/bin/sh\necho vault\n"})
	r.files["/"+vault+"/"+file] = archive
	r.files["/"+vault+"/vault_"+vault+"_SHA256SUMS"] = fmt.Appendf(nil, "%s  %s\n", digest(archive), file)
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

func zipped(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for name, content := range files {
		file, err := archive.Create(name)
		require.NoError(t, err)
		_, err = file.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
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
	// What a test reads by itself decides whether its last result still counts; the shell's reading does not.
	_, err := os.ReadFile("install.sh")
	require.NoError(t, err)
	m := &machine{tools: filepath.Join(t.TempDir(), "tools"), path: t.TempDir()}
	for _, command := range []string{"bash", "awk", "cat", "chmod", "cp", "curl", "dirname", "gzip", "mkdir", "mktemp", "mv", "rm", "sha256sum", "sleep", "tail", "tar", "tr", "uname"} {
		found, err := exec.LookPath(command)
		if err != nil {
			t.Skip(err)
		}
		require.NoError(t, os.Symlink(found, filepath.Join(m.path, command)))
	}
	m.env = []string{"PATH=" + m.path, "QT_TOOLS=" + m.tools, "QT_KUBERNETES_RELEASES=" + r.url, "QT_ETCD_RELEASES=" + r.url, "QT_VAULT_RELEASES=" + r.url, "QT_HELM_RELEASES=" + r.url, "QT_LINTER_RELEASES=" + r.url}
	return m
}

// link puts a program of this machine on the PATH of the fresh one. What is called python3 may be a script that looks for the
// interpreter, which is not there.
func (m *machine) link(t *testing.T, program string) {
	t.Helper()
	found, err := exec.LookPath(program)
	if err != nil {
		t.Skip(err)
	}
	if program == "python3" {
		interpreter, err := exec.CommandContext(t.Context(), found, "-c", "import sys; print(sys.executable)").Output()
		require.NoError(t, err)
		found = strings.TrimSpace(string(interpreter))
	}
	require.NoError(t, os.Symlink(found, filepath.Join(m.path, program)))
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

func TestAZipIsUnpackedWithWhatThereIs(t *testing.T) {
	for _, tc := range []struct {
		name, program, output string
		fails                 bool
	}{
		{"by unzip", "unzip", "downloaded", false},
		{"by Python", "python3", "downloaded", false},
		{"where nothing unpacks it, it is built", "", "go is missing", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := serveReleases(t)
			m := fresh(t, r)
			if tc.program != "" {
				m.link(t, tc.program)
			}
			output, err := m.install(t.Context(), "vault")
			require.Equal(t, tc.fails, err != nil, output)
			require.Contains(t, output, tc.output)
			if tc.fails {
				require.Empty(t, r.downloads(), "nothing is downloaded that cannot be used")
				return
			}
			require.Contains(t, m.installed(t, "vault"), "echo vault")
		})
	}
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
		{"without release and Go there is nothing to build with", func(*releases) {}, "temporal", []string{"temporal 1.5.1+sqlite1.51.0: go is missing: install Go 1.26", "FAILED"}},
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

// program puts a shell script on the machine's PATH.
func (m *machine) program(t *testing.T, name, script string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(m.path, name), []byte("#!"+filepath.Join(m.path, "bash")+"\n"+script+"\n"), 0o755))
}

func TestServersOfNpmPackages(t *testing.T) {
	t.Run("npm installs exactly what the lock file says, once", func(t *testing.T) {
		m := fresh(t, serveReleases(t))
		m.program(t, "node", "echo v20.1.0")
		m.program(t, "npm", `[[ $1 == ci && $* == *--ignore-scripts* && -s package.json && -s package-lock.json ]] && mkdir node_modules`)
		output, err := m.install(t.Context(), "unleash")
		require.NoError(t, err, output)
		require.Regexp(t, `unleash +7\S+ +installed with npm`, output)
		require.Contains(t, m.installed(t, "unleash"), "node_modules/unleash-server/dist/server.js")
		m.program(t, "npm", "exit 1")
		output, err = m.install(t.Context(), "unleash")
		require.NoError(t, err, output)
		require.Contains(t, output, "installed before")
	})
	for _, tc := range []struct {
		name, node, npm string
		output          string
	}{
		{"without Node.js the remedy is named", "", "", "node (missing) and npm are not enough: install Node.js 20 or newer with npm"},
		{"an old Node.js is not used", "echo v18.20.4", "mkdir node_modules", "node 18.20.4 and npm are not enough: install Node.js 20 or newer with npm"},
		{"what npm says is shown where it fails", "echo v20.1.0", "echo integrity checksum failed; exit 1", "integrity checksum failed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := fresh(t, serveReleases(t))
			if tc.node != "" {
				m.program(t, "node", tc.node)
				m.program(t, "npm", tc.npm)
			}
			output, err := m.install(t.Context(), "unleash")
			require.Error(t, err)
			require.Contains(t, output, tc.output)
			require.Contains(t, output, "FAILED")
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

func TestWithoutReleasesToolsAreBuiltEachInItsWay(t *testing.T) {
	m := fresh(t, serveReleases(t))
	m.env = append(m.env, "QT_FROM_SOURCE=1")
	// What it is asked to build becomes the tool.
	m.program(t, "go", `[[ $1 == env ]] && { echo 'https://proxy.example,direct'; exit; }
while (($# > 2)); do [[ $1 == -o ]] && target=$2; arguments+=" $1"; shift; done
echo "$GOPROXY$arguments $2 ${PWD##*/}" >"$target"; chmod 755 "$target"`)
	output, err := m.install(t.Context(), "vault", "temporal", "kube-apiserver", "vault-plugin-auth-kubernetes")
	require.NoError(t, err, output)
	version, _ := tools.Version("kube-apiserver")
	for name, want := range map[string]string{
		"vault":                        `-tags minimal .*github.com/hashicorp/vault vault$`,
		"temporal":                     `-tags  -ldflags .*cmd/temporal temporal$`,
		"kube-apiserver":               `-tags  .*gitVersion=v` + version + ` .*cmd/kube-apiserver kubernetes$`,
		"vault-plugin-auth-kubernetes": `-tags  .*cmd/vault-plugin-auth-kubernetes vault$`,
	} {
		require.Regexp(t, want, strings.TrimSpace(m.installed(t, name)))
		require.Contains(t, m.installed(t, name), "https://proxy.example build", "the proxy alone is asked")
	}
}
