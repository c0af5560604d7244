package kubeapi

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxShown is how much of a value a message shows, in runes.
const maxShown = 60

// show puts an edit into words: the path with the live and the wanted value, or the path alone where the values
// are secret, or the whole object is.
func show(desired map[string]any, e edit, secret bool) string {
	path := pathText(e.path)
	switch {
	case secret || secretPath(kindOf(desired), e.path):
		if e.added && e.live == nil {
			return path + " is not there (secret)"
		}
		return path + " differs (secret)"
	case e.added && e.live == nil:
		return path + " is not there, wanted " + shortened(e.wanted)
	}
	return path + " is " + shortened(e.live) + ", wanted " + shortened(e.wanted)
}

// secretPath says whether the values under a path must not be shown: all content of a Secret, the key of a Route,
// and values of environment variables, where credentials end up although they should not.
func secretPath(kind string, path []string) bool {
	switch kind {
	case "Secret":
		return path[0] != "metadata" && path[0] != "type" && path[0] != "apiVersion" && path[0] != "kind"
	case "Route":
		return len(path) > 1 && path[0] == "spec" && path[1] == "tls"
	}
	for _, step := range path {
		if step == "env" {
			return true
		}
	}
	return false
}

// shortened is a scalar as JSON, cut where it is long, and of a map or list only its size: secrets may be inside.
func shortened(value any) string {
	switch v := value.(type) {
	case map[string]any:
		return fmt.Sprintf("a map of %d", len(v))
	case []any:
		return fmt.Sprintf("a list of %d", len(v))
	}
	written := text(value)
	if utf8.RuneCountInString(written) <= maxShown {
		return written
	}
	return string([]rune(written)[:maxShown]) + "..."
}

// pathText writes a path as people do: spec.containers[0].image, with keys that hold a dot in brackets.
func pathText(path []string) string {
	var out strings.Builder
	for i, step := range path {
		switch {
		case listIndex.MatchString(step):
			out.WriteString("[" + step + "]")
		case strings.Contains(step, "."):
			out.WriteString(`["` + step + `"]`)
		case i > 0:
			out.WriteString("." + step)
		default:
			out.WriteString(step)
		}
	}
	return out.String()
}
