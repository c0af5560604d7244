package gitlabapi

import (
	"context"
	"fmt"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"
)

// File returns a file at a ref: a branch or a commit. It is Missing where there is no such file, or no such ref.
func (p *Project) File(ctx context.Context, path, ref string) ([]byte, error) {
	what := fmt.Sprintf("read %s at %s", path, ref)
	if err := nameOf("file", path); err != nil {
		return nil, p.failed(what, nil, err)
	}
	content, resp, err := p.client.api.RepositoryFiles.GetRawFile(p.ID, path, &gitlab.GetRawFileOptions{Ref: &ref}, gitlab.WithContext(ctx))
	if err != nil {
		return nil, p.failed(what, resp, err)
	}
	return content, nil
}

// ListFiles returns the paths of all files below a folder at a ref; of the whole repository where the folder is empty.
// It is Missing where there is no such folder, or no such ref.
func (p *Project) ListFiles(ctx context.Context, folder, ref string) ([]string, error) {
	options := &gitlab.ListTreeOptions{ListOptions: pages(), Ref: &ref, Recursive: gitlab.Ptr(true)}
	if folder != "" {
		options.Path = &folder
	}
	nodes, resp, err := collect(ctx, func(o ...gitlab.RequestOptionFunc) ([]*gitlab.TreeNode, *gitlab.Response, error) {
		return p.client.api.Repositories.ListTree(p.ID, options, o...)
	})
	if err != nil {
		return nil, p.failed(fmt.Sprintf("list files in %q at %s", folder, ref), resp, err)
	}
	paths := []string{}
	for _, node := range nodes {
		if node.Type == "blob" {
			paths = append(paths, node.Path)
		}
	}
	return paths, nil
}
