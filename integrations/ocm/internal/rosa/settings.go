// Package rosa runs commands of the ROSA command line as Jobs in a namespace that may act in the AWS accounts of clusters.
//
// A command's Job has a name made of what it does and where, so that who asks for the same again finds it: one that runs is
// waited for, one that is complete is not run again while it is there. Kubernetes removes it an hour after its end.
package rosa

import (
	"context"

	"github.com/Khan/genqlient/graphql"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// The flags.
const (
	clusterFlag   = "job-controller-cluster"
	namespaceFlag = "job-controller-namespace"
	accountFlag   = "rosa-job-service-account"
	imageFlag     = "rosa-job-image"
	roleFlag      = "rosa-role"
)

// defaultImage has the command lines of ROSA and AWS, bash and jq.
const defaultImage = "registry.ci.openshift.org/ci/rosa-aws-cli:latest"

// Params are the flags that say where commands run, and as whom.
//
// Differs from the reference: where no image is named ocm-clusters takes the one that version-gate-approver takes then. The
// reference runs none of its commands.
func Params() []reconcile.Param {
	return []reconcile.Param{
		{Name: clusterFlag, Type: reconcile.String, Env: "JOB_CONTROLLER_CLUSTER", Help: "cluster with the namespace for ROSA jobs"},
		{Name: namespaceFlag, Type: reconcile.String, Env: "JOB_CONTROLLER_NAMESPACE", Help: "namespace that ROSA jobs run in"},
		{Name: accountFlag, Type: reconcile.String, Env: "ROSA_JOB_SERVICE_ACCOUNT", Help: "service account of ROSA jobs"},
		{Name: imageFlag, Type: reconcile.String, Env: "ROSA_JOB_IMAGE", Default: defaultImage, Help: "container image with the ROSA command line"},
		{Name: roleFlag, Type: reconcile.String, Env: "ROSA_ROLE", Help: "role that ROSA jobs assume in the AWS account of a cluster"},
	}
}

// Settings say where commands run, and as whom.
type Settings struct {
	Place          jobs.Place `json:"place"`
	ServiceAccount string     `json:"serviceAccount"`
	Image          string     `json:"image"`
	Role           string     `json:"role"`
}

// Check says which flag is missing.
func Check(args plan.Args) error {
	for _, name := range []string{clusterFlag, namespaceFlag, accountFlag, roleFlag} {
		if args.String(name) == "" {
			return apierr.Errorf(apierr.Invalid, "commands of the ROSA command line need a namespace to run in: set --%s", name)
		}
	}
	return nil
}

// Read are the settings that the flags give, with how to reach the cluster.
func Read(ctx context.Context, app graphql.Client, args plan.Args) (Settings, error) {
	if err := Check(args); err != nil {
		return Settings{}, err
	}
	name := args.String(clusterFlag)
	answer, err := rosaJobCluster(ctx, app, name)
	if err != nil {
		return Settings{}, err
	}
	if len(answer.JobClusters) != 1 {
		return Settings{}, apierr.Errorf(apierr.Invalid, "app-interface has no cluster %s: correct --%s", name, clusterFlag)
	}
	return Settings{
		Place:          jobs.Place{Cluster: answer.JobClusters[0], Namespace: args.String(namespaceFlag)},
		ServiceAccount: args.String(accountFlag), Image: args.String(imageFlag), Role: args.String(roleFlag),
	}, nil
}

// Inputs reads from app-interface what Read reads there.
func Inputs(ctx context.Context, app graphql.Client, args plan.Args) error {
	if args.String(clusterFlag) == "" {
		return nil
	}
	_, err := rosaJobCluster(ctx, app, args.String(clusterFlag))
	return err
}

// Account is the AWS account and the OCM organisation that commands are about.
type Account struct {
	// UID is the AWS account's, and Region the one that commands work in.
	UID    string `json:"uid"`
	Region string `json:"region"`
	// Organization is the ID of the OCM organisation.
	Organization string `json:"organization"`
}
