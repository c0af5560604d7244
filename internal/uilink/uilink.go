// Package uilink makes links to the pages of Temporal's user interface.
package uilink

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Env names the variable that holds the address of the user interface where no flag does.
const Env = "QONTRACT_UI_URL"

// portApart is how far the port of a development server's user interface is from that of the server.
const portApart = 1000

// Links makes links into one namespace. Those of the zero value are empty.
type Links struct {
	base, namespace string
}

// New takes the address of the user interface, such as https://temporal.example; "" is an interface that nobody knows,
// and gives empty links. An address that is none is Invalid.
func New(base, namespace string) (Links, error) {
	if base == "" {
		return Links{}, nil
	}
	parsed, err := url.Parse(base)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return Links{}, apierr.Errorf(apierr.Invalid, "%q is not the address of Temporal's user interface: expected something like https://temporal.example, in --ui-url or %s", base, Env)
	}
	return Links{base: strings.TrimRight(base, "/"), namespace: cmp.Or(namespace, "default")}, nil
}

// Local is where the user interface of a development server on this machine is, or "" where the server is elsewhere.
func Local(hostPort string) string {
	host, port, err := net.SplitHostPort(hostPort)
	number, portErr := strconv.Atoi(port)
	if err != nil || portErr != nil {
		return ""
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return ""
	}
	return fmt.Sprintf("http://localhost:%d", number+portApart)
}

// Run is the page of a run. Without a run ID it is that of the workflow's latest one.
func (l Links) Run(workflowID, runID string) string {
	if l.base == "" {
		return ""
	}
	link := l.namespaced("workflows") + "/" + url.PathEscape(workflowID)
	if runID != "" {
		link += "/" + runID + "/history"
	}
	return link
}

// Schedule is the page of a schedule.
func (l Links) Schedule(id string) string {
	if l.base == "" {
		return ""
	}
	return l.namespaced("schedules") + "/" + url.PathEscape(id)
}

// Workflows is the page that lists the namespace's workflows.
func (l Links) Workflows() string {
	if l.base == "" {
		return ""
	}
	return l.namespaced("workflows")
}

func (l Links) namespaced(page string) string {
	return l.base + "/namespaces/" + url.PathEscape(l.namespace) + "/" + page
}
