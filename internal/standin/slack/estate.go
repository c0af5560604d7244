package slack

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// Estate is what there is in Slack, as a case writes it down.
type Estate struct {
	// Workspaces by name. A token says which one a request is about.
	Workspaces map[string]*Workspace `json:"workspaces"`
}

// Workspace is one workspace.
type Workspace struct {
	// Apps by their tokens.
	Apps map[string]App `json:"apps"`
	// Users, Channels and Usergroups by their IDs.
	Users      map[string]User       `json:"users,omitempty"`
	Channels   map[string]*Channel   `json:"channels,omitempty"`
	Usergroups map[string]*Usergroup `json:"usergroups,omitempty"`
	// PageSize bounds the pages of lists, whatever a request asks for; zero is Slack's own bound.
	PageSize int `json:"pageSize,omitempty"`
}

// App is what a token belongs to.
type App struct {
	Name string `json:"name"`
	// Scopes are what the token permits; none stands for all.
	Scopes []string `json:"scopes,omitempty"`
}

// User is one account.
type User struct {
	Name    string `json:"name"`
	Email   string `json:"email,omitempty"`
	Deleted bool   `json:"deleted,omitempty"`
	Bot     bool   `json:"bot,omitempty"`
	// EnterpriseID is the account's ID in the organisation above the workspace, which usergroups may list in its place.
	EnterpriseID string `json:"enterpriseId,omitempty"`
}

// Channel is one channel.
type Channel struct {
	Name     string `json:"name"`
	Archived bool   `json:"archived,omitempty"`
	Private  bool   `json:"private,omitempty"`
	// Members are the names of apps.
	Members  []string  `json:"members,omitempty"`
	Messages []Message `json:"messages,omitempty"`
}

// Message is one that an app has posted.
type Message struct {
	App      string `json:"app"`
	Text     string `json:"text"`
	Username string `json:"username,omitempty"`
	Icon     string `json:"icon,omitempty"`
	// Mark is what the app tells its message by.
	Mark string `json:"mark,omitempty"`

	// at is when it was posted; zero for what the estate began with.
	at time.Time
}

// Usergroup is one usergroup. Its users and channels are IDs.
type Usergroup struct {
	Handle      string   `json:"handle"`
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Users       []string `json:"users,omitempty"`
	Channels    []string `json:"channels,omitempty"`
	Disabled    bool     `json:"disabled,omitempty"`
}

// Throttle turns away a number of requests with 429.
type Throttle struct {
	Requests int
	// RetryAfter is in seconds; zero sends no header, as proxies in front of Slack do.
	RetryAfter int
}

// ParseEstate reads an estate from YAML. An unknown key, a workspace without an app, and a usergroup with users or
// channels that are not there are errors.
func ParseEstate(text []byte) (Estate, error) {
	var estate Estate
	if err := yaml.UnmarshalStrict(text, &estate); err != nil {
		return Estate{}, fmt.Errorf("slack estate: %w", err)
	}
	var errs []error
	tokens := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(estate.Workspaces)) {
		w := estate.Workspaces[name]
		if w == nil || len(w.Apps) == 0 {
			errs = append(errs, fmt.Errorf("slack estate: workspace %s has no apps: add one with its token", name))
			continue
		}
		for token := range w.Apps {
			if other, taken := tokens[token]; taken {
				errs = append(errs, fmt.Errorf("slack estate: %s and %s have an app with the same token", other, name))
			}
			tokens[token] = name
		}
		errs = append(errs, w.check(name)...)
	}
	return estate, errors.Join(errs...)
}

func (w *Workspace) check(name string) []error {
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(w.Usergroups)) {
		group := w.Usergroups[id]
		for _, user := range group.Users {
			if _, ok := w.user(user); !ok {
				errs = append(errs, fmt.Errorf("slack estate: usergroup %s of %s has the user %s, who is not there: add it to users", group.Handle, name, user))
			}
		}
		for _, channel := range group.Channels {
			if w.Channels[channel] == nil {
				errs = append(errs, fmt.Errorf("slack estate: usergroup %s of %s has the channel %s, which is not there: add it to channels", group.Handle, name, channel))
			}
		}
	}
	return errs
}

// user finds an account by its ID, or by that of the organisation.
func (w *Workspace) user(id string) (User, bool) {
	if user, ok := w.Users[id]; ok {
		return user, true
	}
	for _, user := range w.Users {
		if id != "" && user.EnterpriseID == id {
			return user, true
		}
	}
	return User{}, false
}

// channel finds a channel as a request names it: its ID, its name, or its name after a #. Private channels are there for
// their members alone.
func (w *Workspace) channel(app, named string) (string, *Channel) {
	for id, channel := range w.Channels {
		if named != id && strings.TrimPrefix(named, "#") != channel.Name {
			continue
		}
		if !channel.Private || slices.Contains(channel.Members, app) {
			return id, channel
		}
	}
	return "", nil
}

// clone returns a copy that shares nothing.
func (e Estate) clone() Estate {
	workspaces := map[string]*Workspace{}
	for name, w := range e.Workspaces {
		c := &Workspace{
			Apps: map[string]App{}, Users: maps.Clone(w.Users), Channels: map[string]*Channel{}, Usergroups: map[string]*Usergroup{}, PageSize: w.PageSize,
		}
		for token, app := range w.Apps {
			app.Scopes = slices.Clone(app.Scopes)
			c.Apps[token] = app
		}
		for id, channel := range w.Channels {
			copied := *channel
			copied.Members, copied.Messages = slices.Clone(channel.Members), slices.Clone(channel.Messages)
			c.Channels[id] = &copied
		}
		for id, group := range w.Usergroups {
			copied := *group
			copied.Users, copied.Channels = slices.Clone(group.Users), slices.Clone(group.Channels)
			c.Usergroups[id] = &copied
		}
		workspaces[name] = c
	}
	return Estate{Workspaces: workspaces}
}

// sorted brings every list but those of messages into order and forgets times, so that equal estates are equal text. It changes the estate
// itself.
func (e Estate) sorted() Estate {
	for _, w := range e.Workspaces {
		for _, channel := range w.Channels {
			slices.Sort(channel.Members)
			for i := range channel.Messages {
				channel.Messages[i].at = time.Time{}
			}
		}
		for _, group := range w.Usergroups {
			slices.Sort(group.Users)
			slices.Sort(group.Channels)
		}
	}
	return e
}
