package template

import (
	"context"
	"time"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Renderer renders templates. It is safe for concurrent use.
type Renderer struct {
	secrets secret.Reader
	app     func(reconcile.Scope) app
	files   func(ctx context.Context, s reconcile.Scope) (files, error)
	buckets func(ctx context.Context, s reconcile.Scope, account, region string) (buckets, error)
	web     web
	now     func() time.Time
}

// app is what templates see of app-interface.
type app interface {
	graphql.Client
	Resource(ctx context.Context, path string) (appinterface.Resource, error)
}

// files reads files on GitHub.
type files interface {
	// File returns the content of a file, as of a branch, a tag or a commit.
	File(ctx context.Context, repository, path, ref string) (string, error)
}

// buckets reads objects in the S3 of an AWS account.
type buckets interface {
	// Object returns the content of an object.
	Object(ctx context.Context, bucket, key string) (string, error)
	// Objects returns the keys that begin with a prefix, up to the next slash, with the newest object first.
	Objects(ctx context.Context, bucket, prefix string) ([]string, error)
}

// web asks for pages.
type web interface {
	// Status returns the status with which a URL is answered, and 0 where nobody answers.
	Status(ctx context.Context, url string) (int, error)
}

// New returns a renderer whose templates read with the clients of the set.
func New(set *clients.Set) *Renderer {
	application := set.AppInterface()
	r := &Renderer{
		secrets: set.Secrets(),
		app:     func(s reconcile.Scope) app { return application.At(s) },
		web:     newWeb(),
		now:     time.Now,
	}
	r.files, r.buckets = r.onGitHub(set.GitHub()), r.inAccount(set.AWS())
	return r
}
