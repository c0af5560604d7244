package openshiftsaasdeploy

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saastest"
	"github.com/app-sre/qontract-temporal/internal/apierr"
)

func TestMessages(t *testing.T) {
	const begin = " SaaS file *cart* deployment to environment *prod*: "
	base := Notice{SaasFile: "cart", Environment: "prod", ConsoleURL: "https://console.example"}
	for _, tc := range []struct {
		name, stage, want string
		change            func(*Notice)
	}{
		{"success", success, ":green_jenkins_circle:" + begin + "Success (<https://console.example|Open>)", nil},
		{"failure", failure, ":red_jenkins_circle:" + begin + "Failure (<https://console.example|Open>)", nil},
		{"it begins", inProgress, ":yellow_jenkins_circle:" + begin + "In Progress (<https://console.example|Open>)", nil},
		{"it begins, and a success will not be told", inProgress,
			":yellow_jenkins_circle:" + begin + "In Progress (<https://console.example|Open>). There will not be a notice for success.",
			func(n *Notice) { n.Quiet = true }},
		{"what triggered it", success,
			":green_jenkins_circle:" + begin + "Success (<https://console.example|Open>). Reason: https://git.example/commit/a triggered by _openshift-saas-deploy-trigger-configs_",
			func(n *Notice) {
				n.Reason, n.Integration = "https://git.example/commit/a", "openshift-saas-deploy-trigger-configs"
			}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			notice := base
			if tc.change != nil {
				tc.change(&notice)
			}
			require.Equal(t, tc.want, notice.text(tc.stage))
		})
	}
}

func TestWherePeopleSeePipelineRuns(t *testing.T) {
	url := func(name, environment string) (string, error) {
		file, err := saastest.File(t, []byte(`{"name": "`+name+`", "app": {"name": "app"}, "resourceTemplates": [], "pipelinesProvider": {
			"provider": "tekton", "namespace": {"name": "pipelines", "cluster": {"consoleUrl": "https://console.url"}},
			"defaults": {"pipelineTemplates": {"openshiftSaasDeploy": {"name": "saas-deploy"}}}}}`))
		require.NoError(t, err)
		return consoleURL(&file, environment)
	}
	for _, tc := range []struct{ name, file, environment, pipeline, run string }{
		{"a short name", "saas_name", "production", "o-saas-deploy-saas_name", "saas_name-production"},
		{"a longer name, whose runs are cut", "saas-openshift-cert-manager-routes", "app-sre-production-in-the-east",
			"o-saas-deploy-saas-openshift-cert-manager-routes", "saas-openshift-cert-manager-routes-app-sre-production-in"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			found, err := url(tc.file, tc.environment)
			require.NoError(t, err)
			require.Equal(t, "https://console.url/k8s/ns/pipelines/tekton.dev~v1~Pipeline/"+tc.pipeline+"/Runs?name="+tc.run, found)
		})
	}
	_, err := url("this-is-a-very-looooooooooooooooooooooong-saas-name", "app-sre-production")
	require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
}
