package accountmanager

import (
	"context"
	"fmt"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// quotaNote is what state has of the quotas that were asked for last.
type quotaNote struct {
	Quotas []Quota `json:"last_applied_quotas"`
	// IDs are those of the requests. A quota that was high enough has none.
	IDs []string `json:"ids"`
}

// quotasDone says whether the quotas that were asked for last were granted. An account without quotas needs no note.
func quotasDone(ctx context.Context, b book, want Step, was *Step) (bool, error) {
	var note quotaNote
	asked, err := b.read(ctx, serviceQuotas, &note)
	if err != nil {
		return false, err
	}
	was.Quotas = note.Quotas
	if !asked || len(note.IDs) == 0 || !sameQuotas(note.Quotas, want.Quotas) {
		return asked || len(want.Quotas) == 0, nil
	}
	var granted []string
	_, err = b.read(ctx, checkQuotas, &granted)
	return slices.Equal(sorted(granted), sorted(note.IDs)), err
}

// raiseQuotas asks for the quotas that are too low, and follows the requests until AWS has answered all of them. A quota
// that is higher is left alone.
func (r *reconciler) raiseQuotas(ctx context.Context, a attempt) (plan.Stand, error) {
	inside, err := r.inside(ctx, a.Door, a.UID)
	if err != nil {
		return plan.Stand{}, err
	}
	var note quotaNote
	asked, err := a.book.read(ctx, serviceQuotas, &note)
	if err != nil {
		return plan.Stand{}, err
	}
	if !asked || !sameQuotas(note.Quotas, a.Quotas) {
		return a.askQuotas(ctx, inside)
	}
	return a.followQuotas(ctx, inside, note)
}

// askQuotas asks for the quotas, notes the requests and looks how far they are.
func (a attempt) askQuotas(ctx context.Context, inside member) (plan.Stand, error) {
	ids, stand, err := a.requestQuotas(ctx, inside)
	if err != nil || stand.Phase != "" {
		return stand, err
	}
	note := quotaNote{Quotas: quotasOrNone(a.Quotas), IDs: orNone(ids)}
	if err := a.book.write(ctx, serviceQuotas, note); err != nil {
		return plan.Stand{}, err
	}
	a.afresh = false
	return a.followQuotas(ctx, inside, note)
}

// requestQuotas asks for what is too low, and returns the requests. It asks for nothing while a request for another value
// is open, of which AWS has one for each quota.
//
// Differs from the reference: an open request for the wanted value is taken for ours, since an earlier attempt may have
// made it without being able to note it. The reference waits until it has ended, and asks again.
func (a attempt) requestQuotas(ctx context.Context, inside member) ([]string, plan.Stand, error) {
	var ids []string
	var low []Quota
	for _, q := range a.Quotas {
		is, err := inside.GetServiceQuota(ctx, q.Service, q.Code)
		if apierr.Is(err, apierr.Missing) {
			err = fmt.Errorf("%w: correct the quotaLimits of %s", err, a.File)
		}
		if err != nil {
			return nil, plan.Stand{}, err
		}
		if is.Value >= q.Value {
			continue
		}
		open, err := openRequest(ctx, inside, q)
		switch {
		case err != nil:
			return nil, plan.Stand{}, err
		case open.ID == "":
			low = append(low, q)
		case open.Value != q.Value:
			return nil, plan.Waiting("AWS has not answered request %s to raise quota %s to %v yet, before which it takes none for %v", open.ID, q, open.Value, q.Value), nil
		default:
			ids = append(ids, open.ID)
		}
	}
	for _, q := range low {
		made, err := inside.RequestServiceQuotaIncrease(ctx, q.Service, q.Code, q.Value)
		if apierr.Is(err, apierr.Conflict) {
			return nil, plan.Waiting("AWS has another request for quota %s, and takes none for %v before it has answered", q, q.Value), nil
		}
		if err != nil {
			return nil, plan.Stand{}, err
		}
		ids = append(ids, made.ID)
	}
	return ids, plan.Stand{}, nil
}

// openRequest returns the request for a quota that AWS has not answered yet, or none.
func openRequest(ctx context.Context, inside member, q Quota) (awsapi.QuotaRequest, error) {
	requests, err := inside.ListQuotaRequests(ctx, q.Service, q.Code)
	if err != nil {
		return awsapi.QuotaRequest{}, err
	}
	at := slices.IndexFunc(requests, awsapi.QuotaRequest.Open)
	if at < 0 {
		return awsapi.QuotaRequest{}, nil
	}
	return requests[at], nil
}

func quotasOrNone(quotas []Quota) []Quota {
	if quotas == nil {
		return []Quota{}
	}
	return quotas
}
