package reconcile

// The flags that many integrations share, with the reference's names and defaults.

// ThreadPoolSize bounds how many changes of a scope are applied side by side.
func ThreadPoolSize() Param {
	return Param{Name: "thread-pool-size", Type: Int, Default: "10", Help: "number of changes applied side by side"}
}

// GitLabProjectID names app-interface's project in GitLab.
func GitLabProjectID() Param {
	return Param{Name: "gitlab-project-id", Type: String, Help: "project that merge requests are opened in; not needed where mergeRequestGateway is sqs"}
}

// Internal limits a run to internal or to external clusters.
func Internal() Param {
	return Param{Name: "internal", Opposite: "external", Type: Tristate, Help: "only internal clusters, or only external ones"}
}

// UseJumpHost connects through a cluster's jump host where it declares one.
func UseJumpHost() Param {
	return Param{Name: "use-jump-host", Type: Bool, Default: "false", Help: "connect through the cluster's jump host"}
}

// TakeOver replaces objects that others made.
func TakeOver() Param {
	return Param{Name: "take-over", Type: Bool, Default: "true", Help: "manage all objects of the kind, also those that others made"}
}

// ClusterName limits a run to clusters.
func ClusterName() Param {
	return Param{Name: "cluster-name", Type: Strings, Help: "only these clusters"}
}

// NamespaceName limits a run to namespaces.
func NamespaceName() Param {
	return Param{Name: "namespace-name", Type: Strings, Help: "only these namespaces"}
}

// VaultOutputPath says where in Vault secrets are written that others read.
func VaultOutputPath() Param {
	return Param{Name: "vault-output-path", Type: String, Help: "folder in Vault that what was made is written to"}
}

// Shards and ShardID limit a run to the objects whose hash falls to one of several shards.
func Shards() []Param {
	return []Param{
		{Name: "shards", Type: Int, Default: "1", Env: "SHARDS", Help: "number of shards that the objects are split into"},
		{Name: "shard-id", Type: Int, Default: "0", Env: "SHARD_ID", Help: "the shard that this run takes, from 0"},
	}
}

// ExtendedEarlyExit are the flags of an integration whose outcomes internal/earlyexit remembers.
func ExtendedEarlyExit() []Param {
	return []Param{
		{Name: "enable-extended-early-exit", Type: Bool, Default: "false", Help: "do not repeat a run whose inputs are those of an earlier one without changes"},
		{Name: "extended-early-exit-cache-ttl-seconds", Type: Int, Default: "3600", Help: "for how many seconds an outcome counts"},
		{Name: "log-cached-log-output", Type: Bool, Default: "false", Help: "show what the earlier run logged"},
	}
}
