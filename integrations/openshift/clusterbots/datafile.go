package clusterbots

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/internal/datafile"
	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// addFields adds the fields that name the bots' tokens at the end of a cluster's datafile. Fields that it has by now stay
// as they are; a datafile that cannot be edited is Invalid.
//
// Differs from the reference: all else in the datafile stays as people wrote it; the reference writes the file anew. And a
// datafile without spec is edited too; the reference then opens no request at all.
func addFields(path string, current []byte, bots []Item) ([]byte, error) {
	fail := func(err error) ([]byte, error) {
		return nil, apierr.Errorf(apierr.Invalid, "%s: the tokens of its bots cannot be added: %w: add them by hand", path, err)
	}
	want, err := datafile.Parse(current)
	if err != nil {
		return fail(err)
	}
	edited := string(current)
	if !strings.HasSuffix(edited, "\n") {
		edited += "\n"
	}
	for _, bot := range bots {
		if _, has := want[bot.field()]; has {
			continue
		}
		edited += fmt.Sprintf("%s:\n  path: %s\n  field: %s\n", bot.field(), bot.Vault, tokenField)
		want[bot.field()] = map[string]any{"path": bot.Vault, "field": tokenField}
	}
	// Whatever the file looks like, the edit has done this and nothing else.
	got, err := datafile.Parse([]byte(edited))
	if err != nil || !reflect.DeepEqual(want, got) {
		return fail(errors.New("it has a form that is not known here"))
	}
	if len(edited) <= len(current)+1 {
		return current, nil
	}
	return []byte(edited), nil
}
