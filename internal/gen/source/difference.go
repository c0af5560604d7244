package source

import (
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

// Difference is a remark that marks a behaviour that differs from the reference on purpose.
type Difference struct {
	// File is slash-separated and relative to the root.
	File string
	Text string
}

const remark = "Differs from the reference:"

// Differences returns the remarks in the Go files below a folder, by file. The folder is slash-separated and
// relative to the root.
func Differences(root, below string) ([]Difference, error) {
	var found []Difference
	err := filepath.WalkDir(filepath.Join(root, below), func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if entry.Name() == "testdata" {
			return fs.SkipDir
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		f, err := parse(root, filepath.ToSlash(relative))
		found = append(found, f.differences()...)
		return err
	})
	return found, err
}

// differences returns the folder's remarks. One ends with its paragraph.
func (f folder) differences() []Difference {
	var found []Difference
	for _, file := range f.files {
		for _, group := range file.Comments {
			for paragraph := range strings.SplitSeq(group.Text(), "\n\n") {
				if _, text, ok := strings.Cut(oneLine(paragraph), remark+" "); ok {
					found = append(found, Difference{File: path.Clean(f.fset.Position(group.Pos()).Filename), Text: capital(text)})
				}
			}
		}
	}
	return found
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// capital starts a sentence; a name with a dash stays as it is.
func capital(text string) string {
	if first, _, _ := strings.Cut(text, " "); strings.Contains(first, "-") {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
