package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// kind is what discovery says about a resource.
type kind struct {
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	Namespaced bool   `json:"namespaced"`
}

// kinds looks resources up in the real server's discovery documents and remembers what it found.
type kinds struct {
	fetch func(ctx context.Context, path string) ([]byte, int, error)

	mu    sync.Mutex
	known map[string]kind // by group/version/resource
}

func newKinds(fetch func(context.Context, string) ([]byte, int, error)) *kinds {
	return &kinds{fetch: fetch, known: map[string]kind{}}
}

// of returns what the target's resource is; ok is false for one that the server does not serve.
func (k *kinds) of(ctx context.Context, t target) (found kind, ok bool, err error) {
	key := t.group + "/" + t.version + "/" + t.resource
	k.mu.Lock()
	defer k.mu.Unlock()
	if found, ok = k.known[key]; ok {
		return found, true, nil
	}
	path := "/api/" + t.version
	if t.group != "" {
		path = "/apis/" + t.group + "/" + t.version
	}
	text, status, err := k.fetch(ctx, path)
	if err != nil || status == http.StatusNotFound {
		return kind{}, false, err
	}
	var document struct {
		Resources []kind `json:"resources"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		return kind{}, false, fmt.Errorf("discovery document %s: %w", path, err)
	}
	for _, resource := range document.Resources {
		if !strings.Contains(resource.Name, "/") {
			k.known[t.group+"/"+t.version+"/"+resource.Name] = resource
		}
	}
	found, ok = k.known[key]
	return found, ok, nil
}
