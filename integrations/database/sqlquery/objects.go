package sqlquery

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// chunkSize is how many bytes of SQL are in one ConfigMap.
const chunkSize = 512 << 10

// chunk is a part of the SQL, with the name of its file: files in the order of their names are the SQL.
type chunk struct{ file, text string }

// chunks are the parts of all SQL of the query.
func (l *listed) chunks() []chunk {
	statements := l.Queries
	if l.Query != "" {
		statements = append([]string{l.Query}, statements...)
	}
	var parts []chunk
	for i, statement := range statements {
		for j, text := range split(statement, chunkSize) {
			parts = append(parts, chunk{fmt.Sprintf("q%05dc%05d", i, j), text})
		}
	}
	return parts
}

// split cuts a text into parts of a size, between characters.
//
// Differs from the reference: the size is in bytes, as Kubernetes limits it, and not in characters.
func split(text string, size int) []string {
	var parts []string
	for len(text) > size {
		end := size
		for end > 1 && !utf8.RuneStart(text[end]) {
			end--
		}
		parts = append(parts, text[:end])
		text = text[end:]
	}
	if text != "" {
		parts = append(parts, text)
	}
	return parts
}

func labels(query string) map[string]any {
	return map[string]any{"app": "qontract-reconcile", "integration": Name, "query-name": query}
}

// selector finds all objects of a query.
func selector(query string) string {
	return "app=qontract-reconcile,integration=" + Name + ",query-name=" + query
}

// bodies are the objects of the query, the one that runs it last.
func (l *listed) bodies(ctx context.Context, secrets secret.Reader, made job) ([]map[string]any, error) {
	var bodies []map[string]any
	pod := map[string]any{}
	if l.settings != nil {
		pull, err := l.settings.PullSecret.Body(ctx, secrets, l.Name, labels(l.Name))
		if err != nil {
			return nil, err
		}
		bodies = append(bodies, pull)
		pod["imagePullSecrets"] = []any{map[string]any{"name": l.Name}}
	}
	var sources []any
	add := func(file, text string) {
		name := l.Name + "-" + file
		bodies = append(bodies, map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap",
			"metadata": map[string]any{"name": name, "labels": labels(l.Name)}, "data": map[string]any{file: text},
		})
		sources = append(sources, map[string]any{"configMap": map[string]any{"name": name}})
	}
	add(keyFile, made.key)
	for _, part := range l.chunks() {
		add(part.file, part.text)
	}
	pod["restartPolicy"], pod["serviceAccountName"] = "Never", l.Name
	pod["containers"] = []any{l.container(made)}
	pod["volumes"] = []any{map[string]any{"name": "configs", "projected": map[string]any{"sources": sources}}}
	spec := map[string]any{"template": map[string]any{"metadata": map[string]any{"name": l.Name}, "spec": pod}}
	runner := map[string]any{"apiVersion": "batch/v1", "kind": "Job", "metadata": map[string]any{"name": l.Name, "labels": labels(l.Name)}, "spec": spec}
	if l.recurs() {
		runner["kind"] = "CronJob"
		runner["spec"] = map[string]any{"schedule": l.Schedule, "concurrencyPolicy": "Forbid", "jobTemplate": map[string]any{"spec": spec}}
	}
	return append(bodies, jobs.ServiceAccount(l.Name, labels(l.Name)), runner), nil
}

func (l *listed) container(made job) map[string]any {
	var env []any
	given := overrides{}
	if l.Overrides != nil {
		given = *l.Overrides
	}
	for _, variable := range []struct{ name, value string }{
		{"db.host", given.DbHost}, {"db.name", given.DbName}, {"db.password", given.DbPassword}, {"db.port", given.DbPort}, {"db.user", given.DbUser},
	} {
		entry := map[string]any{"name": variable.name, "value": variable.value}
		if variable.value == "" {
			entry = map[string]any{"name": variable.name, "valueFrom": map[string]any{"secretKeyRef": map[string]any{"name": made.adminSecret, "key": variable.name}}}
		}
		env = append(env, entry)
	}
	return map[string]any{
		"name": l.Name, "image": made.image, "command": []any{"/bin/bash"}, "args": []any{"-c", made.command}, "env": env,
		"resources": map[string]any{
			"requests": map[string]any{"memory": "128Mi", "cpu": "100m"},
			"limits":   map[string]any{"memory": "512Mi", "cpu": "1"},
		},
		"volumeMounts": []any{map[string]any{"name": "configs", "mountPath": mountPath, "readOnly": true}},
	}
}
