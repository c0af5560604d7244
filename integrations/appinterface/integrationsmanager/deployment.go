package integrationsmanager

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/fleet"
)

// The labels of what is made, which are those of the Helm chart. The worker deployment is Temporal's name for all versions of
// a group's workers.
const (
	labelName             = "app.kubernetes.io/name"
	labelComponent        = "app.kubernetes.io/component"
	labelInstance         = "app.kubernetes.io/instance"
	labelGroup            = "qontract-temporal/group"
	labelBuild            = "qontract-temporal/build"
	labelWorkerDeployment = "qontract-temporal/worker-deployment"
)

const (
	product      = "qontract-temporal"
	component    = "worker"
	configFolder = "/config"
	// integrationsFlag is how a worker is told what it runs.
	integrationsFlag = "--integrations="
	port             = 9090
	// drain is how long a worker lets running steps end; what does not is tried again elsewhere. Kubernetes waits longer.
	drain = 60 * time.Second
	grace = drain + 30*time.Second
)

// workers is a group with what its Deployment needs besides.
type workers struct {
	fleet.Group
	parameters
	// image and tag are those of the container; build is the version.
	image, tag, build string
}

func (w workers) name() string { return product + "-" + w.Name + "-" + w.build }

func (w workers) workerDeployment() string { return product + w.QueueSuffix }

// deployment is the Deployment of one version of a group's workers. The number of replicas stays open, so that it is
// Kubernetes' one until an autoscaler says otherwise.
//
// Differs from the reference: one Deployment runs a group of integrations. The reference has one for each integration
// and shard, StatefulSets for those with a cache, and CronJobs for those with a cron expression.
func (w workers) deployment() (map[string]any, error) {
	for _, value := range []string{w.Name, w.build, w.workerDeployment()} {
		if problems := validation.IsValidLabelValue(value); len(problems) > 0 {
			return nil, apierr.Errorf(apierr.Invalid, "%q cannot be a label of Kubernetes: %s", value, strings.Join(problems, ", "))
		}
	}
	container, err := w.container()
	if err != nil {
		return nil, err
	}
	selected := map[string]any{labelName: product, labelInstance: Name, labelGroup: w.Name, labelBuild: w.build}
	labels := map[string]any{labelComponent: component, labelWorkerDeployment: w.workerDeployment()}
	for key, value := range selected {
		labels[key] = value
	}
	return map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment",
		"metadata": map[string]any{"name": w.name(), "labels": labels},
		"spec": map[string]any{
			"revisionHistoryLimit": 5,
			"strategy":             map[string]any{"rollingUpdate": map[string]any{"maxSurge": 1, "maxUnavailable": 0}},
			"selector":             map[string]any{"matchLabels": selected},
			"template": map[string]any{
				"metadata": map[string]any{"labels": labels},
				"spec": map[string]any{
					"serviceAccountName":            product,
					"terminationGracePeriodSeconds": int(grace / time.Second),
					"securityContext":               map[string]any{"runAsNonRoot": true, "seccompProfile": map[string]any{"type": "RuntimeDefault"}},
					"containers":                    []any{container},
					"volumes": []any{
						map[string]any{"name": "config", "secret": map[string]any{"secretName": w.ConfigSecret}},
						map[string]any{"name": "tmp", "emptyDir": map[string]any{}},
					},
				},
			},
		},
	}, nil
}

func (w workers) container() (map[string]any, error) {
	env, err := variables(w.Group)
	if err != nil {
		return nil, err
	}
	args := []any{
		integrationsFlag + strings.Join(w.Integrations(), ","),
		"--build-id=" + w.build,
		"--listen=:" + strconv.Itoa(port),
		"--drain=" + drain.String(),
	}
	if w.QueueSuffix != "" {
		args = append(args, "--queue-suffix="+w.QueueSuffix)
	}
	container := map[string]any{
		"name":    component,
		"image":   fmt.Sprintf("%s:%s", w.image, w.tag),
		"command": []any{"/worker"},
		"args":    args,
		"env":     env,
		"envFrom": []any{
			map[string]any{"secretRef": map[string]any{"name": w.EnvSecret, "optional": true}},
		},
		"ports":          []any{map[string]any{"name": "http", "containerPort": port}},
		"livenessProbe":  map[string]any{"httpGet": map[string]any{"path": "/healthz", "port": "http"}},
		"readinessProbe": map[string]any{"httpGet": map[string]any{"path": "/readyz", "port": "http"}},
		"securityContext": map[string]any{
			"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": map[string]any{"drop": []any{"ALL"}},
		},
		"volumeMounts": []any{
			map[string]any{"name": "config", "mountPath": configFolder, "readOnly": true},
			map[string]any{"name": "tmp", "mountPath": "/tmp"},
		},
	}
	amounts, err := resources(w.Group)
	if amounts != nil {
		container["resources"] = amounts
	}
	return container, err
}

// service gathers the metrics of all workers of a namespace.
func service() map[string]any {
	selected := map[string]any{labelName: product, labelComponent: component}
	return map[string]any{
		"apiVersion": "v1", "kind": "Service",
		"metadata": map[string]any{"name": product + "-workers", "labels": selected},
		"spec": map[string]any{
			"selector": selected,
			"ports":    []any{map[string]any{"name": "http", "protocol": "TCP", "port": port, "targetPort": "http"}},
		},
	}
}
