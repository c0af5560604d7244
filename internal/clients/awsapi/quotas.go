package awsapi

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas/types"
)

// Quota is a quota of a service, as it is in the session's region.
type Quota struct {
	ServiceCode string
	ServiceName string
	QuotaCode   string
	QuotaName   string
	Value       float64
}

// QuotaStatus is how far a request to raise a quota is.
type QuotaStatus string

// The statuses of a request to raise a quota. While one of the first two holds, AWS takes no
// other request for the quota.
const (
	QuotaPending        QuotaStatus = "PENDING"
	QuotaCaseOpened     QuotaStatus = "CASE_OPENED"
	QuotaApproved       QuotaStatus = "APPROVED"
	QuotaDenied         QuotaStatus = "DENIED"
	QuotaCaseClosed     QuotaStatus = "CASE_CLOSED"
	QuotaNotApproved    QuotaStatus = "NOT_APPROVED"
	QuotaInvalidRequest QuotaStatus = "INVALID_REQUEST"
)

// QuotaRequest is a request to raise a quota.
type QuotaRequest struct {
	ID          string
	ServiceCode string
	QuotaCode   string
	Value       float64
	Status      QuotaStatus
}

// Open says whether AWS has not answered the request yet.
func (r QuotaRequest) Open() bool { return r.Status == QuotaPending || r.Status == QuotaCaseOpened }

// GetServiceQuota returns a quota with its value in the account. It is Missing where AWS does not know it.
func (c *Client) GetServiceQuota(ctx context.Context, service, quota string) (Quota, error) {
	what := fmt.Sprintf("get quota %s/%s in %s", service, quota, c.access.Region)
	out, err := send(ctx, c, what, c.quotas.GetServiceQuota, &servicequotas.GetServiceQuotaInput{ServiceCode: &service, QuotaCode: &quota})
	if err != nil {
		return Quota{}, err
	}
	if out.Quota == nil || out.Quota.Value == nil {
		return Quota{}, c.without(what, "a value")
	}
	return Quota{
		ServiceCode: service, ServiceName: aws.ToString(out.Quota.ServiceName),
		QuotaCode: quota, QuotaName: aws.ToString(out.Quota.QuotaName), Value: *out.Quota.Value,
	}, nil
}

// RequestServiceQuotaIncrease asks AWS to raise a quota. It is Conflict while an earlier request is open, of which AWS
// has one for each quota, and Invalid where the quota is that high already.
func (c *Client) RequestServiceQuotaIncrease(ctx context.Context, service, quota string, value float64) (QuotaRequest, error) {
	what := fmt.Sprintf("raise quota %s/%s in %s to %v", service, quota, c.access.Region, value)
	out, err := send(ctx, c, what, c.quotas.RequestServiceQuotaIncrease,
		&servicequotas.RequestServiceQuotaIncreaseInput{ServiceCode: &service, QuotaCode: &quota, DesiredValue: &value})
	if err != nil {
		return QuotaRequest{}, err
	}
	if out.RequestedQuota == nil {
		return QuotaRequest{}, c.without(what, "a request")
	}
	return quotaRequest(*out.RequestedQuota), nil
}

// GetQuotaRequest returns a request to raise a quota.
func (c *Client) GetQuotaRequest(ctx context.Context, id string) (QuotaRequest, error) {
	what := "get quota request " + id
	out, err := send(ctx, c, what, c.quotas.GetRequestedServiceQuotaChange,
		&servicequotas.GetRequestedServiceQuotaChangeInput{RequestId: &id})
	if err != nil {
		return QuotaRequest{}, err
	}
	if out.RequestedQuota == nil {
		return QuotaRequest{}, c.without(what, "a request")
	}
	return quotaRequest(*out.RequestedQuota), nil
}

// ListQuotaRequests returns all requests for a quota, also those that have ended.
func (c *Client) ListQuotaRequests(ctx context.Context, service, quota string) ([]QuotaRequest, error) {
	what := fmt.Sprintf("list requests for quota %s/%s in %s", service, quota, c.access.Region)
	return pages(c, what, func(token *string) ([]QuotaRequest, *string, error) {
		out, err := send(ctx, c, what,
			c.quotas.ListRequestedServiceQuotaChangeHistoryByQuota,
			&servicequotas.ListRequestedServiceQuotaChangeHistoryByQuotaInput{ServiceCode: &service, QuotaCode: &quota, NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		var requests []QuotaRequest
		for _, request := range out.RequestedQuotas {
			requests = append(requests, quotaRequest(request))
		}
		return requests, out.NextToken, nil
	})
}

func quotaRequest(request types.RequestedServiceQuotaChange) QuotaRequest {
	return QuotaRequest{
		ID: aws.ToString(request.Id), ServiceCode: aws.ToString(request.ServiceCode), QuotaCode: aws.ToString(request.QuotaCode),
		Value: aws.ToFloat64(request.DesiredValue), Status: QuotaStatus(request.Status),
	}
}
