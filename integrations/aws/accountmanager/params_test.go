package accountmanager

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/internal/plan"
)

func TestANameIsPutIntoAFlag(t *testing.T) {
	for _, tc := range []struct{ text, want, err string }{
		{text: "a/{account_name}/b", want: "a/acme/b"},
		{text: "{account_name}{account_name}", want: "acmeacme"},
		{text: "{{account_name}}", want: "{account_name}"},
		{text: "plain", want: "plain"},
		{text: "", want: ""},
		{text: "a/{name}", err: "only name that may stand in braces"},
		{text: "a/}", err: "only name that may stand in braces"},
	} {
		made, err := forAccount("flag", tc.text, "acme")
		if tc.err != "" {
			require.ErrorContains(t, err, tc.err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, tc.want, made)
	}
}

func TestSettingsAreAsATemplateOfTheReferenceSeesThem(t *testing.T) {
	args, err := Definition().Args(plan.Args{})
	require.NoError(t, err)
	known, err := settings(args, "acme")
	require.NoError(t, err)
	require.Equal(t, map[string]any{
		"account_name":                   nil,
		"flavor":                         "app-interface-commercial",
		"organization_account_role":      "OrganizationAccountAccessRole",
		"default_tags":                   map[string]any{"managed-by": "app-interface"},
		"initial_user_name":              "terraform",
		"initial_user_policy_arn":        "arn:aws:iam::aws:policy/AdministratorAccess",
		"initial_user_secret_vault_path": "app-sre-v2/creds/terraform/acme/config",
		"account_tmpl_resource":          "/aws-account-manager/account-tmpl.yml",
		"template_collection_root_path":  "data/templating/collections/aws-account",
	}, known)
	_, err = settings(plan.Args{tag: {"nothing"}}, "acme")
	require.ErrorContains(t, err, "write KEY=VALUE")
}

func TestAFileIsRenderedFromTheRequest(t *testing.T) {
	a := Addition{
		TemplatePath: "/tmpl.yml",
		Template:     "name: {{ accountRequest.name }}\nuid: '{{ uid }}'\n{% if accountRequest.uid is none %}\nnew: {{ accountRequest.additionalFeatures.size }}\n{% endif %}\nuser: {{ settings.initial_user_name }}\nat: {{ timestamp }}\n",
		Request:      []byte(`{"name": "acme", "uid": null, "additionalFeatures": {"size": 3}}`),
		Settings:     map[string]any{"initial_user_name": "terraform"},
		Timestamp:    1700000000,
	}
	text, err := a.render("123456789012")
	require.NoError(t, err)
	require.Equal(t, "name: acme\nuid: '123456789012'\nnew: 3\nuser: terraform\nat: 1700000000\n", string(text))
	a.Template = "{{ nobody }}"
	_, err = a.render("1")
	require.ErrorContains(t, err, "/tmpl.yml")
}
