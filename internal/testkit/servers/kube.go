package servers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// The environment that names a running API server to be used instead of starting one.
const (
	EnvKube           = "QT_KUBE_URL"
	EnvKubeCA         = "QT_KUBE_CA_FILE"
	EnvKubeToken      = "QT_KUBE_TOKEN"
	EnvKubeAutomation = "QT_KUBE_AUTOMATION_TOKEN"
	EnvKubeLimited    = "QT_KUBE_LIMITED_TOKEN"
)

// KubeOptions say how an API server runs. The zero value is enough for tests.
type KubeOptions struct {
	// AuditLog is a file that receives one line for each request, at the level Metadata (no bodies), as
	// audit.k8s.io/v1 events. Empty writes none.
	AuditLog string
}

// Kube is a running API server with its tokens. They open nothing but this server.
type Kube struct {
	URL string
	// CA is the certificate to trust, as PEM; empty where the system's are right.
	CA []byte
	// Token is of the group system:masters.
	Token string
	// Automation is a user bound to cluster-admin, as app-interface's automation tokens are.
	Automation string
	// Limited is a user with nothing bound: it may only look at the discovery documents. Empty where a server that
	// QT_KUBE_URL names has none.
	Limited string

	caFile    string
	dir       *workdir
	processes []*process
}

// RunningKube returns the server that the environment names; ok is false where it names none. Without a token of its
// own the automation user is the administrator.
func RunningKube() (server *Kube, ok bool, err error) {
	k := &Kube{
		URL: os.Getenv(EnvKube), Token: os.Getenv(EnvKubeToken), Automation: os.Getenv(EnvKubeAutomation),
		Limited: os.Getenv(EnvKubeLimited), caFile: os.Getenv(EnvKubeCA),
	}
	if k.URL == "" {
		return nil, false, nil
	}
	if k.Token == "" {
		return nil, false, fmt.Errorf("%s is set and %s is not: set both or none", EnvKube, EnvKubeToken)
	}
	if k.Automation == "" {
		k.Automation = k.Token
	}
	if k.caFile != "" {
		if k.CA, err = os.ReadFile(k.caFile); err != nil {
			return nil, false, fmt.Errorf("read %s: %w", EnvKubeCA, err)
		}
	}
	return k, true, nil
}

// Env is the environment that makes RunningKube find this server, as KEY=value.
func (k *Kube) Env() []string {
	return []string{
		EnvKube + "=" + k.URL, EnvKubeCA + "=" + k.caFile, EnvKubeToken + "=" + k.Token,
		EnvKubeAutomation + "=" + k.Automation, EnvKubeLimited + "=" + k.Limited,
	}
}

// StartKube starts etcd, the API server and its controllers, and returns when namespaces get their service accounts and
// aggregated roles have their rules. It waits for that until ctx ends; later the context no longer matters. The caller
// stops the server.
func StartKube(ctx context.Context, options KubeOptions) (*Kube, error) {
	for _, name := range []string{"etcd", "kube-apiserver", "kube-controller-manager"} {
		if _, err := Find(name); err != nil {
			return nil, err
		}
	}
	return withFreshPorts(func() (*Kube, error) { return startKube(ctx, options) })
}

func startKube(ctx context.Context, options KubeOptions) (_ *Kube, err error) {
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	dir, err := newWorkdir()
	if err != nil {
		return nil, err
	}
	k := &Kube{URL: fmt.Sprintf("https://127.0.0.1:%d", ports[0]), dir: dir, caFile: dir.file("ca.pem")}
	defer func() {
		if err != nil {
			err = errors.Join(err, k.Stop())
		}
	}()
	if err := k.writeCredentials(); err != nil {
		return nil, err
	}
	if err := k.launch("etcd", etcdArguments(dir, ports[1], ports[2])...); err != nil {
		return nil, err
	}
	serving, err := apiserverArguments(dir, ports[0], ports[1], options)
	if err != nil {
		return nil, err
	}
	if err := k.launch("kube-apiserver", serving...); err != nil {
		return nil, err
	}
	if err := waitReady(ctx, "kube-apiserver at "+k.URL, k.ready, k.processes...); err != nil {
		return nil, err
	}
	if err := k.bindAutomation(ctx); err != nil {
		return nil, err
	}
	if err := k.launch("kube-controller-manager", controllerArguments(dir)...); err != nil {
		return nil, err
	}
	if err := waitReady(ctx, "kube-controller-manager", k.controlled, k.processes...); err != nil {
		return nil, err
	}
	return k, nil
}

func (k *Kube) launch(name string, args ...string) error {
	// Nothing that these servers hold outlives them, so none gets time to end in order.
	p, err := launch(name, k.dir.path, 0, args...)
	if err == nil {
		k.processes = append(k.processes, p)
	}
	return err
}

// Stop ends the servers and removes their data. A server that was found by RunningKube is left alone.
func (k *Kube) Stop() error {
	for i := len(k.processes) - 1; i >= 0; i-- {
		k.processes[i].stop()
	}
	if k.dir == nil {
		return nil
	}
	return k.dir.remove()
}

func etcdArguments(dir *workdir, port, peerPort int) []string {
	client, peer := fmt.Sprintf("http://127.0.0.1:%d", port), fmt.Sprintf("http://127.0.0.1:%d", peerPort)
	return []string{
		"--name=default", "--data-dir=" + dir.file("etcd"), "--unsafe-no-fsync",
		"--listen-client-urls=" + client, "--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer, "--initial-cluster=default=" + peer,
	}
}

func apiserverArguments(dir *workdir, port, etcdPort int, options KubeOptions) ([]string, error) {
	args := []string{
		"--bind-address=127.0.0.1", "--secure-port=" + strconv.Itoa(port),
		fmt.Sprintf("--etcd-servers=http://127.0.0.1:%d", etcdPort),
		"--cert-dir=" + dir.path, "--tls-cert-file=" + dir.file("server.pem"), "--tls-private-key-file=" + dir.file("server.key"),
		"--service-cluster-ip-range=10.96.0.0/16", "--endpoint-reconciler-type=none", "--allow-privileged=true",
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + dir.file("service-account.key"),
		"--service-account-signing-key-file=" + dir.file("service-account.key"),
		"--token-auth-file=" + dir.file("tokens.csv"), "--authorization-mode=RBAC",
		// Pods are stored here and never run: one must not wait for its service account's token.
		"--disable-admission-plugins=ServiceAccount",
	}
	if options.AuditLog != "" {
		file, err := filepath.Abs(options.AuditLog)
		if err != nil {
			return nil, err
		}
		args = append(args, "--audit-policy-file="+dir.file("audit.yaml"), "--audit-log-path="+file, "--audit-log-mode=blocking")
	}
	return args, nil
}

func controllerArguments(dir *workdir) []string {
	return []string{
		"--kubeconfig=" + dir.file("kubeconfig"), "--leader-elect=false", "--secure-port=0",
		"--controllers=namespace-controller,clusterrole-aggregation-controller,serviceaccount-controller," +
			"serviceaccount-token-controller,garbage-collector-controller,resourcequota-controller",
		"--service-account-private-key-file=" + dir.file("service-account.key"), "--root-ca-file=" + dir.file("ca.pem"),
		"--kube-api-qps=500", "--kube-api-burst=1000",
	}
}
