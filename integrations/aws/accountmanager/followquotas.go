package accountmanager

import (
	"context"
	"fmt"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// followQuotas says how far the requests are that state notes. Those that were refused are asked for again where a person
// wants that.
//
// Differs from the reference: a request whose case is closed counts when the quota has the value, and a refused one too.
// The reference takes a closed case for an approval, which it need not be.
func (a attempt) followQuotas(ctx context.Context, inside member, note quotaNote) (plan.Stand, error) {
	if len(note.IDs) == 0 {
		return plan.Done(), nil
	}
	var open, refused []string
	for i, id := range note.IDs {
		verdict, err := judge(ctx, inside, id)
		if verdict.forgotten && a.afresh {
			return a.askQuotas(ctx, inside)
		}
		if err != nil {
			return plan.Stand{}, err
		}
		if verdict.refused && a.afresh {
			if verdict, err = a.again(ctx, inside, note, i, verdict); err != nil {
				return plan.Stand{}, err
			}
		}
		switch {
		case verdict.refused:
			refused = append(refused, verdict.words)
		case verdict.open:
			open = append(open, verdict.words)
		}
	}
	switch {
	case len(refused) > 0:
		return plan.Blocked("AWS refused %s: settle it with AWS and retry the step to ask again, correct the quotaLimits of %s, or skip the step", strings.Join(refused, "; "), a.File), nil
	case len(open) > 0:
		return plan.Waiting("AWS has not answered yet to %s", strings.Join(open, "; ")), nil
	}
	if err := a.book.write(ctx, checkQuotas, note.IDs); err != nil {
		return plan.Stand{}, err
	}
	return plan.Done(), nil
}

// verdict is what has become of a request; neither open nor refused where the quota is granted.
type verdict struct {
	open, refused bool
	// forgotten is a request that AWS does not know any more.
	forgotten bool
	// quota is what the request was about.
	quota Quota
	words string
}

func judge(ctx context.Context, inside member, id string) (verdict, error) {
	request, err := inside.GetQuotaRequest(ctx, id)
	if apierr.Is(err, apierr.Missing) {
		return verdict{refused: true, forgotten: true, words: "request " + id + ", which it does not know any more"}, nil
	}
	if err != nil {
		return verdict{}, err
	}
	v := verdict{quota: Quota{Service: request.ServiceCode, Code: request.QuotaCode, Value: request.Value}, words: described(request)}
	if request.Status == awsapi.QuotaApproved {
		return v, nil
	}
	if request.Open() {
		v.open = true
		return v, nil
	}
	is, err := inside.GetServiceQuota(ctx, v.quota.Service, v.quota.Code)
	v.refused = is.Value < v.quota.Value
	return v, err
}

// again asks for a quota that was refused, unless an earlier attempt has, and notes the request in place of the i-th.
func (a attempt) again(ctx context.Context, inside member, note quotaNote, i int, v verdict) (verdict, error) {
	open, err := openRequest(ctx, inside, v.quota)
	if err != nil {
		return v, err
	}
	if open.ID != "" && open.Value != v.quota.Value {
		v.words += fmt.Sprintf(", and cannot be repeated before AWS has answered request %s to raise it to %v", open.ID, open.Value)
		return v, nil
	}
	if open.ID == "" {
		if open, err = inside.RequestServiceQuotaIncrease(ctx, v.quota.Service, v.quota.Code, v.quota.Value); err != nil {
			return v, err
		}
	}
	note.IDs[i] = open.ID
	if err := a.book.write(ctx, serviceQuotas, note); err != nil {
		return v, err
	}
	return verdict{open: true, quota: v.quota, words: described(open)}, nil
}

func described(request awsapi.QuotaRequest) string {
	return fmt.Sprintf("request %s to raise quota %s/%s to %v, which is %s", request.ID, request.ServiceCode, request.QuotaCode, request.Value, request.Status)
}
