package advancedupgradescheduler

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/scheduling"
	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
)

// The summaries of service logs are the reference's, by which either system knows the other's.
const (
	aboutCluster      = "Cluster upgrade policy validation errors"
	aboutOrganization = "AUS configuration error on organization"
)

// toldFor is for how long a service log counts: what is wrong longer is told again.
const toldFor = 24 * time.Hour

// Notices implements scheduling.Teller: what is wrong with the labels of a cluster is told its owners, what is wrong with
// those of the organisation the owners of all other clusters.
func (r labelled) Notices(of scheduling.Survey, faults upgrades.Faults) []scheduling.Notice {
	messages := map[string][]string{}
	for _, fault := range faults.Clusters {
		messages[fault.UUID] = append(messages[fault.UUID], fault.Messages...)
	}
	var notices []scheduling.Notice
	for _, fault := range faults.Clusters {
		if of := messages[fault.UUID]; of != nil {
			notices = append(notices, scheduling.Notice{ClusterUUID: fault.UUID, Summary: aboutCluster, Description: "- " + strings.Join(of, "\n- ")})
			messages[fault.UUID] = nil
		}
	}
	if len(faults.Organization) == 0 {
		return notices
	}
	var all []string
	for _, message := range faults.Organization {
		if !slices.Contains(all, message) {
			all = append(all, message)
		}
	}
	for _, c := range of.Clusters {
		if _, faulty := messages[c.ExternalID]; !faulty {
			notices = append(notices, scheduling.Notice{ClusterUUID: c.ExternalID, Summary: aboutOrganization, Description: strings.Join(all, "\n")})
		}
	}
	return notices
}

// Told implements scheduling.Teller.
//
// Differs from the reference: the service logs of all clusters are read at once.
func (r labelled) Told(ctx context.Context, in scheduling.Place, notices []scheduling.Notice) ([]scheduling.Notice, error) {
	client, err := r.open(ctx, in.Organization)
	if err != nil {
		return nil, err
	}
	now, err := client.Now(ctx)
	if err != nil {
		return nil, err
	}
	uuids := make([]string, len(notices))
	for i, n := range notices {
		uuids[i] = n.ClusterUUID
	}
	var logs []ocmapi.ServiceLog
	for _, part := range ocmapi.Parts("cluster_uuid", uuids) {
		found, err := client.ListServiceLogs(ctx, ocmapi.All(ocmapi.Is("service_name", Name), ocmapi.Since("created_at", now.Add(-toldFor)), part))
		if err != nil {
			return nil, err
		}
		logs = append(logs, found...)
	}
	return slices.DeleteFunc(slices.Clone(notices), func(n scheduling.Notice) bool {
		return !slices.ContainsFunc(logs, func(log ocmapi.ServiceLog) bool {
			log.ID = ""
			return log == serviceLog(n)
		})
	}), nil
}

// Tell implements scheduling.Teller.
func (r labelled) Tell(ctx context.Context, in scheduling.Place, n scheduling.Notice) error {
	client, err := r.open(ctx, in.Organization)
	if err != nil {
		return err
	}
	return client.CreateServiceLog(ctx, serviceLog(n))
}

func serviceLog(n scheduling.Notice) ocmapi.ServiceLog {
	return ocmapi.ServiceLog{ClusterUUID: n.ClusterUUID, ServiceName: Name, Severity: ocmapi.Warning, Summary: n.Summary, Description: n.Description}
}
