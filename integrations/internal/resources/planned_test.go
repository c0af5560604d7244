package resources

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

func objects(t *testing.T, texts ...string) []map[string]any {
	t.Helper()
	all := make([]map[string]any, len(texts))
	for i, each := range texts {
		object, err := parse(each)
		require.NoError(t, err)
		all[i] = object
	}
	return all
}

func workload(kind, pod string) string {
	return "{kind: " + kind + ", metadata: {name: app}, spec: {template: {spec: " + pod + "}}}"
}

func TestWhatPodsUseHasToBePlannedOrThere(t *testing.T) {
	inCluster := map[string]map[string]any{"Secret/live": {"data": map[string]any{"key": "dg=="}}, "ConfigMap/live": {}}
	const volume, from, env = `{volumes: [{secret: {secretName: creds}}, {configMap: {name: config}}, {emptyDir: {}}, text], containers: [{}]}`,
		`{containers: [{envFrom: [{secretRef: {name: creds}}, {configMapRef: {name: config}}]}]}`,
		`{containers: [{env: [{name: A, value: b}, {name: B, valueFrom: {secretKeyRef: {name: creds, key: password}}}]}], initContainers: [{env: [{name: C, valueFrom: {configMapKeyRef: {name: config, key: mode}}}]}]}`
	for _, tc := range []struct {
		name    string
		desired []string
		faults  []string
	}{
		{"nothing is used", []string{workload("Deployment", `{containers: [{}]}`)}, nil},
		{"volumes of what is not there", []string{workload("Deployment", volume)}, []string{
			"Deployment app uses ConfigMap config, which does not exist", "Deployment app uses Secret creds, which does not exist",
		}},
		{"volumes of what is planned", []string{workload("DeploymentConfig", volume), "{kind: Secret, metadata: {name: creds}}", "{kind: ConfigMap, metadata: {name: config}}"}, nil},
		{"an environment of what is not there", []string{workload("DeploymentConfig", from)}, []string{
			"DeploymentConfig app uses ConfigMap config, which does not exist", "DeploymentConfig app uses Secret creds, which does not exist",
		}},
		{"keys that are not there", []string{workload("Deployment", env), "{kind: Secret, metadata: {name: creds}, data: {user: YQ==}}", "{kind: ConfigMap, metadata: {name: config}}"}, []string{
			"Deployment app uses ConfigMap config, which has no key mode", "Deployment app uses Secret creds, which has no key password",
		}},
		{"keys that are planned", []string{workload("Deployment", env), "{kind: Secret, metadata: {name: creds}, stringData: {password: a}}", "{kind: ConfigMap, metadata: {name: config}, data: {mode: a}}"}, nil},
		{"what the cluster has", []string{workload("Deployment", `{volumes: [{configMap: {name: live}}], containers: [{env: [{valueFrom: {secretKeyRef: {name: live, key: key}}}]}]}`)}, nil},
		{"a key that the cluster has not", []string{workload("Deployment", `{containers: [{env: [{valueFrom: {secretKeyRef: {name: live, key: other}}}]}]}`)}, []string{
			"Deployment app uses Secret live, which has no key other",
		}},
		{"what is optional", []string{workload("Deployment", `{volumes: [{secret: {secretName: creds, optional: true}}], containers: [{envFrom: [{configMapRef: {name: config, optional: true}}], env: [{valueFrom: {secretKeyRef: {name: creds, key: a, optional: true}}}]}]}`)}, nil},
		{"the certificate of a planned Service", []string{
			workload("Deployment", `{volumes: [{secret: {secretName: alpha}}], containers: [{env: [{valueFrom: {secretKeyRef: {name: beta, key: tls.crt}}}]}]}`),
			"{kind: Service, metadata: {name: a, annotations: {service.alpha.openshift.io/serving-cert-secret-name: alpha}}}",
			"{kind: Service, metadata: {name: b, annotations: {service.beta.openshift.io/serving-cert-secret-name: beta}}}",
		}, nil},
		{"a Service without annotations", []string{workload("Deployment", `{volumes: [{secret: {secretName: creds}}], containers: []}`), "{kind: Service, metadata: {name: a, annotations: null}}"}, []string{
			"Deployment app uses Secret creds, which does not exist",
		}},
		{"another kind", []string{workload("StatefulSet", volume)}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := ValidatePlanned(objects(t, tc.desired...), func(kind, name string) (map[string]any, error) { return inCluster[kind+"/"+name], nil })
			var problems reconcile.Problems
			errors.As(err, &problems)
			var faults []string
			for _, problem := range problems {
				faults = append(faults, problem.Error())
			}
			require.Equal(t, tc.faults, faults)
		})
	}
}

func TestALookUpThatFailsIsNoFaultOfThePlan(t *testing.T) {
	down := errors.New("the cluster does not answer")
	err := ValidatePlanned(objects(t, workload("Deployment", `{volumes: [{secret: {secretName: creds}}]}`)), func(string, string) (map[string]any, error) { return nil, down })
	require.Equal(t, down, err)
}

func TestWhetherAnObjectIsRealized(t *testing.T) {
	for _, tc := range []struct {
		name, object string
		phase        Phase
		words        string
	}{
		{"another kind", "{kind: ConfigMap}", Realized, ""},
		{"no status", "{kind: Deployment, spec: {replicas: 1}}", NotRealized, "it has no status yet"},
		{"a deployment that wants no replicas", "{kind: Deployment, spec: {replicas: 0}, status: {observedGeneration: 1}}", Realized, ""},
		{"a deployment that was scaled down", "{kind: Deployment, spec: {replicas: 2}, status: {replicas: 0}}", Realized, ""},
		{"all replicas", "{kind: Deployment, spec: {replicas: 2}, status: {replicas: 2, readyReplicas: 2, updatedReplicas: 2}}", Realized, ""},
		{"replicas of before", "{kind: StatefulSet, spec: {replicas: 2}, status: {replicas: 2, readyReplicas: 2, updatedReplicas: 1}}", NotRealized, "of 2 replicas 2 are ready and 1 are up to date"},
		{"none is ready", "{kind: DeploymentConfig, spec: {replicas: 1}, status: {replicas: 1, updatedReplicas: 1}}", NotRealized, "of 1 replicas 0 are ready and 1 are up to date"},
		{"more than are wanted", "{kind: Deployment, spec: {replicas: 1}, status: {replicas: 2, readyReplicas: 1, updatedReplicas: 1}}", NotRealized, "of 1 replicas 1 are ready and 1 are up to date"},
		{"the latest version", "{kind: Subscription, status: {state: AtLatestKnown}}", Realized, ""},
		{"a version to come", "{kind: Subscription, status: {state: UpgradePending}}", NotRealized, `its state is "UpgradePending" and not AtLatestKnown`},
		{"a job that succeeded", "{kind: Job, status: {succeeded: 1}}", Realized, ""},
		{"a job that runs", "{kind: Job, status: {active: 1, conditions: [{type: Suspended}]}}", NotRealized, "the job has not succeeded yet"},
		{"a job that failed", "{kind: Job, status: {conditions: [{type: Failed, status: 'True', reason: BackoffLimitExceeded}]}}", Failed, "the job has failed: BackoffLimitExceeded"},
		{"a job that has not failed", "{kind: Job, status: {conditions: [{type: Failed, status: 'False'}]}}", NotRealized, "the job has not succeeded yet"},
		{"an app without deployments", "{kind: ClowdApp, status: {ready: true}}", NotRealized, "it has no deployments yet"},
		{"an app that is ready", "{kind: ClowdApp, status: {deployments: {managedDeployments: 2, readyDeployments: 2}}}", Realized, ""},
		{"an app that is not", "{kind: ClowdApp, status: {deployments: {managedDeployments: 2, readyDeployments: 1}}}", NotRealized, "of 2 deployments 1 are ready"},
		{"an invocation that runs", "{kind: ClowdJobInvocation, status: {completed: false, jobMap: {a: Failed}}}", NotRealized, "it has not completed yet"},
		{"an invocation that is done", "{kind: ClowdJobInvocation, status: {completed: true, jobMap: {a: Complete}}}", Realized, ""},
		{"an invocation whose jobs failed", "{kind: ClowdJobInvocation, status: {completed: true, jobMap: {b: Failed, a: Failed, c: Complete}}}", Failed, "jobs have failed: a, b"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			phase, words := Judge(objects(t, tc.object)[0])
			require.Equal(t, tc.phase, phase)
			require.Equal(t, tc.words, words)
		})
	}
}
