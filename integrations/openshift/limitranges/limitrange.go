package limitranges

// body is the LimitRange of a datafile. Its hash is part of running estates: an amount that is not given stands in
// it as null, and a range without limits has null for its list, as the reference writes them.
func body(r limitRange) map[string]any {
	var limits any
	if len(r.Limits) > 0 {
		list := make([]any, len(r.Limits))
		for i, l := range r.Limits {
			list[i] = entry(l)
		}
		limits = list
	}
	return map[string]any{
		"apiVersion": "v1",
		"kind":       kind,
		"metadata":   map[string]any{"name": r.Name},
		"spec":       map[string]any{"limits": limits},
	}
}

func entry(l limit) map[string]any {
	fields := map[string]any{}
	for name, value := range map[string]*amounts{
		"default": l.Default, "defaultRequest": l.DefaultRequest, "max": l.Max, "maxLimitRequestRatio": l.MaxLimitRequestRatio, "min": l.Min,
	} {
		if value != nil {
			fields[name] = map[string]any{"cpu": orNull(value.Cpu), "memory": orNull(value.Memory)}
		}
	}
	if l.Type != "" {
		fields["type"] = l.Type
	}
	return fields
}

func orNull(amount string) any {
	if amount == "" {
		return nil
	}
	return amount
}
