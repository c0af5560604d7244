package server

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	gqlast "github.com/vektah/gqlparser/v2/ast"

	"github.com/app-sre/qontract-temporal/internal/appinterface/schema"
)

// The layout of a folder, which is that of an app-interface repository.
const (
	dataFolder     = "data"
	resourceFolder = "resources"
	schemaFile     = "graphql-schemas/schema.yml"
)

// FolderOptions say what a folder itself does not.
type FolderOptions struct {
	// SDL is the schema, with the directives of schema.graphql. A folder's graphql-schemas/schema.yml, in the bundle's
	// form, is taken instead where there is one.
	SDL string
	// Commit is the git commit of the bundle; a digest of the folder's content where empty.
	Commit string
	// Timestamp is the commit's time in seconds since the epoch; 0 where empty. The files' own times are not used:
	// equal content gives an equal bundle.
	Timestamp string
}

// ReadFolder makes a bundle of a folder: datafiles in data/ (.yml, .yaml, .json), resources of any kind in resources/.
// The error is Problems where files are broken, and then holds all of them, each with file, line or path.
func ReadFolder(folder fs.FS, options FolderOptions) (*Bundle, error) {
	data, warnings, err := EncodeFolder(folder, options)
	if err != nil {
		return nil, err
	}
	b, err := parseBundle(data)
	if err != nil {
		return nil, err
	}
	b.warnings = warnings
	return b, nil
}

// EncodeFolder returns a folder as the bytes of a bundle, which qontract-server can read, and warnings about oddities
// that keep nothing from being served. Equal content gives equal bytes.
func EncodeFolder(folder fs.FS, options FolderOptions) ([]byte, []Problem, error) {
	f := folderReader{folder: folder, datafiles: newObject(), resources: newObject()}
	confs, err := f.schema(options.SDL)
	if err != nil {
		return nil, nil, err
	}
	if err := f.walk(dataFolder, f.readDatafile); err != nil {
		return nil, nil, err
	}
	if err := f.walk(resourceFolder, f.readResource); err != nil {
		return nil, nil, err
	}
	warnings := f.check(confs)
	if err := f.problems.orNil(); err != nil {
		return nil, nil, err
	}
	section, err := confs.ForBundle()
	if err != nil {
		return nil, nil, err
	}
	graphql, err := decodeJSON(section, false)
	if err != nil {
		return nil, nil, err
	}
	content := newObject()
	content.set("data", f.datafiles)
	content.set("graphql", graphql)
	content.set("resources", f.resources)
	data, err := f.encode(content, options)
	return data, warnings, err
}

// encode puts the bundle's head before its content.
func (f *folderReader) encode(content *object, options FolderOptions) ([]byte, error) {
	body, err := encodeJSON(content)
	if err != nil {
		return nil, err
	}
	commit, timestamp := options.Commit, options.Timestamp
	if commit == "" {
		sum := sha256.Sum256([]byte(body))
		commit = hex.EncodeToString(sum[:20])
	}
	if timestamp == "" {
		timestamp = "0"
	}
	bundle := newObject()
	bundle.set("git_commit", commit)
	bundle.set("git_commit_timestamp", timestamp)
	for _, key := range content.keys {
		bundle.set(key, content.values[key])
	}
	var out bytes.Buffer
	err = writeJSON(&out, bundle)
	return out.Bytes(), err
}

// folderReader collects the files of a folder and what is wrong with them.
type folderReader struct {
	folder    fs.FS
	datafiles *object
	resources *object
	problems  Problems
}

func (f *folderReader) schema(sdl string) (schema.Confs, error) {
	data, err := fs.ReadFile(f.folder, schemaFile)
	if errors.Is(err, fs.ErrNotExist) {
		return schema.FromSDL(&gqlast.Source{Name: "schema", Input: sdl})
	}
	if err != nil {
		return nil, err
	}
	value, err := decodeYAML(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", schemaFile, err)
	}
	section, err := encodeJSON(value)
	if err != nil {
		return nil, err
	}
	confs, err := schema.FromBundle([]byte(section))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", schemaFile, err)
	}
	return confs, nil
}

// walk calls read for the files below a top folder, in the order of their paths. The folder may be missing.
func (f *folderReader) walk(top string, read func(name string, data []byte)) error {
	err := fs.WalkDir(f.folder, top, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(f.folder, file)
		if err != nil {
			return err
		}
		read(strings.TrimPrefix(file, top), data)
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (f *folderReader) readDatafile(name string, data []byte) {
	var value any
	var err error
	switch path.Ext(name) {
	case ".yml", ".yaml":
		value, err = decodeYAML(data)
	case ".json":
		value, err = decodeJSON(data, true)
	default:
		return
	}
	if err != nil {
		f.problems.add(name, "", "%v", err)
		return
	}
	datafile, ok := value.(*object)
	if !ok {
		f.problems.add(name, "", "a datafile must be a mapping")
		return
	}
	if datafile.text("$schema") == "" {
		f.problems.add(name, "$schema", "is missing: name the schema of the datafile")
	}
	f.datafiles.set(name, datafile)
}

// resourceSchema finds the $schema that a resource declares. Resources are often templates, so they are not parsed.
var resourceSchema = regexp.MustCompile(`(?m)^\$schema: (\S+\.ya?ml)[ \t\r]*$`)

func (f *folderReader) readResource(name string, data []byte) {
	if !utf8.Valid(data) {
		f.problems.add(name, "", "a resource must be UTF-8 text")
		return
	}
	sum := sha256.Sum256(data)
	resource := newObject()
	resource.set("path", name)
	resource.set("content", string(data))
	var declared any
	if match := resourceSchema.FindSubmatch(data); match != nil {
		declared = string(match[1])
	}
	resource.set("$schema", declared)
	resource.set("sha256sum", hex.EncodeToString(sum[:]))
	resource.set("backrefs", []any{})
	f.resources.set(name, resource)
}
