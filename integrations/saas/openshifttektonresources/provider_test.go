package openshifttektonresources

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
)

const (
	deployTask = `
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: deploy}
spec: {steps: [{name: prepare}, {name: qontract-reconcile, image: "reconcile:{{ tag }}", computeResources: {limits: {cpu: "9"}}}]}`
	pushTask     = `{apiVersion: tekton.dev/v1, kind: Task, metadata: {name: push}, spec: {steps: [{name: push}]}}`
	saasPipeline = `
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: saas}
spec:
  tasks: [{name: deploy, taskRef: {kind: Task, name: deploy}}]
  finally: [{name: push, timeout: 5m, taskRef: {name: push}}]`
)

func tasks() []ObjectTemplate {
	return []ObjectTemplate{{Name: "deploy", Type: onePerSaasFile, Path: "deploy"}, {Name: "push", Type: onePerNamespace, Path: "push"}}
}

func providerOf(t *testing.T, files ...saasFile) provider {
	t.Helper()
	variables, err := appinterface.NewJSON(map[string]string{"tag": "v1"})
	require.NoError(t, err)
	p := provider{
		name: "ci", tasks: tasks(), pipeline: ObjectTemplate{Name: "saas", Path: "saas"}, resources: unset, files: files,
		texts: map[string]text{"deploy": {content: deployTask}, "push": {content: pushTask}, "saas": {content: saasPipeline}},
	}
	p.tasks[0].Variables = variables
	return p
}

// made are the objects by kind and name, as JSON.
func made(t *testing.T, p provider) (map[string]string, error) {
	t.Helper()
	bodies, err := p.bodies()
	objects := map[string]string{}
	for _, body := range bodies {
		metadata := body.Object["metadata"].(map[string]any)
		spec, marshalling := json.Marshal(body.Object["spec"])
		require.NoError(t, marshalling)
		objects[body.Object["kind"].(string)+" "+metadata["name"].(string)] = string(spec)
	}
	return objects, err
}

func TestEachSaasFileHasATaskAndAPipeline(t *testing.T) {
	own := DeployResources{Requests: requests{Cpu: "100m", Memory: "200Mi"}, Limits: limits{Memory: "1Gi"}}
	objects, err := made(t, providerOf(t, saasFile{Name: "one"}, saasFile{Name: "two", Timeout: "1d30m", DeployResources: &own}))
	require.NoError(t, err)
	for name, want := range map[string]string{
		"Task o-push": `{"steps":[{"name":"push"}]}`,
		"Task o-deploy-one": `{"steps":[{"name":"prepare"},{"name":"qontract-reconcile","image":"reconcile:v1",
			"computeResources":{"requests":{"cpu":"300m","memory":"600Mi"},"limits":{"cpu":"300m","memory":"600Mi"}}}]}`,
		"Task o-deploy-two": `{"steps":[{"name":"prepare"},{"name":"qontract-reconcile","image":"reconcile:v1",
			"computeResources":{"requests":{"cpu":"100m","memory":"200Mi"},"limits":{"memory":"1Gi"}}}]}`,
		"Pipeline o-saas-one": `{"tasks":[{"name":"deploy","taskRef":{"kind":"Task","name":"o-deploy-one"}}],
			"finally":[{"name":"push","timeout":"5m","taskRef":{"name":"o-push"}}]}`,
		"Pipeline o-saas-two": `{"tasks":[{"name":"deploy","timeout":"24h30m0s","taskRef":{"kind":"Task","name":"o-deploy-two"}}],
			"finally":[{"name":"push","timeout":"24h30m0s","taskRef":{"name":"o-push"}}]}`,
	} {
		require.JSONEq(t, want, objects[name], name)
	}
	require.Len(t, objects, 5)
}

func TestWhatIsWrongIsSaidAndTheOthersAreMade(t *testing.T) {
	change := func(change func(*provider)) func(*provider) { return change }
	for _, tc := range []struct {
		name   string
		change func(*provider)
		says   string
		made   int
	}{
		{"two task templates of one name", change(func(p *provider) { p.tasks = append(p.tasks, p.tasks[1]) }), "two task templates have the name push", 3},
		{"a task of the pipeline that nobody knows", change(func(p *provider) { p.tasks = p.tasks[:1] }), `pipeline template saas has the task "push"`, 1},
		{"a task of the pipeline without a reference", change(func(p *provider) {
			p.texts["saas"] = text{content: `{kind: Pipeline, metadata: {}, spec: {tasks: [{name: deploy}]}}`}
		}), `task "deploy" has no taskRef`, 2},
		{"no step that rolls out", change(func(p *provider) { p.tasks[0].Path = "push" }), "task template deploy has no step qontract-reconcile", 2},
		{"a type that nobody knows", change(func(p *provider) { p.tasks[1].Type = "onePerCluster" }), `task template push has the type "onePerCluster"`, 2},
		{"a variable that is not given", change(func(p *provider) { p.tasks[0].Variables = appinterface.JSON{} }), "template deploy", 2},
		{"variables that are a list", change(func(p *provider) { p.tasks[0].Variables, _ = appinterface.NewJSON([]string{"a"}) }), "template deploy: the variables are not an object", 2},
		{"a template that is no object", change(func(p *provider) { p.texts["push"] = text{content: "[a]"} }), "template push makes no Kubernetes object", 2},
		{"a template that is no YAML", change(func(p *provider) { p.texts["push"] = text{content: "a: ["} }), "template push: it is not YAML", 2},
		{"an object without metadata", change(func(p *provider) { p.texts["push"] = text{content: "kind: Task"} }), "template push makes no Kubernetes object", 2},
		{"a template that is not there", change(func(p *provider) { p.texts["saas"] = text{fault: apierr.Errorf(apierr.Invalid, "no such file")} }), "no such file", 2},
		{"a timeout that is none", change(func(p *provider) { p.files[0].Timeout = "soon" }), `timeout of saas file one: "soon" is no duration`, 2},
		{"a task's name that is too long", change(func(p *provider) { p.tasks[1].Name = strings.Repeat("n", 62) }), "has 64 characters, and Tekton takes 63", 1},
		{"a pipeline's name that is too long", change(func(p *provider) { p.files[0].Name = strings.Repeat("n", 50) }), "has 57 characters, and Tekton takes 56", 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := providerOf(t, saasFile{Name: "one"})
			tc.change(&p)
			objects, err := made(t, p)
			require.ErrorContains(t, err, tc.says)
			require.ErrorContains(t, err, "provider ci of pipelines: ")
			require.True(t, apierr.Is(err, apierr.Invalid), "%v", err)
			require.Len(t, objects, tc.made)
		})
	}
}

func TestTheLongestNames(t *testing.T) {
	p := providerOf(t, saasFile{Name: strings.Repeat("n", 49)})
	p.tasks[1].Name = strings.Repeat("n", 61)
	p.texts["saas"] = text{content: `{kind: Pipeline, metadata: {}}`}
	objects, err := made(t, p)
	require.NoError(t, err)
	require.Len(t, objects, 3)
}

func TestAProviderHasWhatItsDefaultsHave(t *testing.T) {
	amounts := func(memory string) *DeployResources { return &DeployResources{Requests: requests{Memory: memory}} }
	pipeline := func(name string) pipelineTemplates {
		return pipelineTemplates{OpenshiftSaasDeploy: ObjectTemplate{Name: name}}
	}
	own := pipeline("own")
	bare := defaults{TaskTemplates: []ObjectTemplate{{Name: "default"}}, PipelineTemplates: pipeline("default")}
	sized := bare
	sized.DeployResources = amounts("2Gi")
	for _, tc := range []struct {
		name                   string
		tekton                 anyProviderPipelinesProviderTektonV1
		task, pipeline, memory string
	}{
		{"nothing of its own", anyProviderPipelinesProviderTektonV1{Defaults: bare}, "default", "default", "600Mi"},
		{"an empty list", anyProviderPipelinesProviderTektonV1{Defaults: sized, TaskTemplates: []ObjectTemplate{}}, "default", "default", "2Gi"},
		{
			"all of its own", anyProviderPipelinesProviderTektonV1{Defaults: sized, TaskTemplates: []ObjectTemplate{{Name: "own"}}, PipelineTemplates: &own, DeployResources: amounts("3Gi")},
			"own", "own", "3Gi",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			providers, _ := tektonProviders([]anyProvider{&tc.tekton})
			require.Equal(t, tc.task, providers[0].tasks[0].Name)
			require.Equal(t, tc.pipeline, providers[0].pipeline.Name)
			require.Equal(t, tc.memory, providers[0].resources.Requests.Memory)
		})
	}
}
