package server

import (
	"fmt"
	"strings"
)

// Problem is something wrong with one file of a bundle.
type Problem struct {
	// File is the path of the datafile or resource in the bundle, with a leading slash.
	File string
	// Path says where in the file: a JSON path such as "cluster.$ref", or empty.
	Path string
	// Text says what is wrong and what to do, with the line where one is known.
	Text string
}

func (p Problem) String() string {
	if p.Path == "" {
		return p.File + ": " + p.Text
	}
	return fmt.Sprintf("%s: %s: %s", p.File, p.Path, p.Text)
}

// Problems is the error of a bundle that cannot be served. It holds all problems that were found, in the order of
// the files.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i := range p {
		lines[i] = p[i].String()
	}
	return "broken files:\n" + strings.Join(lines, "\n")
}

func (p *Problems) add(file, path, format string, args ...any) {
	*p = append(*p, Problem{File: file, Path: path, Text: fmt.Sprintf(format, args...)})
}

// orNil returns the problems as an error, nil where there are none.
func (p Problems) orNil() error {
	if len(p) == 0 {
		return nil
	}
	return p
}
