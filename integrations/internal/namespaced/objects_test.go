package namespaced_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// journal is a logger that keeps what is for debugging.
type journal struct{ lines []string }

func (j *journal) Debug(message string, fields ...any) {
	j.lines = append(j.lines, fmt.Sprint(message, fields))
}
func (j *journal) Info(string, ...any)  {}
func (j *journal) Warn(string, ...any)  {}
func (j *journal) Error(string, ...any) {}

func TestAClusterThatDisablesTheIntegrationIsLeftOutAndTheLogSaysSo(t *testing.T) {
	off := appinterface.Cluster{Name: "edge-1", Disable: &appinterface.Disable{Integrations: []string{"openshift-quotas"}}}
	other := appinterface.Cluster{Name: "prod-1", Disable: &appinterface.Disable{Integrations: []string{"openshift-users"}}}
	j := &journal{}
	names, err := namespaced.ClusterNames(logging.Into(t.Context(), j), []appinterface.Cluster{off, other, off}, reconcile.Scope{Integration: "openshift-quotas"})
	require.NoError(t, err)
	require.Equal(t, []string{"prod-1"}, names)
	require.Equal(t, []string{"cluster skipped: its datafile disables the integration[cluster edge-1 integration openshift-quotas]"}, j.lines)
}
