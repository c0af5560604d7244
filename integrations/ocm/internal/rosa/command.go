package rosa

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
)

// Command is a script of the ROSA command line for an account. Who runs it is logged in to OCM and AWS.
type Command struct {
	Account Account
	// Script is what bash runs.
	Script string
	// Annotations are put on the Job besides those that name the account.
	Annotations map[string]string
}

// The annotations of Jobs. The reference's are the same.
const (
	accountAnnotation      = "qontract.rosa.aws_account_id"
	regionAnnotation       = "qontract.rosa.aws_region"
	organizationAnnotation = "qontract.rosa.ocm_org_id"
	// ClusterAnnotation names the cluster of a command that is about one, by its ID in OCM.
	ClusterAnnotation    = "qontract.rosa.cluster_id"
	generationAnnotation = "qontract-reconcile/job.generation"
)

// name is that of the command's Job, the same for all commands that do the same in the same place.
//
// Differs from the reference: the digits are those of a hash of our own. The reference's are of DeepDiff's, which are others
// in other releases of it.
func (c Command) name(s Settings) string {
	return "rosa-cli-" + digest(map[string]string{
		"cmd": c.Script, "aws_account_id": c.Account.UID, "aws_region": c.Account.Region, "image": s.Image, "service_account": s.ServiceAccount,
	})
}

// digest is a short hash of a value.
func digest(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])[:10]
}

func (c Command) annotations() map[string]any {
	all := map[string]any{accountAnnotation: c.Account.UID, regionAnnotation: c.Account.Region, organizationAnnotation: c.Account.Organization}
	for name, value := range maps.All(c.Annotations) {
		all[name] = value
	}
	return all
}

const (
	scriptsPath = "/scripts"
	// scriptFile and tokenVariable are the fields of the Job's Secret.
	scriptFile    = "execute.sh"
	tokenVariable = "OCM_TOKEN"
	// awsSecret is the Secret in the namespace with the credentials that may assume the role in the account.
	awsSecret = "rosa-automation-sts-iam"
	awsFile   = "/.config/aws-credentials"
	// keptFor is for how long Kubernetes keeps a Job that has ended, in seconds.
	keptFor = 3600
)

// assume adds to the credentials a profile that assumes the role.
const assume = `cp "$AWS_SHARED_CREDENTIALS_FILE" ` + awsFile + ` && ` +
	`printf '\n[default]\nsource_profile = jump-role\nrole_arn = %s\nrole_session_name = rosa-automation\n' "$ROLE_ARN" >> ` + awsFile

// job is the body of the command's Job. Its pod waits for the Secret of the same name.
func (c Command) job(s Settings) map[string]any {
	name := c.name(s)
	env := []any{
		variable("AWS_SHARED_CREDENTIALS_FILE", awsFile),
		variable("AWS_REGION", c.Account.Region),
		map[string]any{"name": tokenVariable, "valueFrom": map[string]any{"secretKeyRef": map[string]any{"name": name, "key": tokenVariable}}},
	}
	workdir := map[string]any{"name": "workdir", "mountPath": "/.config"}
	token := map[string]any{"name": "bound-sa-token", "mountPath": "/var/run/secrets/openshift/serviceaccount", "readOnly": true}
	container := func(name string, command, args, env []any, mounts ...any) map[string]any {
		return map[string]any{"name": name, "image": s.Image, "command": command, "args": args, "env": env, "volumeMounts": mounts}
	}
	spec := map[string]any{
		"backoffLimit": int64(1), "ttlSecondsAfterFinished": int64(keptFor),
		"template": map[string]any{
			"metadata": map[string]any{"annotations": c.annotations()},
			"spec": map[string]any{
				"restartPolicy": "Never", "serviceAccountName": s.ServiceAccount,
				"initContainers": []any{
					container("prepare-aws-creds", []any{"/bin/bash"}, []any{"-c", assume}, []any{
						variable("AWS_SHARED_CREDENTIALS_FILE", "/jump-role/credentials"), variable("HOME", "/tmp"),
						variable("ROLE_ARN", "arn:aws:iam::"+c.Account.UID+":role/"+s.Role),
					}, map[string]any{"name": "aws-credentials", "mountPath": "/jump-role"}, workdir),
					container("rosa-login", []any{"/bin/bash", "-c"}, []any{"rosa login"}, env, workdir, token),
				},
				"containers": []any{
					container("rosa-cli", []any{"/bin/bash"}, []any{scriptsPath + "/" + scriptFile}, env, workdir,
						map[string]any{"name": "workdir", "mountPath": "/.aws"}, token, map[string]any{"name": name, "mountPath": scriptsPath}),
				},
				"volumes": []any{
					map[string]any{"name": "aws-credentials", "secret": map[string]any{"secretName": awsSecret}},
					map[string]any{"name": "bound-sa-token", "projected": map[string]any{"sources": []any{map[string]any{
						"serviceAccountToken": map[string]any{"audience": "openshift", "expirationSeconds": int64(3600), "path": "token"},
					}}}},
					map[string]any{"name": "workdir", "emptyDir": map[string]any{"sizeLimit": "10Mi"}},
					map[string]any{"name": name, "secret": map[string]any{"secretName": name, "items": []any{map[string]any{"key": scriptFile, "path": scriptFile}}}},
				},
			},
		},
	}
	annotations := c.annotations()
	annotations[generationAnnotation] = digest(spec)
	return map[string]any{
		"apiVersion": "batch/v1", "kind": "Job", "metadata": map[string]any{"name": name, "annotations": annotations}, "spec": spec,
	}
}

func variable(name, value string) map[string]any { return map[string]any{"name": name, "value": value} }

// secret is the body of the Secret that the Job needs, which goes with it.
func (c Command) secret(s Settings, token, job string) map[string]any {
	name := c.name(s)
	return map[string]any{
		"apiVersion": "v1", "kind": "Secret", "stringData": map[string]any{tokenVariable: token, scriptFile: c.Script},
		"metadata": map[string]any{
			"name": name, "annotations": c.annotations(),
			"ownerReferences": []any{map[string]any{"apiVersion": "batch/v1", "kind": "Job", "name": name, "uid": job}},
		},
	}
}
