package ocm

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// severities are those that a service log can have.
var severities = []string{"Debug", "Info", "Warning", "Error", "Fatal", "Major", "Critical"}

func (l ServiceLog) view(number int) object {
	id := fmt.Sprintf("log-%06d", number)
	written := l.Created.UTC().Format(time.RFC3339)
	return object{
		"kind": "ClusterLog", "id": id, "href": serviceLogs + "/cluster_logs/" + id, "event_stream_id": "event-" + id, "cluster_uuid": l.ClusterUUID,
		"service_name": l.ServiceName, "severity": l.Severity, "summary": l.Summary, "description": l.Description,
		"timestamp": written, "created_at": written, "internal_only": false,
	}
}

func listServiceLogs(c *call) response {
	var items []object
	for number, log := range c.estate.ServiceLogs {
		if c.seesUUID(log.ClusterUUID) {
			items = append(items, log.view(number))
		}
	}
	return c.list("ClusterLog", items)
}

func createServiceLog(c *call) response {
	var asked struct {
		ClusterUUID string `json:"cluster_uuid"`
		ServiceName string `json:"service_name"`
		Severity    string `json:"severity"`
		Summary     string `json:"summary"`
		Description string `json:"description"`
	}
	if refused, sound := c.decode(&asked); !sound {
		return refused
	}
	switch {
	case asked.ServiceName == "" || asked.Summary == "":
		return refusal(http.StatusBadRequest, "'service_name' and 'summary' are mandatory")
	case !slices.Contains(severities, asked.Severity):
		return refusal(http.StatusBadRequest, "'"+asked.Severity+"' is not a severity")
	case !c.seesUUID(asked.ClusterUUID):
		return notFound("Cluster", asked.ClusterUUID)
	}
	log := ServiceLog{
		ClusterUUID: asked.ClusterUUID, ServiceName: asked.ServiceName, Severity: asked.Severity, Summary: asked.Summary,
		Description: asked.Description, Created: c.server.now().UTC().Truncate(time.Second),
	}
	c.estate.ServiceLogs = append(c.estate.ServiceLogs, log)
	return created(log.view(len(c.estate.ServiceLogs) - 1))
}

// seesUUID says whether there is a cluster with the UUID that the account may see.
func (c *call) seesUUID(uuid string) bool {
	for id, cluster := range c.estate.Clusters {
		if cluster.uuid(id) == uuid {
			return c.account.sees(cluster.Organization)
		}
	}
	return false
}
