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
	if err := s.left.end(ctx); err != nil {
		return nil, err
	}
	w := &world{stage: s, targets: map[string]target{}}
	files, err := w.populate(ctx, c)
	if err == nil {
		err = s.load(files, c)
	}
	w.reset()
	if err != nil {
		return nil, errors.Join(err, w.Close(ctx))
	}
	return w, nil
}

// populate starts a target for each datafile of a system that has none yet, and those without datafiles, and returns the case's files with the targets' addresses.
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
	for _, described := range described(datafiles) {
		system, d := described.system, described.datafile
		address, _ := d.fields[system.urlField].(string)
		name := fmt.Sprint(d.fields["name"])
		id := system.name + "/" + name
		estate := c.file("estate/" + id + ".yaml")
		if system.knows {
			estate = []byte(strings.NewReplacer(secrets...).Replace(string(estate)))
		}
		t, err := w.target(ctx, system, name, estate)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		replaced[d.file] = withField(c.file(d.file), system.urlField, t.URL())
		if also, _ := d.fields[system.alsoField].(string); also != "" {
			replaced[d.file] = withField(replaced[d.file], system.alsoField, elsewhere(also, t.URL()))
		}
		secrets = append(secrets, address, t.URL())
		speak = append(speak, spoken(t, address)...)
	}
	own, address, err := w.own(ctx, c, secrets)
	if err != nil {
		return nil, err
	}
	if own != nil {
		secrets = append(secrets, address, own.URL())
		speak = append(speak, spoken(own, address)...)
	}
	undescribed, err := w.undescribed(ctx, c)
	if err != nil {
		return nil, err
	}
	speak = append(speak, undescribed...)
	for _, id := range c.unreachable {
		if w.targets[id] == nil {
			return nil, fmt.Errorf("unreachable: there is no %s in the case", id)
		}
		if err := w.targets[id].Hang(); err != nil {
			return nil, err
		}
	}
	speak = append(speak, w.stage.appURL, "https://app-interface.example", hostOf(w.stage.appURL), "app-interface.example")
	w.speak = strings.NewReplacer(speak...)
	replaced[secretsFile] = []byte(strings.NewReplacer(secrets...).Replace(string(c.file(secretsFile))))
	return c.archiveWith(replaced), nil
}

// description is a datafile that describes a system.
type description struct {
	system   system
	datafile datafile
}

// described returns the datafiles that describe a system by its address, those of systems that know others last.
func described(datafiles []datafile) []description {
	var first, last []description
	for _, d := range datafiles {
		for _, system := range systems() {
			address, _ := d.fields[system.urlField].(string)
			switch {
			case system.schema == "" || d.Schema != system.schema || address == "":
			case system.knows:
				last = append(last, description{system, d})
			default:
				first = append(first, description{system, d})
			}
		}
	}
	return append(first, last...)
}

// elsewhere is a URL with its path at another address.
func elsewhere(address, at string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return address
	}
	return at + parsed.Path
}

// spoken are the pairs of what stands for the target here and in the case.
func spoken(t target, address string) []string {
	return []string{t.URL(), address, hostOf(t.URL()), hostOf(address)}
}

// undescribed starts the systems of the case that no datafile describes, and returns what stands for them.
func (w *world) undescribed(ctx context.Context, c *Case) ([]string, error) {
	var speak []string
	for _, system := range systems() {
		if system.schema != "" {
			continue
		}
		names := c.estates(system.name)
		if len(names) > 1 {
			return nil, fmt.Errorf("a case has one file in estate/%s, and this one has %s: put them together", system.name, strings.Join(names, " and "))
		}
		for _, name := range names {
			t, err := w.target(ctx, system, name, c.file("estate/"+system.name+"/"+name+".yaml"))
			if err != nil {
				return nil, fmt.Errorf("%s/%s: %w", system.name, name, err)
			}
			speak = append(speak, spoken(t, system.address)...)
		}
	}
	return speak, nil
}

// withField returns the datafile with another value in one field of its top level.
func withField(datafile []byte, field, value string) []byte {
	line := regexp.MustCompile("(?m)^" + regexp.QuoteMeta(field) + ":.*$")
	return line.ReplaceAllLiteral(datafile, []byte(field+": "+value))
}

// target returns the running system of that name, starting it with the estate first where it is not.
func (w *world) target(ctx context.Context, of system, name string, estate []byte) (target, error) {
	if t, running := w.targets[of.name+"/"+name]; running {
		return t, nil
	}
	return w.start(ctx, of, name, estate)
}

func (w *world) start(ctx context.Context, of system, name string, estate []byte) (target, error) {
	t, err := of.start(ctx, w.stage, name, estate)
	if err == nil {
		w.targets[of.name+"/"+name] = t
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

// reset forgets the calls that were made.
func (w *world) reset() {
	for _, injector := range w.injectors() {
		injector.Reset()
	}
}

// dump returns the state of every target by the name of its file below after/. Earlier dumps of the case tell what
// kinds of things there are.
func (w *world) dump(ctx context.Context, earlier ...map[string]string) (map[string]string, error) {
	dumps := map[string]string{}
	var made []string
	for _, t := range w.targets {
		if aws, ok := t.(*awsTarget); ok {
			made = append(made, aws.made()...)
		}
	}
	keys := strings.NewReplacer(made...)
	for id, t := range w.targets {
		var seen []string
		for _, dump := range earlier {
			seen = append(seen, dump[id])
		}
		text, err := t.Dump(ctx, seen...)
		if err != nil {
			return nil, fmt.Errorf("read the state of %s: %w", id, err)
		}
		dumps[id] = withoutMinted(keys.Replace(w.speak.Replace(string(text))))
	}
	return dumps, nil
}

// Close ends what the runs left, and the targets.
func (w *world) Close(ctx context.Context) error {
	errs := []error{w.stage.left.end(ctx)}
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
