package servers

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
)

// unleashEnvironment is the environment of Unleash that its client token is for.
const unleashEnvironment = "development"

// Unleash is a running Unleash on a PostgreSQL of its own.
type Unleash struct {
	// URL is the address of the API, as UNLEASH_API_URL has it.
	URL string
	// ClientToken reads all toggles.
	ClientToken string
	// AdminToken may do everything.
	AdminToken string

	database *Postgres
	process  *process
	dir      *workdir
}

// StartUnleash starts PostgreSQL and Unleash and returns when the tables are made and toggles can be asked for, also
// with the strategies by cluster. The caller stops the server.
func StartUnleash(ctx context.Context) (_ *Unleash, err error) {
	if _, err := Find("unleash"); err != nil {
		return nil, err
	}
	if _, err := findProgram("node", "nodejs"); err != nil {
		return nil, err
	}
	database, err := StartPostgres(ctx)
	if err != nil {
		return nil, err
	}
	u, err := withFreshPorts(func() (*Unleash, error) { return startUnleash(ctx, database) })
	if err != nil {
		return nil, errors.Join(err, database.Stop())
	}
	return u, nil
}

func startUnleash(ctx context.Context, database *Postgres) (_ *Unleash, err error) {
	binary, err := Find("unleash")
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(1)
	if err != nil {
		return nil, err
	}
	dir, err := newWorkdir()
	if err != nil {
		return nil, err
	}
	u := &Unleash{
		URL:         fmt.Sprintf("http://127.0.0.1:%d/api", ports[0]),
		ClientToken: "*:" + unleashEnvironment + "." + rand.Text(), AdminToken: "*:*." + rand.Text(), dir: dir,
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, u.stopServer())
		}
	}()
	cmd := exec.Command(binary)
	cmd.Env = append(os.Environ(), "DATABASE_URL="+database.URL, "DATABASE_SSL=false",
		"HTTP_HOST=127.0.0.1", "HTTP_PORT="+strconv.Itoa(ports[0]), "LOG_LEVEL=warn",
		"INIT_CLIENT_API_TOKENS="+u.ClientToken, "INIT_ADMIN_API_TOKENS="+u.AdminToken, "UNLEASH_DEFAULT_ADMIN_PASSWORD="+rand.Text(),
		// A changed toggle counts at once.
		"CLIENT_FEATURE_CACHING_ENABLED=false",
		"CHECK_VERSION=false", "SEND_TELEMETRY=false")
	if u.process, err = start("unleash", dir.path, 0, cmd); err != nil {
		return nil, err
	}
	if err := waitReady(ctx, "unleash at "+u.URL, u.ready, u.process, database.process); err != nil {
		return nil, err
	}
	u.database = database
	return u, u.addStrategies(ctx)
}

// addStrategies makes the strategies by cluster, which are ours and not Unleash's.
func (u *Unleash) addStrategies(ctx context.Context) error {
	for _, name := range []string{"enableCluster", "disableCluster"} {
		parameters := []map[string]any{{"name": "cluster_name", "type": "list", "required": true}}
		if err := u.Admin(ctx, http.MethodPost, "/strategies", map[string]any{"name": name, "parameters": parameters}); err != nil {
			return err
		}
	}
	return nil
}

// ready succeeds once toggles can be asked for.
func (u *Unleash) ready(ctx context.Context) error {
	return u.call(ctx, http.MethodGet, "/client/features", u.ClientToken, nil)
}

// CreateToggle makes a toggle that is on. Strategies are objects of the admin API; without any it is on for all.
func (u *Unleash) CreateToggle(ctx context.Context, name string, strategies ...map[string]any) error {
	if err := u.Admin(ctx, http.MethodPost, "/projects/default/features", map[string]any{"name": name, "type": "release"}); err != nil {
		return err
	}
	if len(strategies) == 0 {
		strategies = []map[string]any{{"name": "default"}}
	}
	for _, strategy := range strategies {
		path := "/projects/default/features/" + name + "/environments/" + unleashEnvironment + "/strategies"
		if err := u.Admin(ctx, http.MethodPost, path, strategy); err != nil {
			return err
		}
	}
	return u.Switch(ctx, name, true)
}

// Switch turns a toggle on or off.
func (u *Unleash) Switch(ctx context.Context, name string, on bool) error {
	state := "off"
	if on {
		state = "on"
	}
	return u.Admin(ctx, http.MethodPost, "/projects/default/features/"+name+"/environments/"+unleashEnvironment+"/"+state, nil)
}

// Admin sends a request to the admin API. The path begins below /api/admin; body is JSON and may be nil.
func (u *Unleash) Admin(ctx context.Context, method, path string, body any) error {
	return u.call(ctx, method, "/admin"+path, u.AdminToken, body)
}

func (u *Unleash) call(ctx context.Context, method, path, token string, body any) error {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(encoded)
	}
	req, err := http.NewRequestWithContext(ctx, method, u.URL+path, content)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, bytes.TrimSpace(text))
	}
	return err
}

// Stop ends the server and its database, and removes what they kept.
func (u *Unleash) Stop() error { return errors.Join(u.stopServer(), u.database.Stop()) }

func (u *Unleash) stopServer() error {
	if u.process != nil {
		u.process.stop()
	}
	return u.dir.remove()
}
