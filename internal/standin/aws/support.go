package aws

import (
	"maps"
	"slices"
	"strconv"
)

// supportOperations are those of AWS Support.
// Source: https://docs.aws.amazon.com/awssupport/latest/APIReference/
var supportOperations = map[string]operation{
	"CreateCase":             subscribed(createCase),
	"DescribeCases":          subscribed(describeCases),
	"DescribeCommunications": subscribed(describeCommunications),
	"DescribeSeverityLevels": subscribed(describeSeverityLevels),
}

const resolved = "resolved"

// recent is how many communications come with a case.
const recent = 5

// subscribed decodes the request for what the API does under a plan of business and above alone.
func subscribed[In any](handle func(*call, In) (object, *refusal)) operation {
	return with(func(c *call, in In) (object, *refusal) {
		if len(c.severities()) == 0 {
			return nil, invalid("SubscriptionRequiredException", "Amazon Web Services Premium Support Subscription is required to use this service.")
		}
		return handle(c, in)
	})
}

// severities are those that the account's plan knows.
func (c *call) severities() []string {
	switch c.account().Support {
	case "business":
		return []string{"low", "normal", "high", "urgent"}
	case "enterprise":
		return []string{"low", "normal", "high", "urgent", "critical"}
	}
	return nil
}

func describeSeverityLevels(c *call, _ struct{}) (object, *refusal) {
	levels := []object{}
	for _, code := range c.severities() {
		levels = append(levels, object{"code": code, "name": code})
	}
	return object{"severityLevels": levels}, nil
}

func createCase(c *call, in struct{ Subject, CommunicationBody, SeverityCode string }) (object, *refusal) {
	if in.Subject == "" || in.CommunicationBody == "" || !slices.Contains(c.severities(), in.SeverityCode) {
		return nil, invalid("ValidationException", "A case has a subject, a body and a severity of the account's plan")
	}
	id := lower("case-"+c.caller.account+"-muen-2026-", 16, in.Subject, strconv.Itoa(len(c.account().Cases)))
	put(&c.account().Cases, id, &Case{Subject: in.Subject, Body: in.CommunicationBody, Severity: in.SeverityCode, Status: "unassigned"})
	return object{"caseId": id}, nil
}

// describeCases leaves out resolved cases unless it is asked for them, those that are named too. The latest
// communications come with a case unless it is asked for none.
func describeCases(c *call, in struct {
	CaseIDList            []string
	IncludeResolvedCases  bool
	IncludeCommunications *bool
	NextToken             string
}) (object, *refusal) {
	ids := in.CaseIDList
	if len(ids) == 0 {
		ids = slices.Sorted(maps.Keys(c.account().Cases))
	}
	wanted := []string{}
	for _, id := range ids {
		found := c.account().Cases[id]
		if found == nil {
			return nil, invalid("CaseIdNotFound", "No case found with the id: "+id)
		}
		if in.IncludeResolvedCases || found.Status != resolved {
			wanted = append(wanted, id)
		}
	}
	ids, next, ok := page(c, wanted, in.NextToken)
	if !ok {
		return nil, invalid("ValidationException", "The nextToken is not valid")
	}
	cases := []object{}
	for _, id := range ids {
		found := c.account().Cases[id]
		details := object{"caseId": id, "subject": found.Subject, "status": found.Status, "severityCode": found.Severity}
		if in.IncludeCommunications == nil || *in.IncludeCommunications {
			all := communications(id, found)
			latest := object{"communications": all[:min(recent, len(all))]}
			if len(all) > recent {
				latest["nextToken"] = "page-" + strconv.Itoa(recent)
			}
			details["recentCommunications"] = latest
		}
		cases = append(cases, details)
	}
	answer := object{"cases": cases}
	if next != "" {
		answer["nextToken"] = next
	}
	return answer, nil
}

func describeCommunications(c *call, in struct{ CaseID, NextToken string }) (object, *refusal) {
	found := c.account().Cases[in.CaseID]
	if found == nil {
		return nil, invalid("CaseIdNotFound", "No case found with the id: "+in.CaseID)
	}
	part, next, ok := page(c, communications(in.CaseID, found), in.NextToken)
	if !ok {
		return nil, invalid("ValidationException", "The nextToken is not valid")
	}
	answer := object{"communications": part}
	if next != "" {
		answer["nextToken"] = next
	}
	return answer, nil
}

// communications of a case, the latest first.
func communications(id string, of *Case) []object {
	all := []object{}
	for _, reply := range slices.Backward(of.Replies) {
		all = append(all, object{"caseId": id, "body": reply})
	}
	return append(all, object{"caseId": id, "body": of.Body})
}
