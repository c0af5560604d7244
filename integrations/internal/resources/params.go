package resources

import "github.com/app-sre/qontract-temporal/internal/reconcile"

// Params are the flags that the integrations of resources share.
func Params() []reconcile.Param {
	clusters := reconcile.ClusterName()
	clusters.OneToWrite = true
	clusters.Help += "; runs that write take one"
	return append([]reconcile.Param{
		reconcile.ThreadPoolSize(), reconcile.Internal(), reconcile.UseJumpHost(), clusters, reconcile.NamespaceName(),
	}, reconcile.Shards()...)
}

// ExcludeCluster leaves clusters out of a dry run.
func ExcludeCluster() reconcile.Param {
	return reconcile.Param{Name: "exclude-cluster", Type: reconcile.Strings, DryRunOnly: true, Help: "all clusters but these; dry runs only"}
}
