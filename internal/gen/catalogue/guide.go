package main

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// guideFile is what an integration's folder may have for the people who operate it.
const guideFile = "README.md"

var relativeLink = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)

// readGuide returns the guide of an integration without its title, with links as they are from the integration's page.
// It is empty where there is none.
func readGuide(root, folder string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, folder, guideFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	guide := string(text)
	if strings.HasPrefix(guide, "# ") {
		_, guide, _ = strings.Cut(guide, "\n")
	}
	moved := relativeLink.ReplaceAllStringFunc(guide, func(found string) string {
		link := relativeLink.FindStringSubmatch(found)
		target, err := filepath.Rel(pagesFolder, path.Join(folder, link[1]))
		if err != nil {
			return found
		}
		return "](" + filepath.ToSlash(target) + link[2] + ")"
	})
	return strings.TrimSpace(moved), nil
}
