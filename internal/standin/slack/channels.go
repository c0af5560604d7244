package slack

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// longestText is where Slack refuses a message.
const longestText = 40_000

func postMessage(c *call) (object, string) {
	id, channel := c.workspace.channel(c.app.Name, c.args.Get("channel"))
	text := c.args.Get("text")
	switch {
	case channel == nil:
		return nil, "channel_not_found"
	case channel.Archived:
		return nil, "is_archived"
	case !slices.Contains(channel.Members, c.app.Name):
		return nil, "not_in_channel"
	case text == "":
		return nil, "no_text"
	case utf8.RuneCountInString(text) > longestText:
		return nil, "msg_too_long"
	}
	mark, code := c.mark()
	if code != "" {
		return nil, code
	}
	c.server.posted++
	ts := fmt.Sprintf("%d.%06d", time.Now().Unix(), c.server.posted)
	channel.Messages = append(channel.Messages, Message{
		App: c.app.Name, Text: text, Username: c.args.Get("username"), Icon: c.args.Get("icon_emoji"), Mark: mark, at: time.Now(),
	})
	return object{"channel": id, "ts": ts, "message": object{"type": "message", "subtype": "bot_message", "text": text, "ts": ts}}, ""
}

// marking is the metadata of a message, of which the estate keeps the mark alone.
type marking struct {
	EventType    string            `json:"event_type"`
	EventPayload map[string]string `json:"event_payload"`
}

const markType, markField = "qontract_message", "mark"

func (c *call) mark() (mark, code string) {
	text := c.args.Get("metadata")
	if text == "" {
		return "", ""
	}
	var given marking
	if err := json.Unmarshal([]byte(text), &given); err != nil || given.EventType == "" {
		return "", "invalid_metadata_format"
	}
	return given.EventPayload[markField], ""
}

// conversationHistory lists the messages since a time, the newest first. Only an app that is in the channel may read it, and
// the messages of an estate were always there.
func conversationHistory(c *call) (object, string) {
	id, channel := c.workspace.channel(c.app.Name, c.args.Get("channel"))
	switch {
	case channel == nil || id != c.args.Get("channel"):
		return nil, "channel_not_found"
	case !slices.Contains(channel.Members, c.app.Name):
		return nil, "not_in_channel"
	}
	oldest, err := strconv.ParseFloat(cmp.Or(c.args.Get("oldest"), "0"), 64)
	if err != nil {
		return nil, "invalid_ts_oldest"
	}
	messages := []object{}
	for _, message := range slices.Backward(channel.Messages) {
		if !message.at.IsZero() && float64(message.at.Unix()) < oldest {
			continue
		}
		view := object{"type": "message", "text": message.Text}
		if message.Mark != "" && message.App == c.app.Name && c.args.Get("include_all_metadata") != "" {
			view["metadata"] = marking{markType, map[string]string{markField: message.Mark}}
		}
		messages = append(messages, view)
	}
	return object{"messages": messages, "has_more": false, "response_metadata": metadata("")}, ""
}

func conversationInfo(c *call) (object, string) {
	id, channel := c.workspace.channel(c.app.Name, c.args.Get("channel"))
	if channel == nil || id != c.args.Get("channel") {
		return nil, "channel_not_found"
	}
	return object{"channel": c.view(id)}, ""
}

// joinConversation takes IDs only.
func joinConversation(c *call) (object, string) {
	id, channel := c.workspace.channel(c.app.Name, c.args.Get("channel"))
	switch {
	case channel == nil || id != c.args.Get("channel"):
		return nil, "channel_not_found"
	case channel.Private:
		return nil, "method_not_supported_for_channel_type"
	case channel.Archived:
		return nil, "is_archived"
	}
	body := object{}
	if slices.Contains(channel.Members, c.app.Name) {
		body["warning"] = "already_in_channel"
	} else {
		channel.Members = append(channel.Members, c.app.Name)
	}
	body["channel"] = c.view(id)
	return body, ""
}

func listConversations(c *call) (object, string) {
	const usualLimit = 100
	types := strings.Split(c.args.Get("types"), ",")
	if c.args.Get("types") == "" {
		types = []string{"public_channel"}
	}
	ids := slices.Collect(maps.Keys(c.workspace.Channels))
	ids = slices.DeleteFunc(ids, func(id string) bool {
		channel := c.workspace.Channels[id]
		kind := "public_channel"
		if channel.Private {
			kind = "private_channel"
		}
		_, visible := c.workspace.channel(c.app.Name, id)
		return visible == nil || !slices.Contains(types, kind) || channel.Archived && c.args.Get("exclude_archived") == "true"
	})
	page, next, code := c.page(ids, usualLimit)
	if code != "" {
		return nil, code
	}
	channels := []object{}
	for _, id := range page {
		channels = append(channels, c.view(id))
	}
	return object{"channels": channels, "response_metadata": metadata(next)}, ""
}

func (c *call) view(id string) object {
	channel := c.workspace.Channels[id]
	return object{
		"id": id, "name": channel.Name, "is_channel": true, "is_archived": channel.Archived, "is_private": channel.Private,
		"is_member": slices.Contains(channel.Members, c.app.Name),
	}
}
