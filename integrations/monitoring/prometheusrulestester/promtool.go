package prometheusrulestester

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

const (
	// promtool is Prometheus' program for rules. Its packages are not made to be imported: they bring all of Prometheus along.
	promtool = "promtool"
	// timeout is the deadline of one file of tests.
	timeout = 5 * time.Minute
	// rulesFile is the name of the rules in the folder that promtool works in.
	rulesFile = "rules.yaml"
)

// checkRules fails for rules that Prometheus does not take.
func checkRules(ctx context.Context, r rules) error {
	r.renamed = strings.NewReplacer(rulesFile, r.path)
	err := inFolder(map[string]any{rulesFile: r.spec}, func(folder string) error {
		return run(ctx, folder, "check", "rules", rulesFile)
	})
	return r.told("promtool check rules", err, r.body.Secret)
}

// runTest fails for a test that does not pass.
func runTest(ctx context.Context, r rules, t test) error {
	files, _ := t.spec["rule_files"].([]any)
	for _, file := range files {
		if file != r.path {
			return apierr.Errorf(apierr.Invalid, "test %s: its rule_files has %v: name %s alone, whose datafile has the test", t.path, file, r.path)
		}
	}
	spec := make(map[string]any, len(t.spec))
	for key, value := range t.spec {
		spec[key] = value
	}
	spec["rule_files"] = []any{rulesFile}
	const testFile = "tests.yaml"
	r.renamed = strings.NewReplacer(testFile, t.path, rulesFile, r.path)
	err := inFolder(map[string]any{rulesFile: r.spec, testFile: spec}, func(folder string) error {
		return run(ctx, folder, "test", "rules", testFile)
	})
	return r.told("test "+t.path, err, r.body.Secret || t.secret)
}

// told is what promtool says, with the paths of app-interface's resources in place of its files', and without its words
// where those may show secrets.
func (r rules) told(what string, err error, secret bool) error {
	var refused *refusal
	switch {
	case !errors.As(err, &refused):
		return err
	case secret:
		return apierr.Errorf(apierr.Invalid, "%s: promtool refuses it. Its words are not shown, because the rules read secrets", what)
	}
	return apierr.Errorf(apierr.Invalid, "%s: %s", what, r.renamed.Replace(refused.Error()))
}

// refusal is what promtool says of files that it does not accept.
type refusal struct{ output string }

func (r *refusal) Error() string { return r.output }

// run runs promtool in a folder, with nothing of the worker's environment.
func run(ctx context.Context, folder string, arguments ...string) error {
	program, err := exec.LookPath(promtool)
	if err != nil {
		return apierr.Errorf(apierr.Invalid, "promtool is not on the worker's PATH: install it there; the project's image has it")
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var output bytes.Buffer
	command := exec.CommandContext(ctx, program, arguments...)
	command.Dir, command.Env, command.Stdout, command.Stderr = folder, []string{}, &output, &output
	err = command.Run()
	var exited *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return apierr.Errorf(apierr.Invalid, "promtool takes longer than %s: shorten the tests", timeout)
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &exited) && exited.Exited():
		return &refusal{strings.TrimSpace(strings.ReplaceAll(output.String(), folder+string(filepath.Separator), ""))}
	}
	return apierr.Errorf(apierr.Unavailable, "promtool cannot be run: %w", err)
}

// inFolder writes files of YAML into a folder that is gone afterwards.
func inFolder(files map[string]any, work func(folder string) error) (err error) {
	folder, err := os.MkdirTemp("", "promtool-")
	if err != nil {
		return apierr.Errorf(apierr.Unavailable, "a folder for promtool: %w", err)
	}
	defer func() {
		if removed := os.RemoveAll(folder); removed != nil && err == nil {
			err = fmt.Errorf("the folder of promtool: %w", removed)
		}
	}()
	for name, content := range files {
		text, err := yaml.Marshal(content)
		if err != nil {
			return apierr.New(apierr.Invalid, err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			return apierr.Errorf(apierr.Unavailable, "a file for promtool: %w", err)
		}
	}
	return work(folder)
}
