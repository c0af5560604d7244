package rehearse

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/state"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

const (
	stateBucket = "estate"
	// stateRoot is what the keys of internal/state begin with.
	stateRoot = "state/"
)

// stateTarget is a bucket with the state of all integrations. The estate's file holds values by their keys, which begin
// with the integration:
//
//	aws-account-manager/app-interface-commercial/payer/task.acme.create-account: car-123
//
// Metadata is not part of it. A value that is a time of the run, in seconds since 1970, is dumped as the text "now", and so is
// a field of a value that is a text with date, time and zone. The hash of a target's configuration has the addresses of the
// case's clusters in it, which are others in each run: it is dumped as "hash".
type stateTarget struct {
	began   time.Time
	objects gofakes3.Backend
	faults  *fault.Injector
	server  *httptest.Server
	// path makes the address one that no other world has. Who remembers an address takes none for another.
	path string
	// place is told where state is while the target is there.
	place *statePlace
}

func startState(_ context.Context, s *Stage, _ string, text []byte) (target, error) {
	t := &stateTarget{began: time.Now(), objects: s3mem.New(), path: "/" + strings.ToLower(rand.Text()), place: s.state}
	if err := t.load(text); err != nil {
		return nil, err
	}
	t.faults = fault.New(gofakes3.New(t.objects).Server(), nil)
	t.server = httptest.NewServer(http.StripPrefix(t.path, t.faults))
	t.place.set(t.URL())
	return t, nil
}

func (t *stateTarget) load(text []byte) error {
	var values map[string]json.RawMessage
	if err := yaml.UnmarshalStrict(text, &values); err != nil {
		return fmt.Errorf("estate: %w", err)
	}
	if err := t.objects.CreateBucket(stateBucket); err != nil {
		return err
	}
	for key, value := range values {
		if integration, rest, _ := strings.Cut(key, "/"); integration == "" || rest == "" {
			return fmt.Errorf("estate: key %q: write it as INTEGRATION/KEY", key)
		}
		header := map[string]string{"Content-Type": "application/json"}
		_, err := t.objects.PutObject(stateBucket, stateRoot+key, header, bytes.NewReader(value), int64(len(value)), &gofakes3.PutConditions{})
		if err != nil {
			return fmt.Errorf("estate: key %s: %w", key, err)
		}
	}
	return nil
}

func (t *stateTarget) URL() string { return t.server.URL + t.path }

// environment leads a worker to it. The server takes any credentials, and the client demands some.
func (t *stateTarget) environment() []string {
	query := url.Values{"endpoint": {t.URL()}, "region": {"us-east-1"}, "use_path_style": {"true"}}
	return []string{state.EnvURL + "=s3://" + stateBucket + "?" + query.Encode(), "AWS_ACCESS_KEY_ID=any", "AWS_SECRET_ACCESS_KEY=any"}
}

func (t *stateTarget) Faults() *fault.Injector { return t.faults }

func (t *stateTarget) Dump(context.Context, ...string) ([]byte, error) {
	listed, err := t.objects.ListBucket(stateBucket, nil, gofakes3.ListBucketPage{})
	if err != nil {
		return nil, err
	}
	values := map[string]json.RawMessage{}
	for _, object := range listed.Contents {
		key := strings.TrimPrefix(object.Key, stateRoot)
		if values[key], err = t.read(object.Key); err != nil {
			return nil, fmt.Errorf("key %s: %w", key, err)
		}
		if t.isNow(values[key]) {
			values[key] = json.RawMessage(`"now"`)
		}
		if values[key], err = t.stable(values[key]); err != nil {
			return nil, fmt.Errorf("key %s: %w", key, err)
		}
	}
	whole, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	return yaml.JSONToYAML(whole)
}

// isNow says whether a value is a time since the target was started. No two runs write the same.
func (t *stateTarget) isNow(value json.RawMessage) bool {
	var seconds float64
	if json.Unmarshal(value, &seconds) != nil {
		return false
	}
	return t.within(time.UnixMicro(int64(seconds * 1e6)))
}

func (t *stateTarget) within(at time.Time) bool {
	return at.After(t.began.Add(-time.Second)) && at.Before(time.Now().Add(time.Second))
}

// configHash is a field with the hash of a target's configuration.
var configHash = regexp.MustCompile(`^[0-9a-f]{16}$`)

// stable replaces what is another in each run in the fields of a value.
func (t *stateTarget) stable(value json.RawMessage) (json.RawMessage, error) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(value, &fields) != nil {
		return value, nil
	}
	changed := false
	for name, field := range fields {
		var text string
		if json.Unmarshal(field, &text) != nil {
			continue
		}
		if name == "target_config_hash" && configHash.MatchString(text) {
			fields[name], changed = json.RawMessage(`"hash"`), true
		}
		for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05Z07:00"} {
			if at, err := time.Parse(layout, text); err == nil && t.within(at) {
				fields[name], changed = json.RawMessage(`"now"`), true
			}
		}
	}
	if !changed {
		return value, nil
	}
	return json.Marshal(fields)
}

func (t *stateTarget) read(path string) (json.RawMessage, error) {
	object, err := t.objects.GetObject(stateBucket, path, nil)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(object.Contents)
	if closed := object.Contents.Close(); err == nil {
		err = closed
	}
	return body, err
}

func (t *stateTarget) Hang() error {
	t.server.Close()
	return nil
}

func (t *stateTarget) Close() error {
	t.place.set("")
	return t.Hang()
}

// statePlace is where the current case has its state. No case sees another's.
type statePlace struct {
	mu  sync.Mutex
	url string
}

func (p *statePlace) set(url string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.url = url
}

// at is a state.Options.At.
func (p *statePlace) at() (state.S3, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.url == "" {
		return state.S3{}, apierr.Errorf(apierr.Invalid, "the case has no state: add estate/state/NAME.yaml")
	}
	return state.S3{Endpoint: p.url, Bucket: stateBucket}, nil
}
