package monitoring

import (
	"encoding/json"
	"fmt"
)

// Dashboard is one of Grafana's.
type Dashboard struct {
	UID, Title string
	variables  []map[string]any
	panels     []panel
}

// panel is one panel.
type panel struct {
	title, kind, unit string
	queries           []query
	// width of 24, and height.
	width, height int
	// links says that rows have a workflow_id to open in Temporal's UI.
	links bool
}

type query struct{ expr, legend string }

// Expressions are all queries of the dashboard, with its variables as they are written.
func (d Dashboard) Expressions() []string {
	var all []string
	for _, p := range d.panels {
		for _, q := range p.queries {
			all = append(all, q.expr)
		}
	}
	return all
}

// JSON is the dashboard as Grafana imports it.
func (d Dashboard) JSON() ([]byte, error) {
	var panels []map[string]any
	x, y, tallest := 0, 0, 0
	for i, p := range d.panels {
		if x+p.width > 24 {
			x, y, tallest = 0, y+tallest, 0
		}
		panels = append(panels, p.json(i+1, x, y))
		x, tallest = x+p.width, max(tallest, p.height)
	}
	source := map[string]any{"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
	text, err := json.MarshalIndent(map[string]any{
		"uid": d.UID, "title": d.Title, "tags": []string{"qontract-temporal", "generated"}, "schemaVersion": 39, "version": 1, "editable": false,
		"refresh": "30s", "time": map[string]string{"from": "now-6h", "to": "now"}, "timezone": "utc",
		"templating": map[string]any{"list": append([]map[string]any{source}, d.variables...)}, "panels": panels,
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("dashboard %s: %w", d.UID, err)
	}
	return append(text, '\n'), nil
}

func (p panel) json(id, x, y int) map[string]any {
	source := map[string]string{"type": "prometheus", "uid": "${datasource}"}
	var targets []map[string]any
	for i, q := range p.queries {
		target := map[string]any{"refId": string(rune('A' + i)), "expr": q.expr, "legendFormat": q.legend, "datasource": source}
		if p.kind == "table" {
			target["format"], target["instant"] = "table", true
		}
		targets = append(targets, target)
	}
	defaults := map[string]any{"unit": p.unit}
	if p.links {
		defaults["links"] = []map[string]any{{
			"title": "Open in Temporal", "targetBlank": true, "url": "${ui}/namespaces/${namespace}/workflows/${__data.fields.workflow_id}",
		}}
	}
	made := map[string]any{
		"id": id, "title": p.title, "type": p.kind, "datasource": source, "targets": targets,
		"gridPos": map[string]int{"h": p.height, "w": p.width, "x": x, "y": y}, "fieldConfig": map[string]any{"defaults": defaults, "overrides": []any{}},
	}
	if p.kind == "table" {
		made["transformations"] = []map[string]any{{"id": "organize", "options": map[string]any{"excludeByName": map[string]bool{"Time": true, "Value": true}}}}
	}
	return made
}

// text is a variable that people fill in.
func text(name, label, value string) map[string]any {
	return map[string]any{
		"name": name, "label": label, "type": "textbox", "query": value,
		"current": map[string]string{"text": value, "value": value},
	}
}

// choice is a variable with the values of a metric's label.
func choice(name, metric string) map[string]any {
	return map[string]any{
		"name": name, "type": "query", "datasource": map[string]string{"type": "prometheus", "uid": "${datasource}"},
		"query": fmt.Sprintf("label_values(%s, %s)", metric, name), "refresh": 2, "sort": 1,
	}
}
