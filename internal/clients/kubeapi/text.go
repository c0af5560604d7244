package kubeapi

import "github.com/app-sre/qontract-temporal/internal/pyjson"

// text writes a plain value as the JSON that the reference hashes.
func text(value any) string { return pyjson.Sorted().Text(value) }
