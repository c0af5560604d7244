package slack

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

// mostOfPage is Slack's bound of a page.
const mostOfPage = 1000

// page returns the IDs of the page that a request asks for, and the cursor of the next one, "" after the last. The IDs are
// in order; a limit of zero is the given default.
func (c *call) page(ids []string, otherwise int) (page []string, next, code string) {
	limit := otherwise
	if text := c.args.Get("limit"); text != "" && text != "0" {
		asked, err := strconv.Atoi(text)
		if err != nil || asked < 1 || asked > mostOfPage {
			return nil, "", "invalid_limit"
		}
		limit = asked
	}
	if bound := c.workspace.PageSize; bound > 0 {
		limit = min(limit, bound)
	}
	slices.Sort(ids)
	start := 0
	if cursor := c.args.Get("cursor"); cursor != "" {
		text, err := base64.StdEncoding.DecodeString(cursor)
		first, ok := strings.CutPrefix(string(text), "next:")
		start = slices.Index(ids, first)
		if err != nil || !ok || start < 0 {
			return nil, "", "invalid_cursor"
		}
	}
	end := min(start+limit, len(ids))
	if end < len(ids) {
		next = base64.StdEncoding.EncodeToString([]byte("next:" + ids[end]))
	}
	return ids[start:end], next, ""
}

func metadata(next string) object { return object{"next_cursor": next} }
