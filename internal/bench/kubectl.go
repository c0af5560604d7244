package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/app-sre/qontract-temporal/internal/testkit/servers"
)

// kubectl is the command-line tool with one file of manifests.
type kubectl struct {
	binary, kubeconfig, file string
}

func (b *bench) newKubectl(kube *servers.Kube, objects []corev1.ResourceQuota) (*kubectl, error) {
	return b.kubectlAt("kubectl", kube.URL, kube.Automation, corev1.ResourceQuotaList{TypeMeta: listType, Items: objects})
}

// kubectlAt has kubectl work on a list of objects in the cluster of the URL. Its files are in a folder of that name.
func (b *bench) kubectlAt(name, url, token string, list any) (*kubectl, error) {
	binary, err := servers.Find("kubectl")
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(b.dir, name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	k := &kubectl{binary: binary, kubeconfig: filepath.Join(folder, "kubeconfig"), file: filepath.Join(folder, "manifests.json")}
	settings := fmt.Appendf(nil, `apiVersion: v1
kind: Config
current-context: c
clusters: [{name: c, cluster: {server: %q, insecure-skip-tls-verify: true}}]
users: [{name: c, user: {token: %q}}]
contexts: [{name: c, context: {cluster: c, user: c}}]
`, url, token)
	if err := os.WriteFile(k.kubeconfig, settings, 0o600); err != nil {
		return nil, err
	}
	text, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	return k, os.WriteFile(k.file, text, 0o600)
}

// run runs a subcommand on the manifests, and returns how long it took. An exit code of 1 from diff is an answer.
func (k *kubectl) run(ctx context.Context, args ...string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, k.binary, append(args, "-f", k.file)...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+k.kubeconfig, "HOME="+filepath.Dir(k.kubeconfig))
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	began := time.Now()
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 && args[0] == "diff" && complaint.Len() == 0 {
		err = nil
	}
	if err != nil {
		return 0, fmt.Errorf("kubectl %s: %w: %s", args[0], err, complaint.Bytes())
	}
	return time.Since(began), nil
}
