package filevalidator

import (
	"encoding/json"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/internal/pyjson"
)

// parameters applies the rules of a target's own parameters.
func parameters(made *findings, file *saasfile.File, at string, target *saasfile.Target) {
	own, err := saasfile.Parameters(target.Parameters)
	if err != nil {
		made.add(file.Name, "%s: %v", at, err)
		return
	}
	if tag := scalar(own, "IMAGE_TAG"); tag != "" && strings.HasPrefix(target.Ref, tag) {
		made.add(file.Name, "%s: the parameter IMAGE_TAG is the beginning of the ref %s: remove it, since it is set to that by itself", at, target.Ref)
	}
	environment, err := saasfile.Parameters(target.Namespace.Environment.Parameters)
	if err != nil {
		made.add(file.Name, "environment %s: %v", target.Namespace.Environment.Name, err)
		return
	}
	if len(environment) == 0 {
		return
	}
	for _, parameter := range own {
		value, isText := parameter.Value.(string)
		if !isText {
			continue
		}
		if strings.Contains(value, "${"+parameter.Key+"}") {
			made.add(file.Name, "%s: the parameter %s stands in its own value: use another name", at, parameter.Key)
		}
		for _, shared := range environment {
			reuse(made, file, at, target, parameter.Key, value, shared)
		}
	}
}

// reuse tells of a parameter that repeats one of the environment. Only values with a dot count: others are too common.
func reuse(made *findings, file *saasfile.File, at string, target *saasfile.Target, name, value string, shared pyjson.Member) {
	repeated, isText := shared.Value.(string)
	if !isText || !strings.Contains(repeated, ".") || !strings.Contains(value, repeated) {
		return
	}
	remedy := "write " + strings.ReplaceAll(value, repeated, "${"+shared.Key+"}")
	if name == shared.Key && value == repeated {
		remedy = "remove it"
	}
	made.add(file.Name, "%s: the parameter %s repeats %s of environment %s: %s", at, name, shared.Key, target.Namespace.Environment.Name, remedy)
}

// scalar is a parameter's text or number as text; empty for none.
func scalar(parameters pyjson.Object, name string) string {
	value, _ := parameters.Get(name)
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	}
	return ""
}
