package gitlab

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

var states = [...]string{"opened", "closed", "locked", "merged"}

// epoch is when the first merge request was made; each number is a minute later.
var epoch = time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)

func listMergeRequests(c *call) response {
	c.closeWithoutSource()
	query := c.URL.Query()
	state := cmp.Or(query.Get("state"), "all")
	if state != "all" && !slices.Contains(states[:], state) {
		return invalidParameter("state does not have a valid value")
	}
	var labels []string
	if text := query.Get("labels"); text != "" {
		labels = strings.Split(text, ",")
	}
	found := []MergeRequest{}
	for _, request := range c.project.MergeRequests {
		switch {
		case state != "all" && request.State != state:
		case query.Get("source_branch") != "" && request.SourceBranch != query.Get("source_branch"):
		case query.Get("target_branch") != "" && request.TargetBranch != query.Get("target_branch"):
		case slices.ContainsFunc(labels, func(label string) bool { return !slices.Contains(request.Labels, label) }):
		case !request.contains(query.Get("search"), query.Get("in")):
		default:
			found = append(found, request)
		}
	}
	slices.SortFunc(found, func(a, b MergeRequest) int { return cmp.Compare(b.IID, a.IID) })
	if query.Get("sort") == "asc" {
		slices.Reverse(found)
	}
	return page(c, found, c.requestView)
}

// closeWithoutSource closes the open requests whose source branch was deleted. GitLab does so a little later.
func (c *call) closeWithoutSource() {
	for i := range c.project.MergeRequests {
		request := &c.project.MergeRequests[i]
		if source := c.source(*request); source != nil && request.State == "opened" {
			if _, known := source.heads[request.SourceBranch]; !known {
				request.State = "closed"
			}
		}
	}
}

// source is the project that a request's source branch is in; nil where the fork is gone.
func (c *call) source(m MergeRequest) *project {
	if m.SourceProject == "" {
		return c.project
	}
	return c.instance.projects[m.SourceProject]
}

// contains is GitLab's search: every word stands in the title or the description.
func (m MergeRequest) contains(search, in string) bool {
	text := map[string]string{"title": m.Title, "description": m.Description}[in]
	if in == "" || in == "title,description" {
		text = m.Title + "\n" + m.Description
	}
	for _, word := range strings.Fields(search) {
		if !strings.Contains(strings.ToLower(text), strings.ToLower(word)) {
			return false
		}
	}
	return true
}

// request finds the merge request that the path names.
func (c *call) request() *MergeRequest {
	for i := range c.project.MergeRequests {
		if strconv.FormatInt(c.project.MergeRequests[i].IID, 10) == c.PathValue("iid") {
			return &c.project.MergeRequests[i]
		}
	}
	return nil
}

func getMergeRequest(c *call) response {
	request := c.request()
	if request == nil {
		return notFound("")
	}
	return ok(c.requestView(*request))
}

type requestParameters struct {
	Title              *string `json:"title"`
	Description        *string `json:"description"`
	SourceBranch       string  `json:"source_branch"`
	TargetBranch       string  `json:"target_branch"`
	Labels             *string `json:"labels"`
	AddLabels          string  `json:"add_labels"`
	RemoveLabels       string  `json:"remove_labels"`
	StateEvent         string  `json:"state_event"`
	RemoveSourceBranch *bool   `json:"remove_source_branch"`
	Squash             *bool   `json:"squash"`
}

// createMergeRequest allows one open merge request between two branches.
func createMergeRequest(c *call) response {
	var p requestParameters
	if err := json.NewDecoder(c.Body).Decode(&p); err != nil {
		return invalidParameter("The request body is not JSON")
	}
	switch {
	case p.Title == nil:
		return invalidParameter("title is missing")
	case p.SourceBranch == "":
		return invalidParameter("source_branch is missing")
	case p.TargetBranch == "":
		return invalidParameter("target_branch is missing")
	case strings.TrimSpace(*p.Title) == "":
		return refusal(http.StatusBadRequest, object{"title": []string{"can't be blank"}})
	case len([]rune(*p.Title)) > 255:
		return refusal(http.StatusBadRequest, object{"title": []string{"is too long (maximum is 255 characters)"}})
	case p.SourceBranch == p.TargetBranch:
		return refusal(http.StatusUnprocessableEntity, []string{"You can't use same project/branch for source and target"})
	}
	for _, branch := range []string{p.SourceBranch, p.TargetBranch} {
		if _, known := c.project.heads[branch]; !known {
			return refusal(http.StatusBadRequest, []string{fmt.Sprintf("Branch \"%s\" does not exist", branch)})
		}
	}
	var last int64
	for _, other := range c.project.MergeRequests {
		last = max(last, other.IID)
		if other.State == "opened" && other.SourceProject == "" && other.SourceBranch == p.SourceBranch && other.TargetBranch == p.TargetBranch {
			return refusal(http.StatusConflict, []string{fmt.Sprintf("Another open merge request already exists for this source branch: !%d", other.IID)})
		}
	}
	made := MergeRequest{IID: last + 1, State: "opened", SourceBranch: p.SourceBranch, TargetBranch: p.TargetBranch, Author: c.user}
	made.change(p)
	c.project.MergeRequests = append(c.project.MergeRequests, made)
	return created(c.requestView(made))
}

func updateMergeRequest(c *call) response {
	request := c.request()
	if request == nil {
		return notFound("")
	}
	var p requestParameters
	if err := json.NewDecoder(c.Body).Decode(&p); err != nil {
		return invalidParameter("The request body is not JSON")
	}
	if p.Title == nil && p.Description == nil && p.Labels == nil && p.AddLabels == "" && p.RemoveLabels == "" &&
		p.StateEvent == "" && p.RemoveSourceBranch == nil && p.Squash == nil && p.TargetBranch == "" {
		return invalidParameter("assignee_id, description, labels, state_event, title are missing, at least one parameter must be provided")
	}
	switch p.StateEvent {
	case "", "close", "reopen":
	default:
		return invalidParameter("state_event does not have a valid value")
	}
	request.change(p)
	switch {
	case p.StateEvent == "close" && request.State == "opened":
		request.State = "closed"
	case p.StateEvent == "reopen" && request.State == "closed":
		if _, known := c.project.heads[request.SourceBranch]; known {
			request.State = "opened"
		}
	}
	return ok(c.requestView(*request))
}

// change sets what the parameters have.
func (m *MergeRequest) change(p requestParameters) {
	if p.Title != nil {
		m.Title = strings.TrimSpace(*p.Title)
	}
	if p.Description != nil {
		m.Description = *p.Description
	}
	if p.Labels != nil {
		m.Labels = splitLabels(*p.Labels)
	}
	for _, label := range splitLabels(p.AddLabels) {
		if !slices.Contains(m.Labels, label) {
			m.Labels = append(m.Labels, label)
		}
	}
	removed := splitLabels(p.RemoveLabels)
	m.Labels = slices.DeleteFunc(m.Labels, func(label string) bool { return slices.Contains(removed, label) })
	if p.RemoveSourceBranch != nil {
		m.RemoveSourceBranch = *p.RemoveSourceBranch
	}
	if p.Squash != nil {
		m.Squash = *p.Squash
	}
}

func splitLabels(text string) []string {
	var labels []string
	for label := range strings.SplitSeq(text, ",") {
		if label = strings.TrimSpace(label); label != "" && !slices.Contains(labels, label) {
			labels = append(labels, label)
		}
	}
	return labels
}

func (c *call) requestView(m MergeRequest) object {
	labels := append([]string{}, m.Labels...)
	slices.Sort(labels)
	at := epoch.Add(time.Duration(m.IID) * time.Minute).Format(time.RFC3339)
	view := object{
		"id": c.project.ID*100000 + m.IID, "iid": m.IID, "project_id": c.project.ID, "title": m.Title, "description": m.Description,
		"state": m.State, "source_branch": m.SourceBranch, "target_branch": m.TargetBranch, "target_project_id": c.project.ID,
		"source_project_id": nil, "labels": labels, "author": c.instance.person(m.Author), "has_conflicts": m.Conflicts,
		"force_remove_source_branch": m.RemoveSourceBranch, "squash": m.Squash, "created_at": at, "updated_at": at, "sha": nil,
		"user_notes_count": len(m.Notes), "web_url": fmt.Sprintf("%s/%s/-/merge_requests/%d", c.instance.webURL(), c.project.path, m.IID),
	}
	if source := c.source(m); source != nil {
		view["source_project_id"] = source.ID
		if at, known := source.heads[m.SourceBranch]; known {
			view["sha"] = at.commit
		}
	}
	return view
}
