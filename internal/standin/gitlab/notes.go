package gitlab

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

// numbered is a note with its place in the request.
type numbered struct {
	Note
	number int
}

func listNotes(c *call) response {
	request := c.request()
	if request == nil {
		return notFound("")
	}
	notes := make([]numbered, len(request.Notes))
	for i, note := range request.Notes {
		notes[i] = numbered{note, c.project.notes[request.IID][i]}
	}
	if c.URL.Query().Get("sort") != "asc" {
		slices.Reverse(notes)
	}
	return page(c, notes, c.noteView)
}

func createNote(c *call) response {
	request := c.request()
	if request == nil {
		return notFound("")
	}
	var parameters struct {
		Body string `json:"body"`
	}
	if err := json.NewDecoder(c.Body).Decode(&parameters); err != nil {
		return invalidParameter("The request body is not JSON")
	}
	if parameters.Body == "" {
		return invalidParameter("body is missing")
	}
	note := Note{Author: c.user, Body: parameters.Body}
	request.Notes = append(request.Notes, note)
	return created(c.noteView(numbered{note, c.project.number(request.IID)}))
}

// number gives the last note of a merge request its number.
func (p *project) number(iid int64) int {
	p.lastNote++
	p.notes[iid] = append(p.notes[iid], p.lastNote)
	return p.lastNote
}

// deleteNote is for the author and for maintainers.
// Source: https://docs.gitlab.com/api/notes/#delete-a-merge-request-note
func deleteNote(c *call) response {
	request := c.request()
	if request == nil {
		return notFound("")
	}
	numbers := c.project.notes[request.IID]
	at := slices.IndexFunc(numbers, func(n int) bool { return strconv.Itoa(n) == c.PathValue("note") })
	switch {
	case at < 0:
		return notFound("Note")
	case request.Notes[at].Author != c.user && c.access < maintainer:
		return forbidden
	}
	request.Notes = slices.Delete(request.Notes, at, at+1)
	c.project.notes[request.IID] = slices.Delete(numbers, at, at+1)
	return response{status: http.StatusNoContent}
}

func (c *call) noteView(n numbered) object {
	return object{"id": n.number, "body": n.Body, "system": n.System, "author": c.instance.person(n.Author)}
}
