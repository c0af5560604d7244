package accessmanager

// The Job of the reference, with which running estates agree.
const (
	// deadline is how many seconds a pod of the Job may take.
	deadline = 60
	// engineVersion is the tag of the image, whatever the instance has.
	engineVersion = "15.4-alpine"
)

// ranFor is an annotation of the Job with the digest of what was wanted when it was made.
const ranFor = "qontract.database_access_sha256sum"

// job is the Job that runs the script.
func (a Access) job(digest string) map[string]any {
	name := a.objectName()
	return map[string]any{
		"apiVersion": "batch/v1",
		"kind":       "Job",
		"metadata": map[string]any{
			"name": name, "labels": labels(),
			"annotations": map[string]any{"ignore-check.kube-linter.io/unset-cpu-requirements": "no cpu limits", ranFor: digest},
		},
		"spec": map[string]any{
			"backoffLimit": 1,
			"template": map[string]any{
				"metadata": map[string]any{"name": name},
				"spec": map[string]any{
					"activeDeadlineSeconds": deadline,
					"imagePullSecrets":      []any{map[string]any{"name": a.pullSecretName()}},
					"restartPolicy":         "Never",
					"serviceAccountName":    name,
					"containers":            []any{a.container(name)},
					"volumes": []any{map[string]any{"name": "configs", "projected": map[string]any{
						"sources": []any{map[string]any{"secret": map[string]any{"name": a.scriptName()}}},
					}}},
				},
			},
		},
	}
}

func (a Access) container(name string) map[string]any {
	env := func(name, key string) any {
		return map[string]any{"name": name, "valueFrom": map[string]any{"secretKeyRef": map[string]any{"name": a.AdminSecret, "key": key}}}
	}
	return map[string]any{
		"name":    name,
		"image":   a.Settings.ImageRepository + "/" + a.Engine + ":" + engineVersion,
		"command": []any{"/usr/local/bin/psql"},
		"args": []any{
			"-b", "--host=$(db.host)", "--port=$(db.port)", "--username=$(db.user)", "--dbname=$(db.name)", "--file=/tmp/scripts/script.sql",
		},
		"env": []any{env(hostKey, hostKey), env(databaseKey, databaseKey), env("PGPASSWORD", passwordKey), env(portKey, portKey), env(userKey, userKey)},
		"resources": map[string]any{
			"requests": map[string]any{"cpu": "100m", "memory": "128Mi"},
			"limits":   map[string]any{"memory": "256Mi"},
		},
		"volumeMounts": []any{map[string]any{"name": "configs", "mountPath": "/tmp/scripts/", "readOnly": true}},
	}
}

func labels() map[string]any {
	return map[string]any{"app": "qontract-reconcile", "integration": Name}
}
