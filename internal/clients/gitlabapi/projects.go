package gitlabapi

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Project is one project of a GitLab, with the calls that work on it. It is safe for concurrent use.
type Project struct {
	ID int64
	// Path is the full path, such as service/app-interface.
	Path   string
	WebURL string
	// DefaultBranch is master where the project has none yet.
	DefaultBranch string

	client *Client
}

// Project finds a project by its number or its full path. One that the token may not see is Missing.
func (c *Client) Project(ctx context.Context, name string) (*Project, error) {
	what := "find project " + name
	name = strings.Trim(name, "/")
	if name == "" || name == "." || name == ".." {
		return nil, c.failed(what, nil, apierr.Errorf(apierr.Invalid, "%q is neither the number nor the path of a project: correct it", name))
	}
	found, resp, err := c.api.Projects.GetProject(name, nil, gitlab.WithContext(ctx))
	if err != nil {
		return nil, c.failed(what, resp, err)
	}
	return &Project{
		ID: found.ID, Path: found.PathWithNamespace, WebURL: found.WebURL,
		DefaultBranch: cmp.Or(found.DefaultBranch, "master"), client: c,
	}, nil
}

// ProjectByURL finds a project by the URL that people see it under.
func (c *Client) ProjectByURL(ctx context.Context, address string) (*Project, error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Path == "" {
		return nil, c.failed("find project "+address, nil, apierr.Errorf(apierr.Invalid, "%q is no URL of a project: correct it", address))
	}
	// GitLab may stand below a path of its host.
	path, below := strings.CutPrefix(parsed.Path, strings.TrimSuffix(c.base.Path, "/")+"/")
	if !below {
		path = parsed.Path
	}
	return c.Project(ctx, path)
}

// failed says besides which project was worked on.
func (p *Project) failed(what string, resp *gitlab.Response, err error) error {
	return p.client.failed(fmt.Sprintf("project %s: %s", p.Path, what), resp, err)
}

// collect reads a list to its end, or fails.
func collect[T any](ctx context.Context, read func(...gitlab.RequestOptionFunc) ([]T, *gitlab.Response, error)) (items []T, last *gitlab.Response, err error) {
	items, err = gitlab.ScanAndCollect(func(next gitlab.PaginationOptionFunc) ([]T, *gitlab.Response, error) {
		var page []T
		var err error
		page, last, err = read(gitlab.WithContext(ctx), next)
		return page, last, err
	})
	return items, last, err
}

// pages asks for lists in the largest pages that GitLab has.
func pages() gitlab.ListOptions { return gitlab.ListOptions{PerPage: 100} }
