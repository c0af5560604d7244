package awsapi

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/support"
	"github.com/aws/aws-sdk-go-v2/service/support/types"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// SupportPlan is what an account's support covers.
type SupportPlan string

// The plans, from the least to the most.
const (
	SupportBasic      SupportPlan = "basic"
	SupportDeveloper  SupportPlan = "developer"
	SupportBusiness   SupportPlan = "business"
	SupportEnterprise SupportPlan = "enterprise"
)

// Case is a support case.
type Case struct {
	ID      string
	Subject string
	// Status is AWS's; see Resolved.
	Status string
	// Messages are what was written in the case, on either side. ListCasesWithMessages alone fills them in.
	Messages []string
}

// Resolved says whether AWS is done with the case.
func (c Case) Resolved() bool { return c.Status == "resolved" }

// Where the cases of an account manager go.
const (
	caseCategory = "other-account-issues"
	caseService  = "customer-account"
	caseType     = "customer-service"
	caseLanguage = "en"
	caseSeverity = "high"
)

// CreateCase opens a support case about the account and returns its ID. Each call opens another: look with ListCases
// for one that an earlier attempt opened.
func (c *Client) CreateCase(ctx context.Context, subject, message string) (string, error) {
	what := "open support case " + subject
	out, err := send(ctx, c, what, c.support.CreateCase, &support.CreateCaseInput{
		Subject: &subject, CommunicationBody: &message, CategoryCode: aws.String(caseCategory), ServiceCode: aws.String(caseService),
		IssueType: aws.String(caseType), Language: aws.String(caseLanguage), SeverityCode: aws.String(caseSeverity),
	})
	if err != nil {
		return "", err
	}
	if aws.ToString(out.CaseId) == "" {
		return "", c.without(what, "a case")
	}
	return *out.CaseId, nil
}

// DescribeCase returns a support case, also one that is resolved.
//
// Differs from the reference: a support case is found after it is resolved as well. AWS documents that it leaves resolved
// ones out unless it is asked for them, and the reference then breaks off at the moment at which it could go on.
func (c *Client) DescribeCase(ctx context.Context, id string) (Case, error) {
	found, err := c.describeCases(ctx, "describe support case "+id, id)
	if err != nil {
		return Case{}, err
	}
	if len(found) == 0 {
		return Case{}, c.failed("describe support case "+id, apierr.Errorf(apierr.Missing, "there is no such case"))
	}
	return found[0], nil
}

// ListCases returns the account's support cases, also those that are resolved.
func (c *Client) ListCases(ctx context.Context) ([]Case, error) {
	return c.describeCases(ctx, "list support cases")
}

// ListCasesWithMessages returns the account's support cases with what was written in them, also those that are resolved.
// AWS puts the latest five messages of a case beside it; where there are more, they take further requests.
func (c *Client) ListCasesWithMessages(ctx context.Context) ([]Case, error) {
	const what = "list support cases with their messages"
	return pages(c, what, func(token *string) ([]Case, *string, error) {
		out, err := send(ctx, c, what, c.support.DescribeCases, &support.DescribeCasesInput{
			IncludeResolvedCases: true, IncludeCommunications: aws.Bool(true), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		var cases []Case
		for _, found := range out.Cases {
			made := toCase(found)
			switch recent := found.RecentCommunications; {
			case recent == nil:
			case aws.ToString(recent.NextToken) == "":
				made.Messages = bodies(recent.Communications)
			default:
				if made.Messages, err = c.listMessages(ctx, made.ID); err != nil {
					return nil, nil, err
				}
			}
			cases = append(cases, made)
		}
		return cases, out.NextToken, nil
	})
}

// listMessages returns all that was written in a case.
func (c *Client) listMessages(ctx context.Context, id string) ([]string, error) {
	what := "list the messages of support case " + id
	return pages(c, what, func(token *string) ([]string, *string, error) {
		out, err := send(ctx, c, what, c.support.DescribeCommunications, &support.DescribeCommunicationsInput{CaseId: &id, NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return bodies(out.Communications), out.NextToken, nil
	})
}

func bodies(communications []types.Communication) []string {
	var texts []string
	for _, communication := range communications {
		texts = append(texts, aws.ToString(communication.Body))
	}
	return texts
}

func toCase(found types.CaseDetails) Case {
	return Case{ID: aws.ToString(found.CaseId), Subject: aws.ToString(found.Subject), Status: aws.ToString(found.Status)}
}

func (c *Client) describeCases(ctx context.Context, what string, ids ...string) ([]Case, error) {
	return pages(c, what, func(token *string) ([]Case, *string, error) {
		out, err := send(ctx, c, what, c.support.DescribeCases, &support.DescribeCasesInput{
			CaseIdList: ids, IncludeResolvedCases: true, IncludeCommunications: aws.Bool(false), NextToken: token,
		})
		if err != nil {
			return nil, nil, err
		}
		var cases []Case
		for _, found := range out.Cases {
			cases = append(cases, toCase(found))
		}
		return cases, out.NextToken, nil
	})
}

// GetSupportPlan tells the account's plan by the severities that a case can have. AWS answers under the plans of
// business and above alone; what it does not answer is basic.
func (c *Client) GetSupportPlan(ctx context.Context) (SupportPlan, error) {
	out, err := send(ctx, c, "look up the support plan", c.support.DescribeSeverityLevels, &support.DescribeSeverityLevelsInput{Language: aws.String(caseLanguage)})
	var refused *refusal
	if errors.As(err, &refused) && refused.code == "SubscriptionRequiredException" {
		return SupportBasic, nil
	}
	if err != nil {
		return "", err
	}
	return supportPlan(out.SeverityLevels), nil
}

func supportPlan(levels []types.SeverityLevel) SupportPlan {
	known := map[string]bool{}
	for _, level := range levels {
		known[strings.ToLower(aws.ToString(level.Code))] = true
	}
	switch {
	case known["critical"]:
		return SupportEnterprise
	case known["urgent"], known["high"]:
		return SupportBusiness
	case known["normal"], known["low"]:
		return SupportDeveloper
	}
	return SupportBasic
}
