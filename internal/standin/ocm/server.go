// Package ocm is an in-process server that speaks the part of OpenShift Cluster Manager's API that integrations use:
// clusters and their upgrades, add-ons, subscriptions, organisations, labels and service logs, with the token endpoint of
// its single sign-on beside them. Paths, envelopes, errors and the search language are those of https://api.openshift.com,
// so that a client that works here works there.
//
// Clusters live: what is planned begins, takes its time and ends as the clock goes on.
package ocm

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sigs.k8s.io/yaml"
)

// Server holds an estate and serves it. It is safe for concurrent use.
type Server struct {
	mu     sync.Mutex
	estate Estate
	moved  time.Duration
	mux    *http.ServeMux
	// tokens are the access tokens that were given out, with their clients.
	tokens map[string]string
	// expired counts how often all of them were refused from then on.
	expired  int
	throttle Throttle
}

// Throttle turns away a number of requests with 429.
type Throttle struct {
	Requests int
	// RetryAfter is in seconds; zero sends no header.
	RetryAfter int
}

// New returns a server that takes the estate over.
func New(estate Estate) *Server {
	s := &Server{estate: estate, tokens: map[string]string{}, mux: http.NewServeMux()}
	s.route()
	s.live()
	return s
}

// Dump returns the estate as it is now, in YAML.
func (s *Server) Dump() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live()
	return yaml.Marshal(s.estate)
}

// Advance moves the clock.
func (s *Server) Advance(by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moved += by
	s.live()
}

// Throttle answers the next requests with 429.
func (s *Server) Throttle(throttle Throttle) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.throttle = throttle
}

// ExpireTokens makes the server refuse every access token that it has given out.
func (s *Server) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
	s.expired++
}

func (s *Server) now() time.Time {
	if s.estate.Now != nil {
		return s.estate.Now.Add(s.moved)
	}
	return time.Now().Add(s.moved)
}

// IsRead says whether a request changes nothing though it is no GET: a login, or one that is to be checked only.
func IsRead(r *http.Request) bool { return isLogin(r) || dryRun(r) }

func isLogin(r *http.Request) bool {
	return r.Method == http.MethodPost && !strings.HasPrefix(r.URL.Path, "/api/") && strings.HasSuffix(r.URL.Path, "/token")
}

// ServeHTTP answers the API, and logins at any path outside of it that ends in /token.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live()
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	switch {
	case s.throttle.Requests > 0:
		s.throttle.Requests--
		if s.throttle.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(s.throttle.RetryAfter))
		}
		refusal(http.StatusTooManyRequests, "Too many requests").write(w, r)
	case isLogin(r):
		s.logIn(w, r)
	default:
		s.mux.ServeHTTP(w, r)
	}
}

// call is one request, with the estate locked.
type call struct {
	*http.Request
	server  *Server
	estate  *Estate
	account *ServiceAccount
	// cluster is that of the path.
	id      string
	cluster *Cluster
}

func (s *Server) handle(pattern string, serve func(*call) response) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		s.authorised(r, serve).write(w, r)
	})
}

// authorised serves a request of a service account that may make it. A cluster that it may not see is not found.
func (s *Server) authorised(r *http.Request, serve func(*call) response) response {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	client, known := s.tokens[token]
	if !known {
		return refusal(http.StatusUnauthorized, "Bearer token is expired or invalid")
	}
	c := &call{Request: r, server: s, estate: &s.estate, account: s.estate.Clients[client], id: r.PathValue("cluster")}
	if c.account.ReadOnly && r.Method != http.MethodGet && !dryRun(r) {
		return refusal(http.StatusForbidden, "Account with ID '"+client+"' is not authorized to perform "+action(r.Method))
	}
	if c.id != "" {
		c.cluster = s.estate.Clusters[c.id]
		if c.cluster == nil || !c.account.sees(c.cluster.Organization) {
			return notFound("Cluster", c.id)
		}
	}
	return serve(c)
}

func (a *ServiceAccount) sees(organization string) bool {
	return len(a.Organizations) == 0 || slices.Contains(a.Organizations, organization)
}

func action(method string) string {
	switch method {
	case http.MethodPost:
		return "create"
	case http.MethodPatch:
		return "update"
	}
	return "delete"
}

const (
	clustersMgmt = "/api/clusters_mgmt/v1"
	accountsMgmt = "/api/accounts_mgmt/v1"
	addonsMgmt   = "/api/addons_mgmt/v1"
	serviceLogs  = "/api/service_logs/v1"
	ofCluster    = clustersMgmt + "/clusters/{cluster}"
)

func (s *Server) route() {
	s.handle("GET "+clustersMgmt+"/clusters", listClusters)
	s.handle("POST "+clustersMgmt+"/clusters", createCluster)
	s.handle("GET "+ofCluster, getCluster)
	s.handle("PATCH "+ofCluster, updateCluster)
	s.handle("GET "+ofCluster+"/provision_shard", getShard)
	s.handle("GET "+ofCluster+"/credentials", getCredentials)
	s.handle("GET "+ofCluster+"/upgrade_policies", listPolicies(classic, false))
	s.handle("POST "+ofCluster+"/upgrade_policies", createPolicy(classic))
	s.handle("GET "+ofCluster+"/upgrade_policies/{policy}/state", policyState(classic))
	s.handle("DELETE "+ofCluster+"/upgrade_policies/{policy}", deletePolicy(classic))
	s.handle("GET "+ofCluster+"/control_plane/upgrade_policies", listPolicies(controlPlane, true))
	s.handle("POST "+ofCluster+"/control_plane/upgrade_policies", createPolicy(controlPlane))
	s.handle("DELETE "+ofCluster+"/control_plane/upgrade_policies/{policy}", deletePolicy(controlPlane))
	s.handle("GET "+ofCluster+"/node_pools", listNodePools)
	s.handle("GET "+ofCluster+"/node_pools/{pool}/upgrade_policies", listPolicies(nodePool, true))
	s.handle("POST "+ofCluster+"/node_pools/{pool}/upgrade_policies", createPolicy(nodePool))
	s.handle("GET "+ofCluster+"/gate_agreements", listAgreements)
	s.handle("POST "+ofCluster+"/gate_agreements", agree)
	s.handle("GET "+clustersMgmt+"/version_gates", listGates)
	s.handle("GET "+accountsMgmt+"/labels", listLabels)
	s.handle("GET "+accountsMgmt+"/organizations", listOrganizations)
	s.handle("GET "+accountsMgmt+"/subscriptions", listSubscriptions)
	s.handle("GET "+serviceLogs+"/cluster_logs", listServiceLogs)
	s.handle("POST "+serviceLogs+"/cluster_logs", createServiceLog)
	s.handle("GET "+ofCluster+"/external_configuration/labels", listExternalLabels)
	s.routeAddons(addonsV1)
	s.routeAddons(addonsV2)
	s.handle("GET "+clustersMgmt, func(*call) response { return ok(object{"kind": "API", "id": "v1", "href": clustersMgmt}) })
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refusal(http.StatusNotFound, "The requested resource '"+r.URL.Path+"' doesn't exist").write(w, r)
	})
}
