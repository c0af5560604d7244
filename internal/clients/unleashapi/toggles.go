package unleashapi

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net/http"

	"github.com/Unleash/unleash-client-go/v4"
	unleashcontext "github.com/Unleash/unleash-client-go/v4/context"
)

// toggles is one answer of Unleash. The library is given it as the only thing that it ever fetches.
type toggles struct{ library *unleash.Client }

// newToggles reads an answer. The caller closes the toggles.
func newToggles(body []byte) (*toggles, error) {
	read := &outcome{settled: make(chan error, 1)}
	library, err := unleash.NewClient(
		unleash.WithUrl("http://answered.invalid/"), unleash.WithAppName(appName), unleash.WithInstanceId(appName),
		unleash.WithHttpClient(&http.Client{Transport: answered(body)}), unleash.WithRefreshInterval(math.MaxInt64),
		// Differs from the reference: no usage is reported, since asking must write nowhere.
		unleash.WithDisableMetrics(true),
		unleash.WithStorage(&memory{}), unleash.WithStrategies(enableCluster{}, disableCluster{}), unleash.WithListener(read),
	)
	if err != nil {
		return nil, err
	}
	t := &toggles{library: library}
	if err := <-read.settled; err != nil {
		t.close()
		return nil, fmt.Errorf("what it sent cannot be read: %w", err)
	}
	return t, nil
}

func (t *toggles) enabled(toggle string, properties map[string]string, fallback bool) bool {
	return t.library.IsEnabled(toggle, unleash.WithFallback(fallback), unleash.WithContext(unleashcontext.Context{Properties: properties}))
}

// close ends the library's goroutines. It takes nil for none.
func (t *toggles) close() {
	if t != nil {
		_ = t.library.Close()
	}
}

// answered is a transport that gives one body to every request.
type answered []byte

// RoundTrip implements http.RoundTripper.
func (a answered) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(a)), Request: req,
	}, nil
}

// outcome tells how the library's first reading ended. What it says later is about single toggles: they are off.
type outcome struct{ settled chan error }

// OnReady is called when all is read.
func (o *outcome) OnReady() { o.settle(nil) }

// OnUpdate is called never, since nothing is fetched twice.
func (o *outcome) OnUpdate() {}

// OnError is called with what keeps it from being read.
func (o *outcome) OnError(err error) { o.settle(err) }

// OnWarning is called for what does not.
func (o *outcome) OnWarning(error) {}

func (o *outcome) settle(err error) {
	select {
	case o.settled <- err:
	default:
	}
}

// memory keeps the toggles of one answer. The library's own storage is a file that all processes of a machine share.
type memory struct{ features map[string]any }

// Init implements unleash.Storage.
func (m *memory) Init(string, string) {}

// Reset implements unleash.Storage.
func (m *memory) Reset(features map[string]any, _ bool) error {
	m.features = features
	return nil
}

// Load implements unleash.Storage.
func (m *memory) Load() error { return nil }

// Persist implements unleash.Storage.
func (m *memory) Persist() error { return nil }

// Get implements unleash.Storage.
func (m *memory) Get(name string) (any, bool) {
	feature, ok := m.features[name]
	return feature, ok
}

// List implements unleash.Storage.
func (m *memory) List() []any {
	all := make([]any, 0, len(m.features))
	for _, feature := range m.features {
		all = append(all, feature)
	}
	return all
}
