// Package tekton says how the objects of Tekton are named that deploy saas files, and what the PipelineRuns of deployments are.
package tekton

import (
	"strings"
	"unicode/utf8"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

const (
	// prefix begins the names of all objects that are made for saas files.
	prefix = "o-"
	// longest is what Tekton takes as a name.
	longest = 63
	// rerun is what a PipelineRun's name gets added when it is run again.
	rerun = 7
)

// ObjectName is the name of a task that a namespace has once. The error is Invalid where it is too long.
func ObjectName(template string) (string, error) { return limited(prefix+template, longest) }

// TaskName is the name of a saas file's own task.
func TaskName(template, saasFile string) (string, error) {
	return limited(prefix+template+"-"+saasFile, longest)
}

// PipelineName is the name of a saas file's pipeline. It is shorter than other names, because its runs that are run again have
// longer ones.
func PipelineName(template, saasFile string) (string, error) {
	return limited(prefix+template+"-"+saasFile, longest-rerun)
}

func limited(name string, most int) (string, error) {
	if length := utf8.RuneCountInString(name); length > most {
		return "", apierr.Errorf(apierr.Invalid, "the name %s has %d characters, and Tekton takes %d: shorten the saas file's name, or that of the template", name, length, most)
	}
	return name, nil
}

// RunName is what the PipelineRuns of a saas file's environment are named after: long for telling them apart, and short for
// their names.
func RunName(saasFile, environment string) (short, long string) {
	long = saasFile + "-" + environment
	if runes := []rune(long); len(runes) > longest-rerun {
		return strings.TrimRight(string(runes[:longest-rerun]), "-"), long
	}
	return strings.TrimRight(long, "-"), long
}
