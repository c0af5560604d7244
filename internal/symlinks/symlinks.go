// Package symlinks puts what symbolic links of a repository lead to in their places.
package symlinks

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// mostSteps is how many links may lead to each other.
const mostSteps = 16

// Resolve adds to files, which are contents by path, what links lead to: the one file, or all files of a folder. A link is a
// path with where it leads to from its own folder. One that leads to nothing among the files is Invalid.
func Resolve(files map[string][]byte, links map[string]string) error {
	left := maps.Clone(links)
	for range mostSteps {
		for _, link := range slices.Sorted(maps.Keys(left)) {
			if follow(files, left, link) {
				delete(left, link)
			}
		}
		if len(left) == 0 {
			return nil
		}
	}
	first := slices.Sorted(maps.Keys(left))[0]
	return apierr.Errorf(apierr.Invalid, "%s is a link to %s, which is not there, or not in the folder that is read: put a file in its place", first, left[first])
}

// follow says whether there is anything where a link leads to. A folder is there when no link in it is left.
func follow(files map[string][]byte, left map[string]string, link string) bool {
	target := path.Join(path.Dir(link), left[link])
	if content, isFile := files[target]; isFile {
		files[link] = content
		return true
	}
	for other := range left {
		if strings.HasPrefix(other, target+"/") {
			return false
		}
	}
	found := map[string][]byte{}
	for name, content := range files {
		if rest, inside := strings.CutPrefix(name, target+"/"); inside {
			found[link+"/"+rest] = content
		}
	}
	maps.Copy(files, found)
	return len(found) > 0
}
