package secret

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// FromReference reads a secret of this process from where a flag says it is, so that the secret itself never stands on
// a command line: file:PATH or env:NAME. Space around it is left out, since files end with a newline. Errors name the
// reference and never what it leads to.
func FromReference(ref string) (Value, error) {
	scheme, where, _ := strings.Cut(ref, ":")
	text := ""
	switch scheme {
	case "file":
		content, err := os.ReadFile(where)
		if err != nil {
			return Value{}, err
		}
		text = string(content)
	case "env":
		text = os.Getenv(where)
	default:
		return Value{}, errors.New("expected file:PATH or env:NAME, which says where the secret is")
	}
	if text = strings.TrimSpace(text); text == "" {
		return Value{}, fmt.Errorf("%s is empty", ref)
	}
	return New(text), nil
}
