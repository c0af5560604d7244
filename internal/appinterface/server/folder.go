package server

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"
)

// The layout of a folder, which is that of an app-interface repository.
const (
	dataFolder     = "data"
	resourceFolder = "resources"
	schemaFile     = "graphql-schemas/schema.yml"
)

// FolderOptions say what a folder itself does not.
type FolderOptions struct {
	// Schema is what the bundle is served by, see SchemaFrom. A folder's graphql-schemas/schema.yml, in the bundle's form, is
	// taken instead where there is one.
	Schema func() (*Schema, error)
	// Commit is the git commit of the bundle; a digest of the folder's content where empty.
	Commit string
	// Timestamp is the commit's time in seconds since the epoch; 0 where empty. The files' own times are not used:
	// equal content gives an equal bundle.
	Timestamp string
}

// ReadFolder makes a bundle of a folder: datafiles in data/ (.yml, .yaml, .json), resources of any kind in resources/.
// The error is Problems where files are broken, and then holds all of them, each with file, line or path.
func ReadFolder(folder fs.FS, options FolderOptions) (*Bundle, error) {
	f, err := readFolder(folder, options)
	if err != nil {
		return nil, err
	}
	data, content, err := f.encode(options)
	if err != nil {
		return nil, err
	}
	b, err := newBundle(data, content)
	if err != nil {
		return nil, err
	}
	b.serveBy(f.schema)
	b.warnings = f.warnings
	return b, nil
}

// EncodeFolder returns a folder as the bytes of a bundle, which qontract-server can read, and warnings about oddities
// that keep nothing from being served. Equal content gives equal bytes.
func EncodeFolder(folder fs.FS, options FolderOptions) ([]byte, []Problem, error) {
	f, err := readFolder(folder, options)
	if err != nil {
		return nil, nil, err
	}
	data, _, err := f.encode(options)
	return data, f.warnings, err
}

func readFolder(folder fs.FS, options FolderOptions) (*folderReader, error) {
	f := folderReader{folder: folder, datafiles: newObject(), resources: newObject()}
	var err error
	if f.schema, err = f.readSchema(options.Schema); err != nil {
		return nil, err
	}
	if err := f.walk(dataFolder, f.readDatafile); err != nil {
		return nil, err
	}
	if err := f.walk(resourceFolder, f.readResource); err != nil {
		return nil, err
	}
	f.warnings = f.check(f.schema.confs)
	return &f, f.problems.orNil()
}

// encode returns the bytes of the bundle, and what a reader of them finds but for the schema.
func (f *folderReader) encode(options FolderOptions) ([]byte, *object, error) {
	data, err := encodeJSON(f.datafiles)
	if err != nil {
		return nil, nil, err
	}
	resources, err := encodeJSON(f.resources)
	if err != nil {
		return nil, nil, err
	}
	body := `"data":` + data + `,"graphql":` + f.schema.section + `,"resources":` + resources + `}`
	head := newObject()
	commit, timestamp := options.Commit, options.Timestamp
	if commit == "" {
		sum := sha256.Sum256([]byte("{" + body))
		commit = hex.EncodeToString(sum[:20])
	}
	if timestamp == "" {
		timestamp = "0"
	}
	head.set("git_commit", commit)
	head.set("git_commit_timestamp", timestamp)
	text, err := encodeJSON(head)
	if err != nil {
		return nil, nil, err
	}
	for _, section := range []struct{ name, text string }{{"data", data}, {"resources", resources}} {
		// What was YAML is read as the JSON that it has become.
		value, err := decodeJSON([]byte(section.text), false)
		if err != nil {
			return nil, nil, err
		}
		head.set(section.name, value)
	}
	return []byte(strings.TrimSuffix(text, "}") + "," + body), head, nil
}

// folderReader collects the files of a folder and what is wrong with them.
type folderReader struct {
	folder    fs.FS
	datafiles *object
	resources *object
	schema    *Schema
	warnings  Problems
	problems  Problems
}

func (f *folderReader) readSchema(otherwise func() (*Schema, error)) (*Schema, error) {
	data, err := fs.ReadFile(f.folder, schemaFile)
	if errors.Is(err, fs.ErrNotExist) {
		return otherwise()
	}
	if err != nil {
		return nil, err
	}
	value, err := decodeYAML(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", schemaFile, err)
	}
	s, err := newSchema(value)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", schemaFile, err)
	}
	return s, nil
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
