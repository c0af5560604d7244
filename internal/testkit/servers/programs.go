package servers

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// findProgram returns the path of a program that the system's packages bring: on PATH, or where Debian puts those that
// are not for PATH. The error names the package.
func findProgram(name, debianPackage string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	slices.Sort(found)
	slices.Reverse(found)
	for _, path := range append(found, "/usr/sbin/"+name) {
		if executable(path) {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is %w: install it (Debian's package is %s), or put it on PATH", name, ErrNotInstalled, debianPackage)
}

// unprivileged is a user for servers that refuse to run as root. It is nil where this process is not root.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil //nolint:nilnil // no other user is needed.
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return nil, fmt.Errorf("find a user that is not root: %w", err)
	}
	uid, err := strconv.ParseUint(nobody.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(nobody.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// giveTo makes the folder and what is in it the user's; nil leaves it as it is.
func (w *workdir) giveTo(user *syscall.Credential) error {
	if user == nil {
		return nil
	}
	return filepath.WalkDir(w.path, func(path string, _ fs.DirEntry, err error) error {
		return errors.Join(err, os.Chown(path, int(user.Uid), int(user.Gid)))
	})
}
