package main

import "github.com/Khan/genqlient/generate"

const module = "github.com/app-sre/qontract-temporal/"

// bindings maps GraphQL types to the one Go type that all generated code shares. The expected fields are those of
// the type's shared fragment. A query that needs other fields of such a type writes
//
//	# @genqlient(bind: "-")
//
// above the field, or selects the field twice under two aliases.
func bindings() map[string]*generate.TypeBinding {
	return map[string]*generate.TypeBinding{
		"JSON": {Type: module + "internal/appinterface.JSON"},
		"VaultSecret_v1": {
			Type:              module + "internal/secret.Ref",
			ExpectExactFields: "{ ...VaultSecret }",
		},
		"Cluster_v1": {
			Type:              module + "internal/appinterface.Cluster",
			ExpectExactFields: "{ ...ClusterConnection }",
		},
		"ClusterJumpHost_v1": {
			Type:              module + "internal/appinterface.JumpHost",
			ExpectExactFields: "{ ...JumpHost }",
		},
		"OpenShiftClusterManagerEnvironment_v1": {
			Type:              module + "internal/appinterface.OCMEnvironment",
			ExpectExactFields: "{ ...OCMEnvironment }",
		},
	}
}
