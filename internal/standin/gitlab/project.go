package gitlab

import (
	"cmp"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// Access levels, as GitLab numbers them.
const (
	guest      = 10
	reporter   = 20
	developer  = 30
	maintainer = 40
)

var accessLevels = map[string]int{"guest": guest, "reporter": reporter, "developer": developer, "maintainer": maintainer, "owner": 50}

// project is a project at work: its branches point to commits, and what a commit holds never changes.
type project struct {
	Project
	path    string
	commits map[string]commit
	// notes are the numbers of the notes of each merge request, in their order, and lastNote the last one given.
	notes    map[int64][]int
	lastNote int
	// heads are the commits by branch, and the branches' messages since the start.
	heads map[string]head
}

type head struct {
	commit    string
	protected bool
	messages  []string
}

type commit struct {
	id, parent, message string
	at                  time.Time
	files               map[string]string
	links               []string
}

func newProject(path string, settings Project) *project {
	settings.DefaultBranch = cmp.Or(settings.DefaultBranch, "master")
	p := &project{Project: settings, path: path, commits: map[string]commit{}, notes: map[int64][]int{}, heads: map[string]head{}}
	for id, from := range settings.Commits {
		p.commits[id] = commit{id: id, parent: from.Parent, message: "Commit", at: from.At, files: from.Files, links: from.Links}
	}
	// All other branches start from the default one.
	root := ""
	if trunk, ok := settings.Branches[settings.DefaultBranch]; ok && trunk.At != "" {
		root = trunk.At
	} else if ok {
		root = p.add(commit{message: "Initial commit", files: trunk.Files})
	}
	for name, branch := range settings.Branches {
		at := root
		switch {
		case branch.At != "":
			at = branch.At
		case name != settings.DefaultBranch && !maps.Equal(branch.Files, p.commits[root].files):
			at = p.add(commit{parent: root, message: "Start " + name, files: branch.Files})
		}
		p.heads[name] = head{commit: at, protected: branch.Protected, messages: branch.Commits}
	}
	for i := range p.MergeRequests {
		p.MergeRequests[i].State = cmp.Or(p.MergeRequests[i].State, "opened")
		for range p.MergeRequests[i].Notes {
			p.number(p.MergeRequests[i].IID)
		}
	}
	return p
}

// add stores a commit under a name made from what it holds, by the digest that git uses.
func (p *project) add(c commit) string {
	text, _ := json.Marshal([]any{p.path, c.parent, c.message, c.files})
	digest := sha1.Sum(text)
	c.id = hex.EncodeToString(digest[:])
	p.commits[c.id] = c
	return c.id
}

// at finds the commit that a branch, a tag or the name of a commit leads to.
func (p *project) at(ref string) (commit, bool) {
	if found, ok := p.heads[ref]; ok {
		ref = found.commit
	} else if tagged, ok := p.Tags[ref]; ok {
		ref = tagged
	}
	found, ok := p.commits[ref]
	return found, ok
}

// mergeBase returns the nearest commit that both have come from; the zero commit where there is none.
func (p *project) mergeBase(a, b commit) commit {
	ancestors := map[string]bool{}
	for id := a.id; id != ""; id = p.commits[id].parent {
		ancestors[id] = true
	}
	for id := b.id; id != ""; id = p.commits[id].parent {
		if ancestors[id] {
			return p.commits[id]
		}
	}
	return commit{}
}

// dump leaves out that a request is open: most are.
func (p *project) dump() Project {
	dumped := p.clone()
	dumped.Branches = map[string]Branch{}
	for name, at := range p.heads {
		branch := Branch{Protected: at.protected, Commits: slices.Clone(at.messages)}
		if _, known := p.Commits[at.commit]; known {
			branch.At = at.commit
		} else {
			branch.Files = maps.Clone(p.commits[at.commit].files)
		}
		dumped.Branches[name] = branch
	}
	for i := range dumped.MergeRequests {
		request := &dumped.MergeRequests[i]
		slices.Sort(request.Labels)
		if request.State == "opened" {
			request.State = ""
		}
	}
	slices.SortFunc(dumped.MergeRequests, func(a, b MergeRequest) int { return cmp.Compare(a.IID, b.IID) })
	return dumped
}

func currentUser(c *call) response { return ok(c.instance.person(c.user)) }

// person is how people stand in answers. Their numbers follow the order of their names.
func (in *instance) person(name string) object {
	if name == "" {
		return nil
	}
	number := 1 + slices.Index(slices.Sorted(maps.Keys(in.users)), name)
	return object{"id": number, "username": name, "name": name, "state": "active", "web_url": in.webURL() + "/" + name}
}

func (in *instance) webURL() string { return "https://" + in.name }

func getProject(c *call) response {
	p := c.project
	view := object{
		"id": p.ID, "path_with_namespace": p.path, "name": p.path, "web_url": c.instance.webURL() + "/" + p.path,
		"default_branch": nil, "archived": false, "visibility": "private",
	}
	if p.Public {
		view["visibility"] = "public"
	}
	// An empty repository has none, and who may not read code is not told.
	if _, hasBranch := p.heads[p.DefaultBranch]; hasBranch && c.access >= reporter {
		view["default_branch"] = p.DefaultBranch
	}
	return ok(view)
}
