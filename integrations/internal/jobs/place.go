// Package jobs runs Jobs in namespaces, for work that can be done nowhere else: queries of databases that only these namespaces
// reach, programs that log in with what they have. It makes what a Job needs, says in words where the Job stands, and takes
// everything away again.
package jobs

import (
	"context"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
)

// Kubernetes is what is needed of a cluster.
type Kubernetes interface {
	Get(ctx context.Context, kind, namespace, name string) (map[string]any, error)
	List(ctx context.Context, kind, namespace, selector string) ([]map[string]any, error)
	Create(ctx context.Context, owner kubeapi.Owner, o kubeapi.Object) error
	Apply(ctx context.Context, owner kubeapi.Owner, o kubeapi.Object) error
	Delete(ctx context.Context, owner kubeapi.Owner, policy kubeapi.Policy, o kubeapi.Object) error
}

var _ Kubernetes = (*kubeapi.Client)(nil)

// Place is a namespace of a cluster.
type Place struct {
	Cluster   appinterface.Cluster `json:"cluster"`
	Namespace string               `json:"namespace"`
}

// String names the place in messages, as <cluster>/<namespace>.
func (p Place) String() string { return p.Cluster.Name + "/" + p.Namespace }

// At is the place with a connection to it. What it makes is the owner's.
type At struct {
	Place
	Client Kubernetes
	Owner  kubeapi.Owner
}

// Get reads an object of the place. One that is not there is apierr.Missing.
func (a At) Get(ctx context.Context, kind, name string) (map[string]any, error) {
	return a.Client.Get(ctx, kind, a.Namespace, name)
}

// Apply makes the objects as their bodies say, in their order.
func (a At) Apply(ctx context.Context, bodies ...map[string]any) error {
	for _, body := range bodies {
		if err := kubeapi.Validate(body); err != nil {
			return err
		}
		if err := a.Client.Apply(ctx, a.Owner, a.object(kubeapi.KindAndGroup(body), nameOf(body), body)); err != nil {
			return err
		}
	}
	return nil
}

// Create makes an object that is not there yet. One that is there is apierr.Conflict.
func (a At) Create(ctx context.Context, body map[string]any) error {
	return a.Client.Create(ctx, a.Owner, a.object(kubeapi.KindAndGroup(body), nameOf(body), body))
}

// Delete deletes an object of the owner. One that is gone is success, and one of somebody else is apierr.Guard.
func (a At) Delete(ctx context.Context, kind, name string) error {
	return a.Client.Delete(ctx, a.Owner, kubeapi.Policy{}, a.object(kind, name, nil))
}

// DeleteLabelled deletes the owner's objects of the kinds whose labels match. Those of others are left alone.
func (a At) DeleteLabelled(ctx context.Context, selector string, kinds ...string) error {
	for _, kind := range kinds {
		live, err := a.Client.List(ctx, kind, a.Namespace, selector)
		if err != nil {
			return err
		}
		for _, object := range live {
			if !kubeapi.Owned(object, a.Owner) {
				continue
			}
			if err := a.Delete(ctx, kind, nameOf(object)); err != nil && !apierr.Is(err, apierr.Guard) {
				return err
			}
		}
	}
	return nil
}

func (a At) object(kind, name string, body map[string]any) kubeapi.Object {
	return kubeapi.Object{Cluster: a.Cluster.Name, Namespace: a.Namespace, Kind: kind, Name: name, Body: body}
}

func nameOf(body map[string]any) string {
	metadata, _ := body["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	return name
}
