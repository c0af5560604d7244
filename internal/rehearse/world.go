package rehearse

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// world is a case's estate, made anew for each run of it.
type world struct {
	stage   *Stage
	targets map[string]target // by <system>/<name>
	// speak turns the addresses of this world into those of the case.
	speak *strings.Replacer
}

// newWorld starts the systems of the case, fills them, and makes the case's datafiles the current bundle.
func newWorld(ctx context.Context, s *Stage, c *Case) (*world, error) {
	w := &world{stage: s, targets: map[string]target{}}
	files, err := w.populate(ctx, c)
	if err == nil {
		err = s.load(files, c)
	}
	for _, t := range w.targets {
		t.Faults().Reset()
	}
	s.faults.Reset()
	if err != nil {
		return nil, errors.Join(err, w.Close())
	}
	return w, nil
}

// populate starts a target for each datafile of a system that has none yet, and returns the case's files with the targets' addresses.
func (w *world) populate(ctx context.Context, c *Case) (*txtar.Archive, error) {
	datafiles, err := c.datafiles()
	if err != nil {
		return nil, err
	}
	secrets, err := w.stage.tokens(ctx, c)
	if err != nil {
		return nil, err
	}
	var speak []string
	replaced := map[string][]byte{}
	for _, d := range datafiles {
		for _, system := range systems() {
			address, _ := d.fields[system.urlField].(string)
			if d.Schema != system.schema || address == "" {
				continue
			}
			name := fmt.Sprint(d.fields["name"])
			id := system.name + "/" + name
			t, err := w.target(ctx, system, name, c)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", id, err)
			}
			replaced[d.file] = withField(c.file(d.file), system.urlField, t.URL())
			secrets = append(secrets, address, t.URL())
			speak = append(speak, t.URL(), address, hostOf(t.URL()), hostOf(address))
		}
	}
	for _, id := range c.unreachable {
		if w.targets[id] == nil {
			return nil, fmt.Errorf("unreachable: there is no %s in the datafiles", id)
		}
		if err := w.targets[id].Hang(); err != nil {
			return nil, err
		}
	}
	speak = append(speak, w.stage.appURL, "https://app-interface.example", hostOf(w.stage.appURL), "app-interface.example")
	w.speak = strings.NewReplacer(speak...)
	replaced["secrets.toml"] = []byte(strings.NewReplacer(secrets...).Replace(string(c.file("secrets.toml"))))
	return c.archiveWith(replaced), nil
}

// withField returns the datafile with another value in one field of its top level.
func withField(datafile []byte, field, value string) []byte {
	line := regexp.MustCompile("(?m)^" + regexp.QuoteMeta(field) + ":.*$")
	return line.ReplaceAllLiteral(datafile, []byte(field+": "+value))
}

// target returns the running system of that name, starting it first where it is not.
func (w *world) target(ctx context.Context, of system, name string, c *Case) (target, error) {
	id := of.name + "/" + name
	if t, running := w.targets[id]; running {
		return t, nil
	}
	t, err := of.start(ctx, w.stage, name, c.file("estate/"+id+".yaml"))
	if err == nil {
		w.targets[id] = t
	}
	return t, err
}

func hostOf(address string) string {
	if parsed, err := url.Parse(address); err == nil && parsed.Host != "" {
		return parsed.Host
	}
	return address
}

// injectors are all the places where a remote call can fail, in a stable order.
func (w *world) injectors() []*fault.Injector {
	all := []*fault.Injector{w.stage.faults}
	for _, id := range slices.Sorted(maps.Keys(w.targets)) {
		all = append(all, w.targets[id].Faults())
	}
	return all
}

// dump returns the state of every target by the name of its file below after/. Earlier dumps of the case tell what
// kinds of things there are.
func (w *world) dump(ctx context.Context, earlier ...map[string]string) (map[string]string, error) {
	dumps := map[string]string{}
	for id, t := range w.targets {
		var seen []string
		for _, dump := range earlier {
			seen = append(seen, dump[id])
		}
		text, err := t.Dump(ctx, seen...)
		if err != nil {
			return nil, fmt.Errorf("read the state of %s: %w", id, err)
		}
		dumps[id] = w.speak.Replace(string(text))
	}
	return dumps, nil
}

// Close ends the targets.
func (w *world) Close() error {
	var errs []error
	for _, t := range w.targets {
		errs = append(errs, t.Close())
	}
	return errors.Join(errs...)
}

// folder returns the datafiles and resources as a file system.
func folder(files *txtar.Archive) (fs.FS, error) {
	kept := &txtar.Archive{}
	for _, file := range files.Files {
		if strings.HasPrefix(file.Name, "data/") || strings.HasPrefix(file.Name, "resources/") {
			kept.Files = append(kept.Files, file)
		}
	}
	return txtar.FS(kept)
}
