package integrationsmanager

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/fleet"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// group has units of these specs in an environment with the parameters.
func group(t *testing.T, parameters map[string]any, specs ...fleet.Spec) fleet.Group {
	t.Helper()
	encoded, err := appinterface.NewJSON(parameters)
	require.NoError(t, err)
	g := fleet.Group{Name: "quay", Namespace: fleet.Namespace{
		Path: "/namespaces/prod.yml", Name: "prod", Cluster: appinterface.Cluster{Name: "prod-1"},
		Environment: fleet.Environment{Name: "production", Parameters: encoded},
	}}
	for i, spec := range specs {
		name := []string{"quay-membership", "quay-mirror", "quay-repos"}[i]
		g.Units = append(g.Units, fleet.Unit{ID: name, Integration: name, Managed: &fleet.Managed{Namespace: g.Namespace, Spec: spec}})
	}
	return g
}

const sha = "3f1c9a2b7d4055aa3f1c9a2b7d4055aa3f1c9a2b"

func TestTheTagOfTheImageIsTheMostSpecificOne(t *testing.T) {
	upstream := "https://github.com/acme/fork"
	repos := []any{map[string]any{"repo": "https://github.com/acme/other", "ref": "9999999"}, map[string]any{"repo": upstream, "ref": sha}}
	for name, tc := range map[string]struct {
		own        string
		parameters map[string]any
		fromRef    []string
		tag, fault string
	}{
		"the group's own image":            {own: "v1.2.3", parameters: map[string]any{"IMAGE_TAG": "a"}, fromRef: []string{"production=" + sha}, tag: "v1.2.3"},
		"the flag for the environment":     {parameters: map[string]any{"IMAGE_TAG": "a", "INTEGRATION_UPSTREAM_REPOS": repos}, fromRef: []string{"stage=1234567", "production=f44e417"}, tag: "f44e417"},
		"the flag for another environment": {parameters: map[string]any{"IMAGE_TAG": "a"}, fromRef: []string{"stage=" + sha}, tag: "a"},
		"the upstream's commit":            {parameters: map[string]any{"IMAGE_TAG": "a", "INTEGRATION_UPSTREAM_REPOS": repos}, tag: "3f1c9a2"},
		"the environment's tag":            {parameters: map[string]any{"IMAGE_TAG": "a"}, tag: "a"},
		"none":                             {fault: "no image tag: set IMAGE_TAG in the parameters of the environment production, or imageRef"},
		"a branch":                         {fromRef: []string{"production=master"}, fault: `--image-tag-from-ref: "master" is no commit of at least 7 characters; name the commit itself, or set IMAGE_TAG`},
		"a commit that is too short":       {fromRef: []string{"production=3f1c9a"}, fault: `"3f1c9a" is no commit of at least 7 characters`},
		"no environment":                   {fromRef: []string{"master"}, fault: `--image-tag-from-ref "master": expected ENVIRONMENT=COMMIT`},
		"a tag that is a number":           {parameters: map[string]any{"IMAGE_TAG": 1234567}, fault: "the parameters of the environment production"},
	} {
		t.Run(name, func(t *testing.T) {
			g := group(t, tc.parameters, fleet.Spec{})
			g.ImageRef = tc.own
			p, err := parametersOf(g.Namespace.Environment)
			tag := ""
			if err == nil {
				tag, err = imageTag(g, p, plan.Args{"upstream": {upstream}, "image-tag-from-ref": tc.fromRef}, 7)
			}
			if tc.fault != "" {
				require.ErrorContains(t, err, tc.fault)
				require.True(t, apierr.Is(err, apierr.Invalid))
				return
			}
			require.NoError(t, err)
			require.Equal(t, tc.tag, tag)
		})
	}
}

func TestATagMakesTheNameOfAVersion(t *testing.T) {
	for tag, build := range map[string]string{"3f1c9a2": "3f1c9a2", "v1.2.3_RC1": "v1-2-3-rc1", ".x.": "x"} {
		require.Equal(t, build, buildID(tag))
	}
}

func asks(cpu, memory, limit string) *fleet.Resources {
	return &fleet.Resources{Requests: fleet.Requests{Cpu: cpu, Memory: memory}, Limits: fleet.Limits{Memory: limit}}
}

func TestWorkersGetTheLargestOfWhatTheirUnitsAskFor(t *testing.T) {
	g := group(t, nil, fleet.Spec{Resources: asks("100m", "1Gi", "2Gi")}, fleet.Spec{Resources: asks("0.5", "512Mi", "2048Mi")}, fleet.Spec{})
	largest, err := resources(g)
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"requests": map[string]any{"cpu": "500m", "memory": "1Gi"}, "limits": map[string]any{"memory": "2Gi"},
	}, largest)

	g.Units[0].Shard.Override.Resources = asks("2", "64Mi", "64Mi")
	largest, err = resources(g)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"cpu": "2", "memory": "512Mi"}, largest["requests"], "what a shard asks for stands for what its integration does")

	none, err := resources(group(t, nil, fleet.Spec{}))
	require.NoError(t, err)
	require.Nil(t, none)

	_, err = resources(group(t, nil, fleet.Spec{Resources: asks("much", "1Gi", "1Gi")}))
	require.ErrorContains(t, err, `requests of quay-membership: cpu "much" is no amount such as 500m or 256Mi`)
}

// named are the variables by name.
func named(t *testing.T, g fleet.Group) map[string]any {
	t.Helper()
	list, err := variables(g)
	require.NoError(t, err)
	byName := map[string]any{}
	for _, v := range list {
		entry := v.(map[string]any)
		name := entry["name"].(string)
		require.NotContains(t, byName, name)
		byName[name] = entry
	}
	return byName
}

func TestWorkersGetTheVariablesOfAllTheirUnits(t *testing.T) {
	yes := true
	env := named(t, group(t, nil,
		fleet.Spec{ExtraEnv: []fleet.EnvVar{{Name: "LOG_FORMAT", Value: "json"}, {SecretName: "smtp", SecretKey: "PASSWORD"}}, DisableUnleash: &yes},
		fleet.Spec{ExtraEnv: []fleet.EnvVar{{Name: "LOG_FORMAT", Value: "json"}}, DisableUnleash: &yes},
	))
	require.Equal(t, map[string]any{"name": "LOG_FORMAT", "value": "json"}, env["LOG_FORMAT"])
	require.Equal(t, map[string]any{"name": "PASSWORD", "valueFrom": map[string]any{"secretKeyRef": map[string]any{"name": "smtp", "key": "PASSWORD"}}}, env["PASSWORD"])
	require.NotContains(t, env, "UNLEASH_API_URL")
	require.NotContains(t, env, "APP_INTERFACE_STATE_BUCKET")

	env = named(t, group(t, nil, fleet.Spec{DisableUnleash: &yes, State: &yes}, fleet.Spec{}))
	require.Contains(t, env, "UNLEASH_API_URL", "one of them has toggles")
	require.Contains(t, env, "APP_INTERFACE_STATE_BUCKET", "one of them has state")

	_, err := variables(group(t, nil,
		fleet.Spec{ExtraEnv: []fleet.EnvVar{{Name: "LOG_FORMAT", Value: "json"}}},
		fleet.Spec{ExtraEnv: []fleet.EnvVar{{Name: "LOG_FORMAT", Value: "text"}}},
	))
	require.ErrorContains(t, err, "extraEnv: quay-mirror wants another value of LOG_FORMAT than quay-membership: give them different groups with the label workerGroup")
}

func TestAShardWithAnImageOfItsOwnHasQueuesOfItsOwn(t *testing.T) {
	g := group(t, nil, fleet.Spec{})
	g.Name, g.QueueSuffix = "quay-membership-prod-1", "-prod-1"
	w := workers{Group: g, image: "registry.example/worker", tag: "v2", build: "v2"}
	body, err := w.deployment()
	require.NoError(t, err)
	require.Equal(t, "qontract-temporal-quay-membership-prod-1-v2", field(body, "metadata", "name"))
	require.Equal(t, "qontract-temporal-prod-1", field(body, "metadata", "labels", labelWorkerDeployment))
	container := field(body, "spec", "template", "spec", "containers").([]any)[0]
	require.Contains(t, field(container, "args"), "--queue-suffix=-prod-1")
	require.Equal(t, "registry.example/worker:v2", field(container, "image"))
	require.Greater(t, field(body, "spec", "template", "spec", "terminationGracePeriodSeconds"), int(drain.Seconds()), "Kubernetes waits for the drain")
}

func TestANameThatNoLabelTakesIsRefused(t *testing.T) {
	g := group(t, nil, fleet.Spec{})
	g.Name = "quay-membership-in-a-cluster-with-a-name-that-is-much-too-long-for-this"
	_, err := workers{Group: g, build: "v2"}.deployment()
	require.ErrorContains(t, err, "cannot be a label of Kubernetes: must be no more than 63")
}

func TestWorkersOfOneWorkerDeploymentAreOfOneBuild(t *testing.T) {
	first, second := group(t, map[string]any{"IMAGE_TAG": "a"}, fleet.Spec{}), group(t, map[string]any{"IMAGE_TAG": "b"}, fleet.Spec{})
	second.Name, second.Namespace.Path, second.Units[0].ID = "aws", "/namespaces/stage.yml", "aws-x"
	e := &estate{Fleet: fleet.Fleet{Units: unitsOf(first, second)}, commitLength: 7}
	for _, w := range e.allWorkers(plan.Args{}) {
		require.ErrorContains(t, w.err, "workers of qontract-temporal would be of the builds a and b at once")
	}
	alone := &estate{Fleet: fleet.Fleet{Units: unitsOf(first)}, commitLength: 7}
	require.Len(t, alone.allWorkers(plan.Args{}), 1)
	require.NoError(t, alone.allWorkers(plan.Args{})[0].err)
}

func unitsOf(groups ...fleet.Group) []fleet.Unit {
	var units []fleet.Unit
	for _, g := range groups {
		for _, unit := range g.Units {
			unit.Group, unit.Managed.Namespace = g.Name, g.Namespace
			units = append(units, unit)
		}
	}
	return units
}
