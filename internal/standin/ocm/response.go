package ocm

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

type object map[string]any

// response is an answer; a nil body is none.
type response struct {
	status int
	body   object
}

func (r response) write(w http.ResponseWriter, req *http.Request) {
	if r.body == nil {
		w.WriteHeader(r.status)
		return
	}
	body := r.body
	if body["kind"] == "Error" {
		api, code := "CLUSTERS-MGMT", strconv.Itoa(r.status)
		if parts := strings.Split(req.URL.Path, "/"); len(parts) > 2 && parts[1] == "api" {
			api = strings.ToUpper(strings.ReplaceAll(parts[2], "_", "-"))
			body["href"] = strings.Join(parts[:min(4, len(parts))], "/") + "/errors/" + code
		}
		body["id"], body["code"], body["operation_id"] = code, api+"-"+code, "7a6c4d1e-0000-4000-8000-000000000000"
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(r.status)
	_ = json.NewEncoder(w).Encode(body)
}

func ok(body object) response { return response{http.StatusOK, body} }

func created(body object) response { return response{http.StatusCreated, body} }

var gone = response{status: http.StatusNoContent}

// refusal is one of OCM's errors.
func refusal(status int, reason string) response {
	return response{status, object{"kind": "Error", "reason": reason}}
}

func notFound(kind, id string) response {
	return refusal(http.StatusNotFound, fmt.Sprintf("%s '%s' not found", kind, id))
}

// usualPage is the size of a page where a request names none, and mostOfPage the largest.
const usualPage, mostOfPage = 100, 1000

// list answers a page of the items that meet the request's search, in the order that it asks for.
func (c *call) list(kind string, items []object) response {
	query := c.URL.Query()
	condition, err := parseSearch(query.Get("search"))
	if err != nil {
		return refusal(http.StatusBadRequest, "Failed to parse search '"+query.Get("search")+"': "+err.Error())
	}
	items = slices.DeleteFunc(items, func(item object) bool { return !condition(item) })
	by := strings.Fields(cmp.Or(query.Get("order"), query.Get("orderBy"), "id"))
	slices.SortStableFunc(items, func(a, b object) int { return cmp.Compare(textAt(a, by[0]), textAt(b, by[0])) })
	if len(by) > 1 && by[1] == "desc" {
		slices.Reverse(items)
	}
	number, size := 1, usualPage
	for name, into := range map[string]*int{"page": &number, "size": &size} {
		if text := query.Get(name); text != "" {
			if *into, err = strconv.Atoi(text); err != nil || *into < 1 {
				return refusal(http.StatusBadRequest, fmt.Sprintf("Value '%s' of parameter '%s' isn't a positive number", text, name))
			}
		}
	}
	size = min(size, mostOfPage)
	start := min((number-1)*size, len(items))
	part := items[start:min(start+size, len(items))]
	return ok(object{"kind": kind + "List", "page": number, "size": len(part), "total": len(items), "items": part})
}

// decode reads the JSON of a request.
func (c *call) decode(into any) (response, bool) {
	if err := json.NewDecoder(c.Body).Decode(into); err != nil {
		return refusal(http.StatusBadRequest, "Can't decode request body: "+err.Error()), false
	}
	return response{}, true
}

// textAt is the value at a path with dots, as text.
func textAt(item any, path string) string {
	for name := range strings.SplitSeq(path, ".") {
		fields, isObject := item.(object)
		if !isObject {
			return ""
		}
		item = fields[name]
	}
	if item == nil {
		return ""
	}
	return fmt.Sprint(item)
}
