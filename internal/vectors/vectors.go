// Package vectors reads conformance vectors for test code: recorded inputs with the outputs that the reference
// returns for them. Each set is a file of JSON lines, testdata/vectors/<set>.jsonl under the repository's root,
// or in the folder that the environment variable VECTORS_DIR names.
package vectors

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FolderVariable is the environment variable that names another folder with vectors.
const FolderVariable = "VECTORS_DIR"

// Vector is one line of a set. Exactly one of Output and Error is set.
type Vector struct {
	ID     string          `json:"id"`
	Input  json.RawMessage `json:"input"`
	Output json.RawMessage `json:"output"`
	// Error is the kind of the reference's error. What has to agree is that the input fails.
	Error string `json:"error"`
}

// Fails says whether the reference refuses the input.
func (v Vector) Fails() bool { return v.Output == nil }

// Decode reads data into target with numbers as json.Number wherever target leaves their type open, so that 1
// and 1.0 stay apart.
func Decode(data []byte, target any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return decoder.Decode(target)
}

// Check compares one vector, with the assertions of package require on t.
type Check func(t require.TestingT, v Vector)

// Each runs check on every vector of the set, as one subtest each. Deliberate maps the ids of vectors on which
// the implementation differs on purpose to the reason. Such a vector has to differ: one that agrees fails the
// test, and so does an id that the set does not have. A set that cannot be read fails the test.
func Each(t *testing.T, set string, deliberate map[string]string, check Check) {
	t.Helper()
	vectors, err := Load(set)
	require.NoError(t, err)
	unknown := maps.Clone(deliberate)
	for _, v := range vectors {
		reason, differs := deliberate[v.ID]
		delete(unknown, v.ID)
		t.Run(v.ID, func(t *testing.T) {
			failures := run(check, v)
			switch {
			case differs && reason == "":
				t.Error("a deliberate difference needs a reason")
			case differs && len(failures) == 0:
				t.Errorf("listed as a deliberate difference (%s), and yet it agrees with the reference", reason)
			case !differs && len(failures) > 0:
				t.Error(strings.Join(failures, "\n"))
			}
		})
	}
	require.Empty(t, unknown, "deliberate differences in vectors that %s does not have", set)
}

// run returns the messages of the assertions that failed.
func run(check Check, v Vector) []string {
	seen := new(recorder)
	done := make(chan struct{})
	go func() {
		defer close(done)
		check(seen, v)
	}()
	<-done
	return seen.failures
}

// recorder takes the place of a test, because a failure may be what is wanted. It needs a goroutine of its own:
// FailNow ends it.
type recorder struct{ failures []string }

// Errorf implements require.TestingT.
func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

// FailNow implements require.TestingT.
func (r *recorder) FailNow() {
	if len(r.failures) == 0 {
		r.failures = []string{"failed without a message"}
	}
	runtime.Goexit()
}

// Load reads all vectors of a set in the order of its file.
func Load(set string) ([]Vector, error) {
	folder, err := folder()
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.Join(folder, set+".jsonl"))
	if err != nil {
		return nil, fmt.Errorf("vectors: %w", err)
	}
	var all []Vector
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, len(data)+1)
	for number := 1; lines.Scan(); number++ {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		var v Vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			return nil, fmt.Errorf("vectors: %s, line %d: %w", set, number, err)
		}
		all = append(all, v)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("vectors: %s: %w", set, err)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("vectors: %s is empty", set)
	}
	return all, nil
}

// folder is VECTORS_DIR, or testdata/vectors beside the go.mod at or above the working directory.
func folder() (string, error) {
	if named := os.Getenv(FolderVariable); named != "" {
		return named, nil
	}
	at, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("vectors: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			return filepath.Join(at, "testdata", "vectors"), nil
		}
		parent := filepath.Dir(at)
		if parent == at {
			return "", fmt.Errorf("vectors: no go.mod at or above the working directory; set %s", FolderVariable)
		}
		at = parent
	}
}
