// Package registry is an in-process server that answers for registries of container images, by the host of a request. The
// registries themselves are those of go-containerregistry; what is added is who may log in.
package registry

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"sigs.k8s.io/yaml"
)

// Estate is what there is in registries, as a case writes it down.
type Estate struct {
	// Registries by host, such as quay.io.
	Registries map[string]Registry `json:"registries"`
}

// Registry is one registry.
type Registry struct {
	// Logins are the passwords by user name. Where there are none, everybody may read.
	Logins map[string]string `json:"logins,omitempty"`
	// Images by their names without the host, such as team/shop:v1. What they hold is made of their names, so that their
	// digests are always the same.
	Images []string `json:"images,omitempty"`
}

// ParseEstate reads an estate from YAML. An unknown key and an image without a tag are errors.
func ParseEstate(text []byte) (Estate, error) {
	var estate Estate
	if err := yaml.UnmarshalStrict(text, &estate); err != nil {
		return Estate{}, fmt.Errorf("registry estate: %w", err)
	}
	for _, host := range slices.Sorted(maps.Keys(estate.Registries)) {
		for _, image := range estate.Registries[host].Images {
			if _, err := name.NewTag(host+"/"+image, name.StrictValidation); err != nil {
				return Estate{}, fmt.Errorf("registry estate: %w", err)
			}
		}
	}
	return estate, nil
}

// Server answers for the registries. It is safe for concurrent use.
type Server struct {
	estate Estate
	images map[string]http.Handler
}

// New returns a server with the images of the estate.
func New(estate Estate) (*Server, error) {
	s := &Server{estate: estate, images: map[string]http.Handler{}}
	for host, one := range estate.Registries {
		s.images[host] = registry.New(registry.Logger(log.New(io.Discard, "", 0)))
		for _, image := range one.Images {
			if err := s.push(host, image); err != nil {
				return nil, fmt.Errorf("registry estate: image %s/%s: %w", host, image, err)
			}
		}
	}
	return s, nil
}

// push adds an image by its manifest: nobody pulls what it points to.
func (s *Server) push(host, image string) error {
	made, err := mutate.ConfigFile(empty.Image, &v1.ConfigFile{Config: v1.Config{Labels: map[string]string{"name": image}}})
	if err != nil {
		return err
	}
	manifest, err := made.RawManifest()
	if err != nil {
		return err
	}
	media, err := made.MediaType()
	if err != nil {
		return err
	}
	repository, tag := image[:strings.LastIndex(image, ":")], image[strings.LastIndex(image, ":")+1:]
	req := httptest.NewRequest(http.MethodPut, "/v2/"+repository+"/manifests/"+tag, strings.NewReader(string(manifest)))
	req.Header.Set("Content-Type", string(media))
	answer := httptest.NewRecorder()
	s.images[host].ServeHTTP(answer, req)
	if answer.Code != http.StatusCreated {
		return fmt.Errorf("it is refused: %s", answer.Body)
	}
	return nil
}

// ServeHTTP answers as the registry that the request is sent to.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	one, known := s.estate.Registries[r.Host]
	switch user, password, _ := r.BasicAuth(); {
	case !known:
		refuse(w, http.StatusNotFound, "NAME_UNKNOWN", "repository name not known to registry")
	case len(one.Logins) > 0 && (user == "" || one.Logins[user] != password):
		w.Header().Set("WWW-Authenticate", `Basic realm="`+r.Host+`"`)
		refuse(w, http.StatusUnauthorized, "UNAUTHORIZED", "access to the requested resource is not authorized")
	default:
		s.images[r.Host].ServeHTTP(w, r)
	}
}

// Dump returns the estate.
func (s *Server) Dump() Estate { return s.estate }

// refuse answers with an error.
// Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{map[string]any{"code": code, "message": message}}})
}
