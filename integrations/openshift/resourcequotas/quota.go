package resourcequotas

import "strconv"

func bodies(quotas []quota) []map[string]any {
	all := make([]map[string]any, len(quotas))
	for i, q := range quotas {
		all[i] = body(q)
	}
	return all
}

// body is the ResourceQuota of one entry in a quota datafile. Its hash is part of running estates: names and texts
// are the reference's.
func body(q quota) map[string]any {
	hard := map[string]any{}
	amount := func(name, value string) {
		if value != "" {
			hard[name] = value
		}
	}
	if limits := q.Resources.Limits; limits != nil {
		amount("limits.cpu", limits.Cpu)
		amount("limits.memory", limits.Memory)
	}
	if requests := q.Resources.Requests; requests != nil {
		amount("requests.cpu", requests.Cpu)
		amount("requests.memory", requests.Memory)
	}
	if pods := q.Resources.Pods; pods != nil {
		amount("pods", strconv.Itoa(*pods))
	}
	spec := map[string]any{"hard": hard}
	if len(q.Scopes) > 0 {
		scopes := make([]any, len(q.Scopes))
		for i, scope := range q.Scopes {
			scopes[i] = scope
		}
		spec["scopes"] = scopes
	}
	return map[string]any{
		"apiVersion": "v1",
		"kind":       kind,
		"metadata":   map[string]any{"name": q.Name},
		"spec":       spec,
	}
}
