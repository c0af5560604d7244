package accountmanager

import (
	"maps"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/plan"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

// accountRole is the role that AWS makes in each new account of an organisation, for the payer account to enter it.
const accountRole = "OrganizationAccountAccessRole"

// Names of flags.
const (
	accountName     = "account-name"
	flavor          = "flavor"
	tag             = "tag"
	userName        = "initial-user-name"
	userPolicy      = "initial-user-policy-arn"
	userSecret      = "initial-user-secret-vault-path"
	accountTemplate = "account-tmpl-resource"
	collectionRoot  = "template-collection-root-path"
)

// params are the reference's flags.
//
// Differs from the reference: a tag is given as one word, --tag KEY=VALUE, where the reference takes two.
func params() []reconcile.Param {
	return []reconcile.Param{
		{Name: accountName, Type: reconcile.String, Help: "only this account; of a payer account also the accounts of its organisation"},
		{Name: flavor, Type: reconcile.String, Default: "app-interface-commercial", Help: "name that keeps the state of several installations apart"},
		{Name: tag, Type: reconcile.Strings, Default: "managed-by=app-interface", Help: "tag of every account of an organisation, as KEY=VALUE"},
		{Name: userName, Type: reconcile.String, Default: "terraform", Help: "name of the user that is made in a new account"},
		{Name: userPolicy, Type: reconcile.String, Default: "arn:aws:iam::aws:policy/AdministratorAccess", Help: "ARN of the policy that is attached to this user"},
		{Name: userSecret, Type: reconcile.String, Default: "app-sre-v2/creds/terraform/{account_name}/config", Help: "path of the secret with this user's access key; {account_name} stands for the account's name"},
		{Name: accountTemplate, Type: reconcile.String, Default: "/aws-account-manager/account-tmpl.yml", Help: "resource with the template of an account's file"},
		{Name: collectionRoot, Type: reconcile.String, Default: "data/templating/collections/aws-account", Help: "folder of app-interface's repository for the files of new accounts"},
	}
}

// defaultTags are those of the flag.
func defaultTags(args plan.Args) (map[string]string, error) {
	tags := map[string]string{}
	for _, text := range args.Strings(tag) {
		key, value, ok := strings.Cut(text, "=")
		if !ok || key == "" {
			return nil, apierr.Errorf(apierr.Invalid, "--%s %q is no tag: write KEY=VALUE", tag, text)
		}
		tags[key] = value
	}
	return tags, nil
}

// settings are the flags as a template sees them: with the names that they have in Python, and texts made for the
// account.
func settings(args plan.Args, account string) (map[string]any, error) {
	tags, err := defaultTags(args)
	if err != nil {
		return nil, err
	}
	made := map[string]any{"account_name": nil, "organization_account_role": accountRole, "default_tags": anyValues(tags)}
	for _, p := range params() {
		if p.Type != reconcile.String || args.String(p.Name) == "" && p.Name == accountName {
			continue
		}
		text, err := forAccount(p.Name, args.String(p.Name), account)
		if err != nil {
			return nil, err
		}
		made[strings.ReplaceAll(p.Name, "-", "_")] = text
	}
	return made, nil
}

func anyValues(texts map[string]string) map[string]any {
	values := make(map[string]any, len(texts))
	for key, text := range maps.All(texts) {
		values[key] = text
	}
	return values
}

// forAccount puts the account's name into the value of a flag, which is a format string of Python's in which account_name
// is all that is known.
func forAccount(name, text, account string) (string, error) {
	var made strings.Builder
	for rest := text; rest != ""; {
		at := strings.IndexAny(rest, "{}")
		if at < 0 {
			at = len(rest)
		}
		made.WriteString(rest[:at])
		rest = rest[at:]
		const field = "{account_name}"
		switch {
		case rest == "":
		case strings.HasPrefix(rest, field):
			made.WriteString(account)
			rest = rest[len(field):]
		case strings.HasPrefix(rest, "{{"), strings.HasPrefix(rest, "}}"):
			made.WriteByte(rest[0])
			rest = rest[2:]
		default:
			return "", apierr.Errorf(apierr.Invalid, "--%s %q: {account_name} is the only name that may stand in braces; double a brace that is meant", name, text)
		}
	}
	return made.String(), nil
}
