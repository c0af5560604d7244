package ocmapi_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
)

func TestSearch(t *testing.T) {
	a, b, c := ocmapi.Is("a", "1"), ocmapi.Is("b", "2"), ocmapi.Like("c", "x%")
	for _, tc := range []struct {
		name      string
		condition ocmapi.Search
		want      string
	}{
		{"nothing", ocmapi.All(ocmapi.Search{}, ocmapi.Any()), ""},
		{"a quote is doubled", ocmapi.Is("name", "it's"), "name = 'it''s'"},
		{"several values are sorted", ocmapi.In("id", "b", "a"), "id in ('a', 'b')"},
		{"one value needs no list", ocmapi.In("id", "b"), "id = 'b'"},
		{"no value is no condition", ocmapi.In("id"), ""},
		{"all of them", ocmapi.All(a, b, c), "a = '1' and b = '2' and c like 'x%'"},
		{"one of them", ocmapi.Any(a, b), "(a = '1') or (b = '2')"},
		{"all of one of them", ocmapi.All(ocmapi.Any(a, b), c), "((a = '1') or (b = '2')) and c like 'x%'"},
		{"one of all of them", ocmapi.Any(ocmapi.All(a, b), c), "(a = '1' and b = '2') or (c like 'x%')"},
		{"one alone stays as it is", ocmapi.All(ocmapi.Any(a)), "a = '1'"},
		{"a time is in UTC", ocmapi.Since("created_at", time.Date(2030, 1, 2, 3, 4, 5, 6, time.FixedZone("", 3600))), "created_at >= '2030-01-02T02:04:05Z'"},
	} {
		t.Run(tc.name, func(t *testing.T) { require.Equal(t, tc.want, tc.condition.String()) })
	}
}
