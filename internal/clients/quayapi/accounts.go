package quayapi

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// UserExists says whether an account can become a member of the organisation's teams: a person with that user name,
// or a robot of the organisation (ORG+NAME). A robot of another organisation counts as absent.
//
// Differs from the reference: only "not found" means that there is no such account, while the reference takes every
// error for that; and robots are looked up, while the reference never finds one.
func (c *Client) UserExists(ctx context.Context, org, name string) (bool, error) {
	if isRobot(name) {
		return c.robotExists(ctx, org, name)
	}
	err := c.do(ctx, request{
		what:   "look up user " + name,
		method: http.MethodGet,
		path:   []string{"users", name},
	}, nil)
	if apierr.Is(err, apierr.Missing) {
		return false, nil
	}
	return err == nil, err
}

// robotExists searches the list, since the answer to a question for one robot holds its token.
func (c *Client) robotExists(ctx context.Context, org, name string) (bool, error) {
	if !strings.HasPrefix(name, org+"+") {
		return false, nil
	}
	var answer struct {
		Robots []struct {
			Name string `json:"name"`
		} `json:"robots"`
	}
	err := c.do(ctx, request{
		what:   fmt.Sprintf("list robots of %s", org),
		method: http.MethodGet,
		path:   []string{"organization", org, "robots"},
		query:  url.Values{"token": {"false"}, "permissions": {"false"}},
	}, &answer)
	for _, robot := range answer.Robots {
		if robot.Name == name {
			return true, nil
		}
	}
	return false, err
}

func isRobot(name string) bool { return strings.Contains(name, "+") }
