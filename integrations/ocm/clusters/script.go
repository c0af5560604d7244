package clusters

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// findOIDC asks for the ID of the account's first OIDC provider.
const findOIDC = `OIDC_CONFIG_ID=$(rosa list oidc-provider -o json | jq '.[0].arn // "/" | split("/") | .[-1]' -r)`

// script makes a cluster of ROSA's with the command line: what it needs in the AWS account, where that is not there, and the
// cluster. The command line ends when OCM has taken the cluster.
//
// Differs from the reference: values that bash would not take for one word are quoted.
func (f file) script() (string, error) {
	at := f.rosa()
	missing := func(what string) (string, error) {
		return "", apierr.Errorf(apierr.Invalid, "cluster %s (%s) of ROSA's has no %s: add it", f.Name, f.Path, what)
	}
	switch {
	case at.Account == nil || at.Account.Uid == "":
		return missing("account")
	case len(at.SubnetIds) == 0:
		return missing("subnet_ids")
	case len(f.MachinePools) == 0:
		return missing("machine pool")
	}
	hosted := f.hypershift()
	roles, flag := "--classic", ""
	if hosted {
		roles, flag = "--hosted-cp", "--hosted-cp "
	}
	lines := []string{
		"#!/bin/bash", "set -e", "set -o pipefail",
		"rosa init", "rosa create ocm-role --admin -y -m auto", "rosa create account-roles " + roles + " -y -m auto", "rosa create user-role -y -m auto",
	}
	if at.OidcEndpointUrl != "" {
		lines = append(lines, "OIDC_CONFIG_ID="+quoted(path.Base(at.OidcEndpointUrl)))
	} else {
		lines = append(lines, findOIDC, `if [[ -z "${OIDC_CONFIG_ID}" ]]; then`, "  rosa create oidc-config -m auto -y", "  "+findOIDC, "fi")
	}
	lines = append(lines,
		`INSTALLER_ROLE_ARN=$(rosa list account-roles --region us-east-1 -o json | jq '.[] | select(.RoleType == "Installer") | .RoleARN' -r)`,
		"rosa create operator-roles --prefix "+quoted(f.Name)+" --oidc-config-id ${OIDC_CONFIG_ID} "+flag+"--installer-role-arn ${INSTALLER_ROLE_ARN} -m auto -y")
	if hosted {
		billing := "$(aws organizations describe-organization | jq .Organization.MasterAccountId -r)"
		if at.Account.BillingAccount != nil {
			billing = quoted(at.Account.BillingAccount.Uid)
		}
		lines = append(lines, "BILLING_ACCOUNT_ID="+billing)
	}
	lines = append(lines, strings.Join(f.createCommand(at, hosted), " \\\n  "))
	return strings.Join(lines, "\n") + "\n", nil
}

// createCommand is the command that has OCM make the cluster, flag by flag.
func (f file) createCommand(at *specClusterSpecROSAV1, hosted bool) []string {
	command := []string{"rosa create cluster", "--cluster-name=" + quoted(f.Name)}
	add := func(when bool, flags ...string) {
		if when {
			command = append(command, flags...)
		}
	}
	add(!hosted, "-y")
	add(hosted, "--billing-account ${BILLING_ACCOUNT_ID}")
	add(true, "--sts")
	add(hosted, "--hosted-cp")
	add(at.Private, "--private")
	add(at.Private && !hosted, "--private-link")
	add(at.MultiAz && !hosted, "--multi-az")
	add(true, "--oidc-config-id ${OIDC_CONFIG_ID}")
	for _, flag := range []struct{ name, value string }{
		{"operator-roles-prefix", f.Name}, {"subnet-ids", strings.Join(at.SubnetIds, ",")}, {"region", at.Region}, {"version", at.InitialVersion},
		{"machine-cidr", f.Network.Vpc}, {"service-cidr", f.Network.Service}, {"pod-cidr", f.Network.Pod}, {"host-prefix", "23"},
		{"replicas", strconv.Itoa(len(f.MachinePools))}, {"compute-machine-type", f.MachinePools[0].InstanceType},
	} {
		add(true, "--"+flag.name+" "+quoted(flag.value))
	}
	add(at.DisableUserWorkloadMonitoring != nil && *at.DisableUserWorkloadMonitoring, "--disable-workload-monitoring")
	add(at.ProvisionShardId != "", "--properties "+quoted("provision_shard_id:"+at.ProvisionShardId))
	add(true, "--channel-group "+quoted(at.Channel))
	return command
}

// word is what bash takes for one word as it stands.
var word = regexp.MustCompile(`^[A-Za-z0-9._:/,@%+=-]+$`)

func quoted(text string) string {
	if word.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
