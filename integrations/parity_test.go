package integrations_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	caseFile     = regexp.MustCompile(`\w+\.txtar`)
	goTest       = regexp.MustCompile("`(Test[A-Z]\\w+)")
	goTestInCode = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
)

// TestParityPagesNameWhatExists compares the pages on parity with the cases and tests that there are, and looks whether
// each page below a family's is reached from it.
func TestParityPagesNameWhatExists(t *testing.T) {
	cases, tests, pages := map[string]bool{}, map[string]bool{}, map[string]string{}
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch name := entry.Name(); {
		case err != nil:
			return err
		case entry.IsDir() && path != root && strings.HasPrefix(name, "."):
			return filepath.SkipDir
		case strings.HasSuffix(name, ".txtar"):
			cases[name] = true
		case strings.HasSuffix(name, "_test.go"):
			code, err := os.ReadFile(path)
			for _, match := range goTestInCode.FindAllStringSubmatch(string(code), -1) {
				tests[match[1]] = true
			}
			return err
		case strings.HasSuffix(name, ".md") && strings.HasPrefix(path, filepath.Join(root, "docs", "parity")):
			text, err := os.ReadFile(path)
			pages[path] = string(text)
			return err
		}
		return nil
	}))
	require.NotEmpty(t, pages)
	for path, text := range pages {
		for _, name := range caseFile.FindAllString(text, -1) {
			require.True(t, cases[name], "%s names the case %s, which is not there", path, name)
		}
		for _, match := range goTest.FindAllStringSubmatch(text, -1) {
			require.True(t, tests[match[1]], "%s names the test %s, which is not there", path, match[1])
		}
		family := filepath.Dir(path)
		if index, ok := pages[family+".md"]; ok {
			require.Contains(t, index, filepath.Base(family)+"/"+filepath.Base(path), "%s.md does not link %s", family, path)
		}
	}
}
