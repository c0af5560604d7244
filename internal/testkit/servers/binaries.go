package servers

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/app-sre/qontract-temporal/internal/tools"
)

// ErrNotInstalled is the cause when a server's binary is nowhere to be found.
var ErrNotInstalled = errors.New("not installed")

// Find returns the path of a server's binary. It looks, in this order, in the installer's folder (QT_TOOLS, else
// .cache/tools in the working directory or above it), in the folder that KUBEBUILDER_ASSETS names, and on PATH.
func Find(name string) (string, error) {
	version, ok := tools.Version(name)
	if !ok {
		return "", fmt.Errorf("%q is no tool of ours: internal/tools/versions.txt lists them", name)
	}
	installed := filepath.Join(name+"-"+version, name)
	for _, folder := range toolFolders() {
		if path := filepath.Join(folder, installed); executable(path) {
			return path, nil
		}
	}
	if assets := os.Getenv("KUBEBUILDER_ASSETS"); assets != "" {
		if path := filepath.Join(assets, name); executable(path) {
			return path, nil
		}
	}
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	return "", fmt.Errorf("%s %s is %w: run internal/tools/install.sh %[1]s, or put it on PATH", name, version, ErrNotInstalled)
}

// toolFolders lists where the installer may have put its tools, nearest first.
func toolFolders() []string {
	if folder := os.Getenv("QT_TOOLS"); folder != "" {
		return []string{folder}
	}
	var folders []string
	working, err := os.Getwd()
	if err != nil {
		return nil
	}
	for folder := working; ; folder = filepath.Dir(folder) {
		folders = append(folders, filepath.Join(folder, ".cache", "tools"))
		if folder == filepath.Dir(folder) {
			return folders
		}
	}
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
