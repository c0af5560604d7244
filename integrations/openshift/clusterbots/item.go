package clusterbots

import "fmt"

// The keys of items: the two bots that a cluster can have, and the request that names their tokens.
const (
	dedicatedAdmin = "dedicated-admin"
	clusterAdmin   = "cluster-admin"
	request        = "merge-request"
)

// Item is a bot of a cluster with its token in Vault, or the merge request of a cluster.
type Item struct {
	Cluster string `json:"cluster"`
	// What is one of the keys.
	What string `json:"what"`
	// Namespace, Account and Vault are a bot's: its service account, and the path of the secret.
	Namespace string `json:"namespace,omitempty"`
	Account   string `json:"account,omitempty"`
	Vault     string `json:"vault,omitempty"`
}

// Key implements plan.Item.
func (i Item) Key() string { return i.What }

// Equal implements plan.Item: what is current is as it is wanted.
func (i Item) Equal(Item) bool { return true }

// Title implements plan.Titled.
func (i Item) Title() string {
	if i.What == request {
		return "merge request that names the tokens of cluster " + i.Cluster
	}
	return fmt.Sprintf("%s bot %s/%s in cluster %s with its token in %s", i.What, i.Namespace, i.Account, i.Cluster, i.Vault)
}

// Wave implements plan.Ordered: a request comes after the tokens that it names.
func (i Item) Wave() int {
	if i.What == request {
		return 1
	}
	return 0
}

// field is the one of the cluster's datafile that names the bot's token.
func (i Item) field() string {
	if i.What == clusterAdmin {
		return "clusterAdminAutomationToken"
	}
	return "automationToken"
}

// tokenField is the one of the secret in Vault.
const tokenField = "token"

// secretName is the Secret in which the cluster keeps the account's token.
func (i Item) secretName() string { return i.Account + "-token" }

// binding is what makes a bot an administrator of the cluster.
func (i Item) binding() string { return i.Namespace + "-" + i.Account }
