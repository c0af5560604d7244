package clusters

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// rosaFile is a datafile of a cluster of ROSA's.
func rosaFile(hosted bool, change func(*specClusterSpecROSAV1)) file {
	off := true
	fields := &specClusterSpecROSAV1{
		Product: "rosa", Hypershift: &hosted, Provider: "aws", Region: "us-east-1", Channel: "stable", Version: "4.10.16", InitialVersion: "4.8.10",
		DisableUserWorkloadMonitoring: &off, SubnetIds: []string{"subnet-a", "subnet-b"}, Account: &account{Uid: "249118421612"},
	}
	change(fields)
	return file{
		Path: "/r.yml", Name: "r-1", Ocm: &manager{Name: "ocm", OrgId: "org-1"}, Spec: fields, MachinePools: []machinePool{{Id: "worker", InstanceType: "m5.xlarge"}},
		Network: &network{Vpc: "10.0.0.0/16", Service: "172.30.0.0/16", Pod: "10.128.0.0/14"},
	}
}

// ran are the commands of rosa and aws that bash runs for a script. The account has no OIDC provider at first.
func ran(t *testing.T, script string) []string {
	t.Helper()
	const double = `
rosa() {
  echo "rosa $*" >&2
  if [[ "$1 $2" == "list oidc-provider" ]]; then
    if [[ -e "$SEEN" ]]; then echo '[{"arn": "arn:aws:iam::1:oidc-provider/x/oidc-1"}]'; else touch "$SEEN"; echo '[]'; fi
  elif [[ "$1 $2" == "list account-roles" ]]; then echo '[{"RoleType": "Worker", "RoleARN": "w"}, {"RoleType": "Installer", "RoleARN": "arn:installer"}]'
  fi
}
aws() { echo '{"Organization": {"MasterAccountId": "payer"}}'; }
jq() {
  local text; text=$(cat)
  case "$*" in
    *MasterAccountId*) echo payer ;;
    *Installer*) echo arn:installer ;;
    *) if [[ "$text" == "[]" ]]; then echo; else echo oidc-1; fi ;;
  esac
}
`
	cmd := exec.CommandContext(t.Context(), "bash", "-c", double+script)
	cmd.Env = append(cmd.Environ(), "SEEN="+t.TempDir()+"/seen")
	var commands strings.Builder
	cmd.Stderr = &commands
	require.NoError(t, cmd.Run(), commands.String())
	return strings.Split(strings.TrimSpace(commands.String()), "\n")
}

func TestScriptsOfClusters(t *testing.T) {
	const (
		find  = "rosa list oidc-provider -o json"
		roles = "rosa list account-roles --region us-east-1 -o json"
	)
	begin := func(kind string) []string {
		return []string{"rosa init", "rosa create ocm-role --admin -y -m auto", "rosa create account-roles " + kind + " -y -m auto", "rosa create user-role -y -m auto"}
	}
	const place = "--region us-east-1 --version 4.8.10 --machine-cidr 10.0.0.0/16 --service-cidr 172.30.0.0/16 --pod-cidr 10.128.0.0/14 --host-prefix 23 --replicas 1 --compute-machine-type m5.xlarge"
	hosted := func(billing, private, off, shard string) []string {
		return append(begin("--hosted-cp"), find, "rosa create oidc-config -m auto -y", find, roles,
			"rosa create operator-roles --prefix r-1 --oidc-config-id oidc-1 --hosted-cp --installer-role-arn arn:installer -m auto -y",
			"rosa create cluster --cluster-name=r-1 --billing-account "+billing+" --sts --hosted-cp"+private+
				" --oidc-config-id oidc-1 --operator-roles-prefix r-1 --subnet-ids subnet-a,subnet-b "+place+off+shard+" --channel-group stable")
	}
	const off = " --disable-workload-monitoring"
	for _, tc := range []struct {
		name   string
		hosted bool
		change func(*specClusterSpecROSAV1)
		want   []string
	}{
		{"a hosted control plane", true, func(*specClusterSpecROSAV1) {}, hosted("payer", "", off, "")},
		{"with a shard", true, func(f *specClusterSpecROSAV1) { f.ProvisionShardId = "s-1" }, hosted("payer", "", off, " --properties provision_shard_id:s-1")},
		{"private", true, func(f *specClusterSpecROSAV1) { f.Private, f.MultiAz = true, true }, hosted("payer", " --private", off, "")},
		{"with monitoring", true, func(f *specClusterSpecROSAV1) { *f.DisableUserWorkloadMonitoring = false }, hosted("payer", "", "", "")},
		{
			"with an account that pays", true,
			func(f *specClusterSpecROSAV1) {
				f.Account.BillingAccount = &accountBillingAccountAWSAccountV1{Uid: "123456789"}
			},
			hosted("123456789", "", off, ""),
		},
		{
			"with an OIDC provider", true, func(f *specClusterSpecROSAV1) { f.OidcEndpointUrl = "https://rh-oidc.s3.us-east-1.amazonaws.com/abc" },
			append(begin("--hosted-cp"), roles,
				"rosa create operator-roles --prefix r-1 --oidc-config-id abc --hosted-cp --installer-role-arn arn:installer -m auto -y",
				"rosa create cluster --cluster-name=r-1 --billing-account payer --sts --hosted-cp --oidc-config-id abc --operator-roles-prefix r-1 --subnet-ids subnet-a,subnet-b "+place+off+" --channel-group stable"),
		},
		{
			"a classic one", false, func(f *specClusterSpecROSAV1) { f.Private, f.MultiAz = true, true },
			append(begin("--classic"), find, "rosa create oidc-config -m auto -y", find, roles,
				"rosa create operator-roles --prefix r-1 --oidc-config-id oidc-1 --installer-role-arn arn:installer -m auto -y",
				"rosa create cluster --cluster-name=r-1 -y --sts --private --private-link --multi-az --oidc-config-id oidc-1 --operator-roles-prefix r-1 --subnet-ids subnet-a,subnet-b "+place+off+" --channel-group stable"),
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			script, err := rosaFile(tc.hosted, tc.change).script()
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(script, "#!/bin/bash\nset -e\nset -o pipefail\n"))
			require.Equal(t, tc.want, ran(t, script))
		})
	}
}

func TestAScriptRunsNothingThatADatafileSmugglesIn(t *testing.T) {
	script, err := rosaFile(true, func(f *specClusterSpecROSAV1) { f.Channel = "stable'; rosa delete cluster; echo '" }).script()
	require.NoError(t, err)
	commands := ran(t, script)
	require.Contains(t, commands[len(commands)-1], "--channel-group stable'; rosa delete cluster; echo '")
}

func TestWhatAScriptNeeds(t *testing.T) {
	for says, change := range map[string]func(*specClusterSpecROSAV1){
		"no account":    func(f *specClusterSpecROSAV1) { f.Account = nil },
		"no subnet_ids": func(f *specClusterSpecROSAV1) { f.SubnetIds = nil },
	} {
		_, err := rosaFile(true, change).script()
		require.ErrorContains(t, err, says)
	}
	bare := rosaFile(true, func(*specClusterSpecROSAV1) {})
	bare.MachinePools = nil
	_, err := bare.script()
	require.ErrorContains(t, err, "no machine pool")
}
