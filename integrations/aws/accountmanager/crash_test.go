package accountmanager

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/plan"
	standin "github.com/app-sre/qontract-temporal/internal/standin/aws"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
)

// dump is what is in AWS but for how many access keys it took.
func (w *world) dump() standin.Estate {
	dumped := w.aws.Dump()
	for _, account := range dumped.Accounts {
		for name, user := range account.Users {
			if name == "bot" {
				continue
			}
			require.LessOrEqual(w.t, len(user.Keys), 1)
			for id := range user.Keys {
				require.Equal(w.t, w.secrets.keyID(keyPath), id)
			}
			user.Keys, user.Issued = nil, 0
		}
	}
	return dumped
}

// TestEachStepSurvivesTheFailureOfEachCall lets each call to AWS of each step fail once, before it takes effect and after.
func TestEachStepSurvivesTheFailureOfEachCall(t *testing.T) {
	for _, task := range []string{createAccount, createUser, tagAccount, moveAccount, enterpriseSupport, accountAlias, serviceQuotas, contactOfSecurity, supportedRegions} {
		t.Run(task, func(t *testing.T) {
			run := func(n int, failure fault.Failure) (*world, bool) {
				w := newWorld(t)
				w.aws.Edit(func(e *standin.Estate) { e.Accounts[memberID].Tags = map[string]string{"old": "1", "theirs": "2"} })
				step := w.whole(task)
				w.note(tagAccount, map[string]string{"old": "1"})
				if n > 0 {
					w.faults.FailNth(n, failure)
				}
				for tries := 0; ; tries++ {
					require.Less(t, tries, 6)
					stand, err := w.try(step, false)
					if err != nil {
						continue
					}
					if stand.Phase == plan.PhaseDone {
						return w, n == 0 || w.faults.Waiting() == 0
					}
					require.Equal(t, plan.PhaseWaiting, stand.Phase, stand.Words)
					w.aws.Edit(func(e *standin.Estate) {
						for _, c := range e.Accounts[payerID].Cases {
							c.Status = "resolved"
						}
					})
				}
			}
			calm, _ := run(0, fault.Failure{})
			want := calm.dump()
			for _, failure := range []fault.Failure{{Status: http.StatusServiceUnavailable}, {AfterEffect: true}} {
				for n := 1; ; n++ {
					w, came := run(n, failure)
					require.Equal(t, want, w.dump(), "call %d fails, after its effect: %v", n, failure.AfterEffect)
					if !came {
						require.Greater(t, n, 2)
						break
					}
				}
			}
		})
	}
}

// whole is a step with all that it may have.
func (w *world) whole(task string) Step {
	step := w.step(task, memberID)
	step.Tags, step.Unit, step.Alias = map[string]string{"app-interface-name": "acme"}, "/root/teams", "acme"
	step.Quotas = []Quota{{"ec2", "L-1", 20}, {"ec2", "L-2", 5}}
	step.Contact = &Contact{"Security", "Officer", "security@example.com", "+1"}
	step.Regions = []string{"us-east-1", "ap-east-1"}
	if task == createAccount {
		step.UID = ""
	}
	return step
}
