package clusters

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/clients/ocmapi"
)

// facts are what is compared of a cluster, as texts by the names of the fields in datafiles.
type facts map[string]string

// The fields that are compared.
const (
	product           = "product"
	provider          = "provider"
	region            = "region"
	channel           = "channel"
	multiAZ           = "multi_az"
	private           = "private"
	storage           = "storage"
	loadBalancers     = "load_balancers"
	disableMonitoring = "disable_user_workload_monitoring"
	networkRanges     = "network"
)

const gibibyte = 1 << 30

// ranges are the addresses of a network. Its type is not compared.
func ranges(vpc, service, pod string) string {
	return fmt.Sprintf("vpc %s, service %s, pod %s", vpc, service, pod)
}

// factsOf are those that OCM tells of a cluster. Only clusters in the accounts of OCM itself have a quota of storage and load
// balancers.
func factsOf(c ocmapi.Cluster) facts {
	known := facts{
		product: c.Product.ID, provider: c.CloudProvider.ID, region: c.Region.ID, channel: c.Version.ChannelGroup,
		multiAZ: strconv.FormatBool(c.MultiAZ), private: strconv.FormatBool(c.API.Listening == ocmapi.Internal),
		disableMonitoring: strconv.FormatBool(c.DisableUserWorkloadMonitoring),
		networkRanges:     ranges(c.Network.MachineCIDR, c.Network.ServiceCIDR, c.Network.PodCIDR),
	}
	if c.Product.ID == ocmapi.ProductOSD && !c.CCS.Enabled {
		known[storage], known[loadBalancers] = strconv.FormatInt(int64(c.StorageQuota.Value)/gibibyte, 10), strconv.Itoa(c.LoadBalancerQuota)
	}
	return known
}

// kind is what decides which fields of a cluster can be changed.
type kind string

const (
	kindOSD        kind = "osd"
	kindROSA       kind = "rosa"
	kindHypershift kind = "hypershift"
)

func kindOf(product string, hypershift bool) kind {
	if hypershift {
		return kindHypershift
	}
	return kind(product)
}

// changeable are the fields that OCM is told of, and tolerated those that may differ without anything being done about it.
//
// Differs from the reference: the channel of a hosted control plane and who reaches it may differ, as there, where OCM is sent
// an update with nothing in it at each run.
func (k kind) changeable() (changeable, tolerated []string) {
	switch k {
	case kindOSD:
		return []string{channel, disableMonitoring, loadBalancers, private, storage}, nil
	case kindROSA:
		return []string{channel, disableMonitoring}, nil
	case kindHypershift:
		return []string{disableMonitoring}, []string{channel, private}
	}
	return nil, nil
}

// differences are the fields of a cluster that are to be changed, and those that cannot be, by their names.
//
// Differs from the reference: storage and load balancers of a cluster in the account of its owners are not compared. The
// reference asks OCM for them again and again.
func (wanted facts) differences(live facts, k kind) (change, refused []string) {
	changeable, tolerated := k.changeable()
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		value, known := live[name]
		switch {
		case value == wanted[name], !known && (name == storage || name == loadBalancers), slices.Contains(tolerated, name):
		case slices.Contains(changeable, name):
			change = append(change, name)
		default:
			refused = append(refused, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(live)) {
		// Whether monitoring is off need not be said: the datafile gets it.
		if _, said := wanted[name]; !said && name != disableMonitoring {
			refused = append(refused, name)
		}
	}
	return change, refused
}

// words say how fields differ.
func (wanted facts) words(live facts, names []string) string {
	var texts []string
	for _, name := range names {
		texts = append(texts, fmt.Sprintf("%s is %s in OCM and %s in app-interface", name, textOr(live[name]), textOr(wanted[name])))
	}
	return strings.Join(texts, ", ")
}

func textOr(value string) string {
	if value == "" {
		return "not set"
	}
	return value
}
