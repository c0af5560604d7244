package openshifttemplate

// modernise gives an object of OpenShift's first API, which had no groups, the group that its kind has now.
func modernise(object map[string]any) {
	if object["apiVersion"] != "v1" {
		return
	}
	kind, _ := object["kind"].(string)
	for group, kinds := range map[string][]string{
		"apps.openshift.io":          {"DeploymentConfig", "DeploymentConfigRollback", "DeploymentRequest"},
		"authorization.openshift.io": {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "RoleBindingRestriction"},
		"build.openshift.io":         {"Build", "BuildConfig", "BuildRequest"},
		"image.openshift.io":         {"Image", "ImageSignature", "ImageStream", "ImageStreamImage", "ImageStreamImport", "ImageStreamMapping", "ImageStreamTag"},
		"network.openshift.io":       {"ClusterNetwork", "EgressNetworkPolicy", "HostSubnet", "NetNamespace"},
		"oauth.openshift.io":         {"OAuthAccessToken", "OAuthAuthorizeToken", "OAuthClient", "OAuthClientAuthorization"},
		"project.openshift.io":       {"Project", "ProjectRequest"},
		"quota.openshift.io":         {"AppliedClusterResourceQuota", "ClusterResourceQuota"},
		"route.openshift.io":         {"Route"},
		"security.openshift.io":      {"SecurityContextConstraints"},
		"template.openshift.io":      {"BrokerTemplateInstance", "Template", "TemplateInstance"},
		"user.openshift.io":          {"Group", "Identity", "User", "UserIdentityMapping"},
	} {
		for _, one := range kinds {
			if one == kind {
				object["apiVersion"] = group + "/v1"
			}
		}
	}
}
