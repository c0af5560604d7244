package filevalidator

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saastest"
	"github.com/app-sre/qontract-temporal/internal/reconcile"
)

const sha = "2637b6c41bda7731b1bcaaf18b4a50d7c5e63e30"

// shop is a saas file that keeps all rules, with one target, TARGET, and FILE among its own fields.
const shop = `{
	"name": "NAME", "path": "/shop.yml", "app": {"name": "shop", "selfServiceRoles": [{"name": "owners"}], "parentApp": {"name": "store"}},
	"pipelinesProvider": {"name": "pipelines", "provider": "tekton", "namespace": {"name": "pipelines", "cluster": {"name": "east"}}, "defaults": {"pipelineTemplates": {"openshiftSaasDeploy": {"name": "deploy"}}}},
	"managedResourceTypes": [], "imagePatterns": [], FILE
	"resourceTemplates": [{"name": "api", "url": "https://github.com/acme/shop", "path": "/deploy.yml", TEMPLATE "targets": [{"ref": "main", "namespace": {
		"name": "shop-stage", "environment": {"name": "ENV", ENVIRONMENT "labels": {}}, "app": {"name": "APP"}, "cluster": {"name": "east"}
	}}]}]
}`

type variant map[string]string

// with is the saas file with what stands for the words in capitals, and target's fields in its target.
func with(t *testing.T, v variant, target string) saasfile.File {
	text := shop
	for word, initial := range map[string]string{"NAME": "saas-shop", "FILE": "", "TEMPLATE": "", "ENVIRONMENT": "", "ENV": "stage", "APP": "shop"} {
		if given, there := v[word]; there {
			initial = given
		}
		text = strings.ReplaceAll(text, `"`+word+`"`, `"`+initial+`"`)
		text = strings.ReplaceAll(text, word+" ", initial+" ")
		text = strings.ReplaceAll(text, word+"\n", initial+"\n")
	}
	if target != "" {
		text = strings.Replace(text, `"ref": "main",`, target+",", 1)
	}
	file, err := saastest.File(t, []byte(text))
	require.NoError(t, err)
	return file
}

func told(made *findings) []string {
	var all []string
	for _, finding := range made.all {
		all = append(all, finding.Subject+": "+finding.Message)
	}
	return all
}

func TestRulesOfOneFile(t *testing.T) {
	secretAt := func(path string) string {
		return `"secretParameters": [{"name": "login", "secret": {"path": "` + path + `", "field": "f"}}],`
	}
	upstream := `"upstream": {"instance": {"name": "ci", "serverUrl": "https://ci"}, "name": "build"}`
	images := `"images": [{"name": "shop", "org": {"name": "acme", "instance": {"url": "quay.io"}}}]`
	promotion := func(fields string) string { return `"ref": "` + sha + `", "promotion": {` + fields + `}` }
	for _, tc := range []struct {
		name   string
		v      variant
		target string
		want   string
	}{
		{"a sound file", nil, "", ""},
		{"an upstream job for a branch", nil, `"ref": "main", ` + upstream, ""},
		{"an upstream job for a commit", nil, `"ref": "` + sha + `", ` + upstream, "is a commit, which no build changes"},
		{"an upstream job and images", nil, `"ref": "main", ` + upstream + "," + images, "it has an upstream job and images"},
		{"images for a commit", nil, `"ref": "` + sha + `", ` + images, "is a commit, which has one tag for ever"},
		{"images for a branch", nil, `"ref": "main", ` + images, ""},
		{"an automatic promotion of a commit", nil, promotion(`"auto": true`), ""},
		{"of a branch", nil, `"ref": "main", "promotion": {"auto": true}`, "its ref main is no commit"},
		{"a promotion by hand of a branch", nil, `"ref": "main", "promotion": {"publish": ["c"]}`, ""},
		{"promotion data for what it subscribes to", nil, promotion(`"auto": true, "subscribe": ["c"], "promotion_data": [{"channel": "c"}]`), ""},
		{"promotion data for another channel", nil, promotion(`"auto": true, "subscribe": ["c"], "promotion_data": [{"channel": "d"}]`), "promotion_data for channel d"},
		{"promotion data for none", nil, promotion(`"auto": true, "subscribe": ["c"], "promotion_data": [{"channel": null}]`), "promotion_data for channel (none)"},
		{"by hand they do not matter", nil, promotion(`"subscribe": ["c"], "promotion_data": [{"channel": "d"}]`), ""},
		{"an IMAGE_TAG of its own", nil, `"ref": "main", "parameters": {"IMAGE_TAG": "2637b6c"}`, ""},
		{"an IMAGE_TAG that is the ref's", nil, `"ref": "` + sha + `", "parameters": {"IMAGE_TAG": "2637b6c"}`, "IMAGE_TAG is the beginning of the ref"},
		{"and one that is a number", nil, `"ref": "` + sha + `", "parameters": {"IMAGE_TAG": 2637}`, "IMAGE_TAG is the beginning of the ref"},
		{"a secret below what is allowed", variant{"FILE": `"allowedSecretParameterPaths": ["foobar"],` + secretAt("foobar/baz")}, "", ""},
		{"a name that begins alike is not below", variant{"FILE": `"allowedSecretParameterPaths": ["foo"],` + secretAt("foobar/baz")}, "", "the saas file: the secret parameter login is at foobar/baz"},
		{"deeper paths", variant{"TEMPLATE": secretAt("foo/bar/baz"), "FILE": `"allowedSecretParameterPaths": ["foo/bar"],`}, "", ""},
		{"other folders between", variant{"TEMPLATE": secretAt("foo/baz/bar"), "FILE": `"allowedSecretParameterPaths": ["foo/bar"],`}, "", "resource template api: the secret parameter login is at foo/baz/bar"},
		{"secrets of a target", variant{"FILE": `"allowedSecretParameterPaths": ["foo"],`}, `"ref": "main", ` + strings.TrimSuffix(secretAt("bar"), ","), "target east/shop-stage: the secret parameter login is at bar"},
		{"secrets of the environment", variant{"ENVIRONMENT": secretAt("bar"), "FILE": `"allowedSecretParameterPaths": ["foo"],`}, "", "environment stage: the secret parameter login is at bar"},
		{"secrets where nothing is allowed", variant{"ENVIRONMENT": secretAt("bar")}, "", "no allowedSecretParameterPaths"},
		{"a namespace of another app", variant{"FILE": `"validateTargetsInApp": true,`, "APP": "other"}, "", "the namespace belongs to app other"},
		{"of the parent app", variant{"FILE": `"validateTargetsInApp": true,`, "APP": "store"}, "", ""},
		{"of another app where nobody minds", variant{"APP": "other"}, "", ""},
		{"a parameter that repeats the environment's", variant{"ENVIRONMENT": `"parameters": {"DOMAIN": "example.com"},`}, `"ref": "main", "parameters": {"HOST": "api.example.com"}`, "HOST repeats DOMAIN of environment stage: write api.${DOMAIN}"},
		{"under the same name", variant{"ENVIRONMENT": `"parameters": {"DOMAIN": "example.com"},`}, `"ref": "main", "parameters": {"DOMAIN": "example.com"}`, "DOMAIN repeats DOMAIN of environment stage: remove it"},
		{"values without a dot are too common", variant{"ENVIRONMENT": `"parameters": {"SIZE": "small", "PORT": 80, "ON": true},`}, `"ref": "main", "parameters": {"KIND": "small", "PORT": 80}`, ""},
		{"a parameter in its own value", variant{"ENVIRONMENT": `"parameters": {"SIZE": "small"},`}, `"ref": "main", "parameters": {"HOST": "api.${HOST}"}`, "HOST stands in its own value"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file := with(t, tc.v, tc.target)
			made := &findings{told: map[reconcile.Finding]bool{}}
			check(made, &file)
			if tc.want == "" {
				require.Empty(t, told(made))
				return
			}
			require.Len(t, told(made), 1)
			require.Contains(t, told(made)[0], tc.want)
		})
	}

	file := with(t, nil, "")
	file.App.SelfServiceRoles = nil
	made := &findings{told: map[reconcile.Finding]bool{}}
	check(made, &file)
	require.Equal(t, []string{"saas file saas-shop: app shop has no self-service roles: give it one, so that somebody may change the saas file"}, told(made))
}

func TestRulesAcrossFiles(t *testing.T) {
	promoting := func(name, fields string) saasfile.File {
		return with(t, variant{"NAME": name}, `"ref": "main", "promotion": {`+fields+`}`)
	}
	elsewhere := promoting("b", `"subscribe": ["c"]`)
	elsewhere.ResourceTemplates[0].Url = "https://github.com/acme/other"
	twice := promoting("a", `"publish": ["c", "c"]`)
	long := strings.Repeat("long-", 11)
	for _, tc := range []struct {
		name   string
		files  []saasfile.File
		faults []saasfile.Fault
		want   []string
	}{
		{"files of different names", []saasfile.File{with(t, nil, ""), with(t, variant{"NAME": "b"}, "")}, nil, nil},
		{"two of one name", []saasfile.File{with(t, nil, ""), with(t, nil, "")}, nil, []string{"its name is not unique: /shop.yml, /shop.yml"}},
		{"one with a faulty one", []saasfile.File{with(t, nil, "")}, []saasfile.Fault{{File: "saas-shop", Path: "/faulty.yml"}}, []string{"its name is not unique: /shop.yml, /faulty.yml"}},
		{"names that are cut alike", []saasfile.File{with(t, variant{"NAME": long, "ENV": "stage"}, ""), with(t, variant{"NAME": long, "ENV": "staging"}, "")}, nil, []string{"its name is not unique", "are named"}},
		{"a channel with publisher", []saasfile.File{promoting("a", `"publish": ["c"]`), promoting("b", `"subscribe": ["c"]`)}, nil, nil},
		{"a channel without", []saasfile.File{promoting("b", `"subscribe": ["c"]`)}, nil, []string{"no target publishes to channel c"}},
		{"a channel of a faulty file", []saasfile.File{promoting("b", `"subscribe": ["c"]`)}, []saasfile.Fault{{File: "a", Publishes: []string{"c"}}}, nil},
		{"a target that publishes twice", []saasfile.File{twice}, nil, []string{"it publishes to channel c more than once"}},
		{"promotion to another repository", []saasfile.File{promoting("a", `"publish": ["c"]`), elsewhere}, nil, []string{"where resource template api of /shop.yml publishes commits of https://github.com/acme/shop"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			set := saasfile.Set{Files: tc.files, Faults: tc.faults}
			made := &findings{told: map[reconcile.Finding]bool{}}
			names(made, set)
			channels(made, set)
			all := told(made)
			require.Len(t, all, len(tc.want))
			for i, want := range tc.want {
				require.Contains(t, all[i], want)
			}
		})
	}
}

func TestRepositoriesAndPatterns(t *testing.T) {
	file := with(t, nil, "")
	file.ImagePatterns = []string{"quay.io/acme/shop", "quay.io/gone", "quay.io", "registry.example.com/other"}
	set := saasfile.Set{Files: []saasfile.File{file}}
	made := &findings{told: map[reconcile.Finding]bool{}}
	repositories(made, set, []app{{CodeComponents: []component{{Url: "https://github.com/acme/shop"}}}})
	require.Empty(t, told(made))
	repositories(made, set, nil)
	patterns(made, set, []quayInstance{{Url: "quay.io"}}, []quayOrg{{Name: "acme", Instance: quayInstance{Url: "quay.io"}}, {Name: "gone", Instance: quayInstance{Url: "other"}}})
	require.Equal(t, []string{
		"saas file saas-shop: no app has the repository https://github.com/acme/shop among its codeComponents: add it to one",
		"saas file saas-shop: the image pattern quay.io/gone is of the organisation gone, which app-interface does not have in quay.io: add a quay-org datafile",
	}, told(made))
}

func TestUpstreamJobs(t *testing.T) {
	job := func(name, url, ref string) string {
		return `{"job": {"name": "` + name + `", "properties": [{"github": {"url": "` + url + `"}}], "scm": [{"git": {"branches": ["` + ref + `"]}}]}}`
	}
	right := job("shop-build", "https://github.com/acme/shop.git", "main")
	for _, tc := range []struct{ name, ref, instance, jobs, want string }{
		{"a job that builds the ref", "main", "ci", right, ""},
		{"a job that builds another ref", "main", "ci", job("shop-build", "https://github.com/acme/shop", "dev") + "," + job("other-build", "https://github.com/acme/shop", "main"), "ci/shop-build builds something else than main of https://github.com/acme/shop: use ci/other-build"},
		{"of two with one name one is enough", "main", "ci", job("shop-build", "https://github.com/acme/shop", "dev") + "," + right, ""},
		{"no job", "main", "ci", "", "ci/shop-build does not exist: add a job that does, or remove upstream"},
		{"a job that does not build", "main", "ci", job("shop-check", "https://github.com/acme/shop", "main"), "does not exist"},
		{"a job of another instance", "main", "other", right, "ci/shop-build does not exist: use other/shop-build"},
		{"a job without code", "main", "ci", `{"job": {"name": "shop-build"}}`, "builds something else"},
		{"commits are not built", sha, "ci", "", ""},
		{"jobs that cannot be expanded", "main", "ci", `{"project": {"name": "p", "jobs": ["gone"]}}`, "Jenkins ci: the configurations of its jobs cannot be expanded: project p: there is no job or template gone"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file := with(t, nil, `"ref": "`+tc.ref+`", "upstream": {"instance": {"name": "ci", "serverUrl": "https://ci"}, "name": "shop-build"}`)
			config := jenkinsConfig{ConfigPath: &configFile{Content: "[" + tc.jobs + "]"}}
			config.Instance.Name = tc.instance
			made := &findings{told: map[reconcile.Finding]bool{}}
			upstream(made, saasfile.Set{Files: []saasfile.File{file}}, []jenkinsConfig{config})
			if tc.want == "" {
				require.Empty(t, told(made))
				return
			}
			require.Len(t, told(made), 1)
			require.Contains(t, told(made)[0], tc.want)
		})
	}
}
