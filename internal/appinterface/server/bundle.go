package server

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/appinterface/schema"
)

// Bundle is one snapshot of app-interface, indexed and ready to answer queries. It never changes after it was read.
type Bundle struct {
	sha       string
	commit    string
	timestamp string
	schema    *Schema
	warnings  Problems

	datafiles     map[string]*object
	datafilePaths []string
	bySchema      map[string][]*object
	resources     map[string]*object
	resourcePaths []string
	backrefs      map[schema.Synthetic]map[string][]*object
}

// SHA is the hexadecimal SHA-256 of the bundle's bytes.
func (b *Bundle) SHA() string { return b.sha }

// Commit is the commit of app-interface that the bundle was made from.
func (b *Bundle) Commit() string { return b.commit }

// Timestamp is the commit's time in seconds since the epoch, as text.
func (b *Bundle) Timestamp() string { return b.timestamp }

// Warnings are oddities of a folder's files that do not keep it from being served.
func (b *Bundle) Warnings() []Problem { return b.warnings }

// ReadBundle reads a bundle as qontract-server's bundler writes it: a JSON object with git_commit,
// git_commit_timestamp, data, graphql and resources. The error is Problems where files in it are broken.
func ReadBundle(r io.Reader) (*Bundle, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read bundle: %w", err)
	}
	return parseBundle(data)
}

func parseBundle(data []byte) (*Bundle, error) {
	content, err := decodeJSON(data, false)
	if err != nil {
		return nil, fmt.Errorf("bundle is not JSON: %w", err)
	}
	root, ok := content.(*object)
	if !ok {
		return nil, fmt.Errorf("bundle must be a JSON object with data, graphql and resources")
	}
	b, err := newBundle(data, root)
	if err != nil {
		return nil, err
	}
	section, _ := root.get("graphql")
	by, err := newSchema(section)
	if err != nil {
		return nil, err
	}
	b.serveBy(by)
	return b, nil
}

// newBundle takes a bundle apart, of which data are the bytes.
func newBundle(data []byte, root *object) (*Bundle, error) {
	sum := sha256.Sum256(data)
	b := &Bundle{
		sha:       hex.EncodeToString(sum[:]),
		commit:    plainText(root, "git_commit"),
		timestamp: plainText(root, "git_commit_timestamp"),
		bySchema:  map[string][]*object{},
	}
	var problems Problems
	b.datafiles, b.datafilePaths = readFiles(root, "data", []string{"$schema"}, &problems)
	b.resources, b.resourcePaths = readFiles(root, "resources", []string{"path", "content", "sha256sum"}, &problems)
	for _, path := range b.datafilePaths {
		datafile := b.datafiles[path]
		b.bySchema[datafile.text("$schema")] = append(b.bySchema[datafile.text("$schema")], datafile)
	}
	return b, problems.orNil()
}

func (b *Bundle) serveBy(s *Schema) {
	b.schema = s
	b.backrefs = indexBackrefs(s.confs, b.bySchema)
}

// plainText returns a string or number of the bundle's head as text.
func plainText(root *object, key string) string {
	value, _ := root.get(key)
	if value == nil {
		return ""
	}
	if s, ok := value.(string); ok {
		return s
	}
	s, _ := encodeJSON(value)
	return s
}

// readFiles takes one section of a bundle apart: path to object. Each object gets its path as field.
func readFiles(root *object, section string, required []string, problems *Problems) (map[string]*object, []string) {
	value, _ := root.get(section)
	files, ok := value.(*object)
	if !ok {
		problems.add(section, "", "the bundle needs a section of this name that maps paths to files")
		return nil, nil
	}
	known := make(map[string]*object, len(files.keys))
	for _, path := range files.keys {
		file, ok := files.values[path].(*object)
		if !ok || len(file.keys) == 0 {
			problems.add(path, "", "must be a mapping with at least %s", strings.Join(required, ", "))
			continue
		}
		for _, key := range required {
			if _, ok := file.get(key); !ok {
				problems.add(path, key, "is missing")
			}
		}
		file.set("path", path)
		known[path] = file
	}
	return known, indicesFirst(files.keys)
}
