package aws

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// quotaOperations are those of Service Quotas.
// Source: https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/
var quotaOperations = map[string]operation{
	"GetServiceQuota":                               with(getServiceQuota),
	"RequestServiceQuotaIncrease":                   with(requestServiceQuotaIncrease),
	"GetRequestedServiceQuotaChange":                with(getRequestedServiceQuotaChange),
	"ListRequestedServiceQuotaChangeHistoryByQuota": with(listQuotaRequests),
}

const (
	requestPending = "PENDING"
	caseOpened     = "CASE_OPENED"
	approved       = "APPROVED"
)

var noSuchResource = &refusal{status: 400, code: "NoSuchResourceException", message: "The request failed because the specified service or quota does not exist."}

type namedQuota struct{ ServiceCode, QuotaCode string }

func (q namedQuota) key() string { return q.ServiceCode + "/" + q.QuotaCode }

// value returns a quota of the caller's account in the request's region.
func (c *call) value(named namedQuota) (float64, bool) {
	quota, ok := c.estate.Services[named.ServiceCode].Quotas[named.QuotaCode]
	if raised, ok := c.account().Quotas[c.signature.region][named.key()]; ok {
		return raised, true
	}
	return quota.Value, ok
}

func (c *call) quotaView(named namedQuota) object {
	service := c.estate.Services[named.ServiceCode]
	return object{
		"ServiceCode": named.ServiceCode, "ServiceName": service.Name,
		"QuotaCode": named.QuotaCode, "QuotaName": service.Quotas[named.QuotaCode].Name,
		"QuotaArn": fmt.Sprintf("arn:aws:servicequotas:%s:%s:%s", c.signature.region, c.caller.account, named.key()),
	}
}

func getServiceQuota(c *call, in namedQuota) (object, *refusal) {
	value, ok := c.value(in)
	if !ok {
		return nil, noSuchResource
	}
	view := c.quotaView(in)
	view["Value"], view["Unit"], view["Adjustable"], view["GlobalQuota"] = value, "None", true, false
	return object{"Quota": view}, nil
}

func requestServiceQuotaIncrease(c *call, in struct {
	namedQuota
	DesiredValue float64
}) (object, *refusal) {
	value, ok := c.value(in.namedQuota)
	if !ok {
		return nil, noSuchResource
	}
	for _, id := range c.quotaRequests(in.namedQuota) {
		request := c.account().QuotaRequests[id]
		if request.Status == requestPending || request.Status == caseOpened {
			return nil, invalid("ResourceAlreadyExistsException", "Only one open service quota increase request is allowed per quota.")
		}
	}
	if in.DesiredValue <= value {
		return nil, invalid("IllegalArgumentException", "You must provide a quota value greater than the current quota value of "+strconv.FormatFloat(value, 'f', -1, 64))
	}
	id := lower("", 32, c.caller.account, in.key(), strconv.Itoa(len(c.account().QuotaRequests)))
	put(&c.account().QuotaRequests, id, &QuotaRequest{
		Region: c.signature.region, Service: in.ServiceCode, Quota: in.QuotaCode, Value: in.DesiredValue,
		Status: requestPending, Pending: c.estate.Lag.Quota.begin(c.now),
	})
	return object{"RequestedQuota": c.quotaRequestView(id)}, nil
}

func getRequestedServiceQuotaChange(c *call, in struct{ RequestID string }) (object, *refusal) {
	request := c.account().QuotaRequests[in.RequestID]
	if request == nil || request.Region != c.signature.region {
		return nil, noSuchResource
	}
	c.answerQuota(request)
	return object{"RequestedQuota": c.quotaRequestView(in.RequestID)}, nil
}

func listQuotaRequests(c *call, in struct {
	namedQuota
	NextToken string
}) (object, *refusal) {
	ids, next, ok := page(c, c.quotaRequests(in.namedQuota), in.NextToken)
	if !ok {
		return nil, invalid("InvalidPaginationTokenException", "Invalid pagination token was provided.")
	}
	views := []object{}
	for _, id := range ids {
		views = append(views, c.quotaRequestView(id))
	}
	return paged(object{"RequestedQuotas": views}, next), nil
}

// quotaRequests returns the IDs of the requests for a quota in the request's region, sorted.
func (c *call) quotaRequests(named namedQuota) []string {
	all := slices.Sorted(maps.Keys(c.account().QuotaRequests))
	return slices.DeleteFunc(all, func(id string) bool {
		request := c.account().QuotaRequests[id]
		return request.Region != c.signature.region || request.Service != named.ServiceCode || request.Quota != named.QuotaCode
	})
}

// answerQuota gives AWS's answer to a request whose wait is over.
func (c *call) answerQuota(request *QuotaRequest) {
	if request.Status != requestPending || !request.Pending.over(c.now) {
		return
	}
	request.Pending = nil
	key := request.Service + "/" + request.Quota
	request.Status = c.account().QuotaAnswers[key]
	if request.Status == "" {
		request.Status = approved
	}
	if request.Status == approved {
		quotas := c.account().Quotas[request.Region]
		put(&quotas, key, request.Value)
		put(&c.account().Quotas, request.Region, quotas)
	}
}

func (c *call) quotaRequestView(id string) object {
	request := c.account().QuotaRequests[id]
	view := c.quotaView(namedQuota{request.Service, request.Quota})
	view["Id"], view["Status"], view["DesiredValue"] = id, request.Status, request.Value
	return view
}
