package main

import (
	"errors"
	"regexp"
	"runtime/debug"

	"github.com/spf13/pflag"
	"go.temporal.io/sdk/worker"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/versions"
)

// versionFlags say which version of the workers the process is, and whose tasks it takes.
type versionFlags struct {
	versioned   bool
	buildID     string
	deployment  string
	queueSuffix string
}

func (f *versionFlags) add(flags *pflag.FlagSet) {
	flags.BoolVar(&f.versioned, "versioned", false, "take only what belongs to this build of the worker; `starter versions promote` sends it runs")
	flags.StringVar(&f.buildID, "build-id", "", "name of this build, which implies --versioned (default: the revision that it was built from)")
	flags.StringVar(&f.deployment, "deployment", versions.DefaultDeployment, "Worker Deployment whose version this is; --queue-suffix is added")
	flags.StringVar(&f.queueSuffix, "queue-suffix", "", "take the task queues whose names end with it, for shards with an image of their own: -prod-1")
}

// revisionLength is how much of a revision makes a build ID.
const revisionLength = 12

var suffix = regexp.MustCompile(`^(-[a-z0-9]+)*$`)

// version is the zero value for a worker without versions. Read gives what the binary knows of its build.
func (f *versionFlags) version(read func() (*debug.BuildInfo, bool)) (worker.WorkerDeploymentVersion, error) {
	if !suffix.MatchString(f.queueSuffix) {
		return worker.WorkerDeploymentVersion{}, apierr.Errorf(apierr.Invalid, "--queue-suffix %q: expected lower-case letters and digits, each part after a dash: -prod-1", f.queueSuffix)
	}
	if !f.versioned && f.buildID == "" {
		return worker.WorkerDeploymentVersion{}, nil
	}
	buildID := f.buildID
	if buildID == "" {
		buildID = revision(read)
	}
	if buildID == "" {
		return worker.WorkerDeploymentVersion{}, apierr.New(apierr.Invalid, errors.New("--versioned: the binary does not know the revision that it was built from: name the build with --build-id"))
	}
	v := worker.WorkerDeploymentVersion{DeploymentName: f.deployment + f.queueSuffix, BuildID: buildID}
	return v, versions.Check(v.DeploymentName, v.BuildID)
}

// revision is the revision of the binary's source; one that was built from changed files says so.
func revision(read func() (*debug.BuildInfo, bool)) string {
	info, ok := read()
	if !ok {
		return ""
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	id := settings["vcs.revision"]
	id = id[:min(revisionLength, len(id))]
	if id != "" && settings["vcs.modified"] == "true" {
		id += "-modified"
	}
	return id
}
