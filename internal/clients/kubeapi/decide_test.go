package kubeapi_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/clients/kubeapi"
)

func TestReasonsShowTheDifferenceAndNoSecret(t *testing.T) {
	owner := kubeapi.Owner{Integration: "widget-sync", Version: "1.4.0"}
	for _, tc := range []struct {
		name          string
		live, desired string
		owner         string
		reason        string
	}{
		{"a value", `"kind":"ConfigMap","data":{"mode":"slow"}`, `"kind":"ConfigMap","data":{"mode":"fast"}`, "widget-sync", `data.mode is "slow", wanted "fast"`},
		{"a value that is not there", `"kind":"ResourceQuota","spec":{"hard":{}}`, `"kind":"ResourceQuota","spec":{"hard":{"limits.cpu":"5"}}`, "widget-sync", `spec.hard["limits.cpu"] is not there, wanted "5"`},
		{"an element of a list", `"kind":"Role","rules":[{"verbs":["get"]}]`, `"kind":"Role","rules":[{"verbs":["list"]}]`, "widget-sync", `rules[0].verbs[0] is "get", wanted "list"`},
		{"a map has only its size shown", `"kind":"X","spec":"x"`, `"kind":"X","spec":{"password":"hunter2"}`, "widget-sync", `spec is "x", wanted a map of 1`},
		{"a Secret's value", `"kind":"Secret","data":{"k":"b2xk"}`, `"kind":"Secret","data":{"k":"bmV3"}`, "widget-sync", `data.k differs (secret)`},
		{"a Secret's key", `"kind":"Secret"`, `"kind":"Secret","stringData":{"k":"new"}`, "widget-sync", `data is not there (secret)`},
		{"a Route's key", `"kind":"Route","spec":{"tls":{"key":"a"}}`, `"kind":"Route","spec":{"tls":{"key":"b"}}`, "widget-sync", `spec.tls.key differs (secret)`},
		{"a field less", `"kind":"ConfigMap","data":{"a":"1","b":"2"}`, `"kind":"ConfigMap","data":{"a":"1"}`, "widget-sync", "what is wanted has changed, though each wanted field has its value already"},
		{"another owner", `"kind":"ConfigMap"`, `"kind":"ConfigMap"`, "gadget", `stamped by integration "gadget"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			body := func(fields string) map[string]any {
				var body map[string]any
				require.NoError(t, json.Unmarshal([]byte(`{"apiVersion":"v1","metadata":{"name":"a"},`+fields+`}`), &body))
				return body
			}
			live, err := kubeapi.Annotated(body(tc.live), kubeapi.Owner{Integration: tc.owner, Version: "1.0.0"}, time.Now())
			require.NoError(t, err)
			got, err := kubeapi.Compare(live, body(tc.desired), owner)
			require.NoError(t, err)
			require.Equal(t, kubeapi.Comparison{Reason: tc.reason, HashDiffers: tc.owner == owner.Integration}, got)
		})
	}
}

func TestDecide(t *testing.T) {
	live := func(caller string) map[string]any {
		marks := map[string]any{}
		if caller != "" {
			marks["qontract.caller_name"] = caller
		}
		return map[string]any{"metadata": map[string]any{"annotations": marks}}
	}
	differs := kubeapi.Comparison{Reason: "differs"}
	for _, tc := range []struct {
		name       string
		caller     string
		stored     string
		comparison kubeapi.Comparison
		policy     kubeapi.Policy
		want       kubeapi.Verdict
	}{
		{"without callers a difference is applied", "", "b", differs, kubeapi.Policy{}, kubeapi.Verdict{Apply: "differs"}},
		{"without callers equality is left", "", "b", kubeapi.Comparison{}, kubeapi.Policy{}, kubeapi.Verdict{}},
		{"another living caller's object is a conflict", "a", "b", differs, kubeapi.Policy{AllCallers: []string{"a", "b"}},
			kubeapi.Verdict{Conflict: "it is managed by another caller, b; remove it there first or take it over"}},
		{"taking over ends the conflict", "a", "b", differs, kubeapi.Policy{TakeOver: true, AllCallers: []string{"a", "b"}}, kubeapi.Verdict{Apply: "differs"}},
		{"an equal object of a caller that is gone is adopted", "a", "b", kubeapi.Comparison{}, kubeapi.Policy{AllCallers: []string{"a"}}, kubeapi.Verdict{Apply: "adopted from caller b"}},
		{"an equal object is a conflict where nobody knows the callers", "a", "", kubeapi.Comparison{}, kubeapi.Policy{},
			kubeapi.Verdict{Conflict: "it is managed by another caller, (none recorded); remove it there first or take it over"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			owner := kubeapi.Owner{Integration: "saas", Version: "1.0.0", Caller: tc.caller}
			require.Equal(t, tc.want, kubeapi.Decide(live(tc.stored), tc.comparison, owner, tc.policy))
		})
	}
}
