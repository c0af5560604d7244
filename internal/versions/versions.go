// Package versions shows the versions of the workers that Temporal knows, and moves runs from one to the next.
//
// All workers of an estate are one Worker Deployment of Temporal's. A version of it is a build. New runs begin on the
// current version and end there; what waits for days moves on to it.
package versions

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// DefaultDeployment is the Worker Deployment of an estate.
const DefaultDeployment = "qontract-temporal"

// State is what Temporal does with a version.
type State string

// The states of a version.
const (
	// Inactive has workers and was never promoted.
	Inactive State = "inactive"
	Current  State = "current"
	// Ramping takes a part of the new runs.
	Ramping State = "ramping"
	// Draining takes no new runs and has some that go on.
	Draining State = "draining"
	// Drained has none left: its workers may be removed.
	Drained State = "drained"
)

// Version is a build of the workers.
type Version struct {
	BuildID string `json:"buildId"`
	State   State  `json:"state"`
	// Percentage is the part of new runs that a ramping version takes.
	Percentage float32 `json:"percentage,omitempty"`
	// Created is when its first worker appeared.
	Created time.Time `json:"created"`
}

// Deployment is a Worker Deployment. Its errors are classified: Missing where Temporal knows no such deployment or
// version, Conflict where somebody else changed it at the same time.
type Deployment struct {
	// Name is the deployment's.
	Name      string
	client    client.Client
	namespace string
}

// Of returns the deployment of that name in the client's namespace.
func Of(c client.Client, namespace, name string) *Deployment {
	return &Deployment{Name: name, client: c, namespace: namespace}
}

var part = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)

// Check says whether Temporal and Kubernetes take the names.
func Check(deployment, buildID string) error {
	for _, named := range [][2]string{{"--deployment", deployment}, {"--build-id", buildID}} {
		if !part.MatchString(named[1]) {
			return apierr.Errorf(apierr.Invalid, "%s %q: expected up to 63 lower-case letters, digits and dashes, as Kubernetes' names have them", named[0], named[1])
		}
	}
	return nil
}

// List returns the versions, the newest first.
func (d *Deployment) List(ctx context.Context) ([]Version, error) {
	described, err := d.describe(ctx)
	if err != nil {
		return nil, err
	}
	routing := described.Info.RoutingConfig
	all := make([]Version, 0, len(described.Info.VersionSummaries))
	for _, summary := range described.Info.VersionSummaries {
		v := Version{BuildID: summary.Version.BuildID, State: Inactive, Created: summary.CreateTime}
		switch {
		case routing.CurrentVersion != nil && routing.CurrentVersion.BuildID == v.BuildID:
			v.State = Current
		case routing.RampingVersion != nil && routing.RampingVersion.BuildID == v.BuildID:
			v.State, v.Percentage = Ramping, routing.RampingVersionPercentage
		case summary.DrainageStatus == client.WorkerDeploymentVersionDrainageStatusDraining:
			v.State = Draining
		case summary.DrainageStatus == client.WorkerDeploymentVersionDrainageStatusDrained:
			v.State = Drained
		}
		all = append(all, v)
	}
	slices.SortFunc(all, func(a, b Version) int {
		if c := b.Created.Compare(a.Created); c != 0 {
			return c
		}
		return strings.Compare(a.BuildID, b.BuildID)
	})
	return all, nil
}

// tries is how often a deployment is asked for. It is a workflow of Temporal's own, which does not answer at all times.
const tries = 5

func (d *Deployment) describe(ctx context.Context) (client.WorkerDeploymentDescribeResponse, error) {
	for try := 1; ; try++ {
		described, err := d.handle().Describe(ctx, client.WorkerDeploymentDescribeOptions{})
		err = d.classify("Worker Deployment "+d.Name, err)
		if try == tries || !apierr.Is(err, apierr.Unavailable) {
			return described, err
		}
		select {
		case <-ctx.Done():
			return described, err
		case <-time.After(lookEvery):
		}
	}
}

func (d *Deployment) handle() client.WorkerDeploymentHandle {
	return d.client.WorkerDeploymentClient().GetHandle(d.Name)
}

// classify says what an error of Temporal's means for the caller.
func (d *Deployment) classify(what string, err error) error {
	if err == nil {
		return nil
	}
	var missing *serviceerror.NotFound
	var precondition *serviceerror.FailedPrecondition
	var denied *serviceerror.PermissionDenied
	var invalid *serviceerror.InvalidArgument
	switch {
	case errors.As(err, &missing):
		return apierr.New(apierr.Missing, fmt.Errorf("there is no %s: %w; has a worker with --build-id been started in namespace %s?", what, err, d.namespace))
	case errors.As(err, &precondition):
		return apierr.New(apierr.Conflict, fmt.Errorf("%s: %w", what, err))
	case errors.As(err, &denied):
		return apierr.New(apierr.Denied, fmt.Errorf("%s: %w", what, err))
	case errors.As(err, &invalid):
		return apierr.New(apierr.Invalid, fmt.Errorf("%s: %w", what, err))
	}
	return apierr.New(apierr.Unavailable, fmt.Errorf("%s: %w", what, err))
}
