package template

import (
	"context"
	"strings"
)

// unread stands for what is not read while inputs are recorded: its texts are decided by what is asked for alone.
type unread []string

func (u unread) text(function string, asked ...string) string {
	return function + "(" + strings.Join(append(u[:len(u):len(u)], asked...), ", ") + ")"
}

// File implements files.
func (u unread) File(_ context.Context, repository, path, ref string) (string, error) {
	return u.text("github", repository, path, ref), nil
}

// Object implements buckets.
func (u unread) Object(_ context.Context, bucket, key string) (string, error) {
	return u.text("s3", bucket, key), nil
}

// Objects implements buckets.
func (u unread) Objects(_ context.Context, bucket, prefix string) ([]string, error) {
	return []string{u.text("s3_ls", bucket, prefix)}, nil
}
