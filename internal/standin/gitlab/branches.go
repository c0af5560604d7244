package gitlab

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// branchName leaves out what git's check-ref-format refuses.
var branchName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_./+-]*$`)

func validBranch(name string) bool {
	return branchName.MatchString(name) && !strings.Contains(name, "..") && !strings.Contains(name, "//") &&
		!strings.HasSuffix(name, "/") && !strings.HasSuffix(name, ".") && !strings.HasSuffix(name, ".lock")
}

func listBranches(c *call) response {
	names := slices.Sorted(maps.Keys(c.project.heads))
	if search := c.URL.Query().Get("search"); search != "" {
		names = slices.DeleteFunc(names, func(name string) bool { return !matches(name, search) })
	}
	return page(c, names, c.branchView)
}

// matches is GitLab's search for branches: a part of the name, its start after a ^ and its end before a $.
func matches(name, search string) bool {
	if start, ok := strings.CutPrefix(search, "^"); ok {
		return strings.HasPrefix(name, start)
	}
	if end, ok := strings.CutSuffix(search, "$"); ok {
		return strings.HasSuffix(name, end)
	}
	return strings.Contains(name, search)
}

func getBranch(c *call) response {
	name := c.PathValue("branch")
	if _, known := c.project.heads[name]; !known {
		return notFound("Branch")
	}
	return ok(c.branchView(name))
}

func createBranch(c *call) response {
	var parameters struct {
		Branch string `json:"branch"`
		Ref    string `json:"ref"`
	}
	if err := json.NewDecoder(c.Body).Decode(&parameters); err != nil {
		return invalidParameter("The request body is not JSON")
	}
	for name, value := range map[string]string{"branch": parameters.Branch, "ref": parameters.Ref} {
		if value == "" {
			return invalidParameter(name + " is missing")
		}
	}
	if !validBranch(parameters.Branch) {
		return refusal(http.StatusBadRequest, "Branch name is invalid")
	}
	if _, taken := c.project.heads[parameters.Branch]; taken {
		return refusal(http.StatusBadRequest, "Branch already exists")
	}
	from, known := c.project.at(parameters.Ref)
	if !known {
		return refusal(http.StatusBadRequest, fmt.Sprintf("Failed to create branch '%s': invalid reference name '%s'", parameters.Branch, parameters.Ref))
	}
	c.project.heads[parameters.Branch] = head{commit: from.id}
	return created(c.branchView(parameters.Branch))
}

func deleteBranch(c *call) response {
	name := c.PathValue("branch")
	found, known := c.project.heads[name]
	switch {
	case !known:
		return notFound("Branch")
	case name == c.project.DefaultBranch:
		return refusal(http.StatusBadRequest, "The default branch of a project cannot be deleted.")
	case found.protected:
		return refusal(http.StatusBadRequest, "You can only delete protected branches using the web interface.")
	}
	delete(c.project.heads, name)
	return response{status: http.StatusNoContent}
}

func (c *call) branchView(name string) object {
	at := c.project.heads[name]
	return object{
		"name": name, "default": name == c.project.DefaultBranch, "protected": at.protected, "merged": false,
		"can_push": c.mayPush(name), "commit": commitView(c.project.commits[at.commit]),
		"web_url": c.instance.webURL() + "/" + c.project.path + "/-/tree/" + name,
	}
}

// mayPush says whether the caller may push to a branch; one that is not there yet is not protected.
func (c *call) mayPush(branch string) bool {
	return c.access >= maintainer || c.access >= developer && !c.project.heads[branch].protected
}
