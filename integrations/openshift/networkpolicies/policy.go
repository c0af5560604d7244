package networkpolicies

// body is the NetworkPolicy that lets traffic in from a namespace. Its hash is part of running estates: names and texts
// are the reference's.
func body(from string) map[string]any {
	return map[string]any{
		"apiVersion": "networking.k8s.io/v1",
		"kind":       kind,
		"metadata":   map[string]any{"name": "allow-from-" + from + "-namespace"},
		"spec": map[string]any{
			"ingress": []any{map[string]any{"from": []any{map[string]any{
				"namespaceSelector": map[string]any{"matchLabels": map[string]any{"kubernetes.io/metadata.name": from}},
			}}}},
			"podSelector": map[string]any{},
			"policyTypes": []any{"Ingress"},
		},
	}
}
