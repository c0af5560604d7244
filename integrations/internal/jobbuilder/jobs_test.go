package jobbuilder_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/app-sre/qontract-temporal/integrations/internal/jobbuilder"
	"github.com/app-sre/qontract-temporal/internal/apierr"
)

const templates = `
- job-template:
    name: '{org}-{repo}-build-{branch}'
    description: 'with {{braces}} and {nothing}'
    properties:
    - github: {url: 'https://{host}/{org}/{repo}.git/'}
    scm:
    - git: {url: 'https://{host}/{org}/{repo}', branches: ['{branch}']}
- job-template:
    id: check
    name: 'check-{repo}-{kind|pr}'
    properties: '{obj:owner}'
- job-group:
    name: both
    jobs: ['{org}-{repo}-build-{branch}', check: {kind: full}]
- defaults:
    name: global
    host: github.com
    branch: master
    owner: [github: {url: https://github.com/acme/all}]
- view: {name: all}

`

func TestExpand(t *testing.T) {
	built := func(name, branch string) jobbuilder.Job {
		return jobbuilder.Job{Name: name + "-build-" + branch, Repository: "https://github.com/acme/shop", Ref: branch}
	}
	for _, tc := range []struct {
		name, text string
		want       []jobbuilder.Job
	}{
		{"a job is itself", `[{job: {name: plain, properties: [{github: {url: "https://github.com/a/b/"}}], scm: [{git: {branches: [main, dev]}}]}}]`,
			[]jobbuilder.Job{{Name: "plain", Repository: "https://github.com/a/b", Ref: "main"}}},
		{"a job without code", `[{job: {name: plain, scm: [macro]}}]`, []jobbuilder.Job{{Name: "plain"}}},
		{"a template takes the project's variables before the defaults", `[{project: {name: p, org: acme, repo: shop, branch: main, jobs: ["{org}-{repo}-build-{branch}"]}}]`,
			[]jobbuilder.Job{built("acme-shop", "main")}},
		{"and those of the reference before the project's", `[{project: {name: p, org: acme, repo: other, jobs: [{"{org}-{repo}-build-{branch}": {repo: shop}}]}}]`,
			[]jobbuilder.Job{built("acme-shop", "master")}},
		{"lists are combined, without the excluded", `[{project: {name: p, org: acme, repo: shop, branch: [main, {v1: {host: github.com}}, v2], exclude: [{branch: v2}], jobs: ["{org}-{repo}-build-{branch}"]}}]`,
			[]jobbuilder.Job{built("acme-shop", "main"), built("acme-shop", "v1")}},
		{"variables may have variables", `[{project: {name: p, org: acme, repo: '{short}', short: shop, jobs: ["{org}-{repo}-build-{branch}"]}}]`,
			[]jobbuilder.Job{built("acme-shop", "master")}},
		{"a variable of a template may have a default, and objects are taken whole", `[{project: {name: p, repo: 7, jobs: [check]}}]`,
			[]jobbuilder.Job{{Name: "check-7-pr", Repository: "https://github.com/acme/all"}}},
		{"a group gives all its templates", `[{project: {name: p, org: acme, repo: shop, jobs: [both]}}]`,
			[]jobbuilder.Job{built("acme-shop", "master"), {Name: "check-shop-full", Repository: "https://github.com/acme/all"}}},
		{"a project may name a plain job", `[{job: {name: plain}}, {project: {name: p, jobs: [plain]}}]`, []jobbuilder.Job{{Name: "plain"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			jobs, err := jobbuilder.Expand([]jobbuilder.Config{{Text: tc.text}, {Text: templates}})
			require.NoError(t, err)
			require.Equal(t, tc.want, jobs)
		})
	}
}

func TestTheAppIsAVariable(t *testing.T) {
	jobs, err := jobbuilder.Expand([]jobbuilder.Config{{Text: `[{project: {name: p, jobs: ["{app_name}-build"]}}, {job-template: {name: "{app_name}-build"}}]`, App: "shop"}})
	require.NoError(t, err)
	require.Equal(t, []jobbuilder.Job{{Name: "shop-build"}}, jobs)
}

func TestWhatCannotBeExpanded(t *testing.T) {
	for text, want := range map[string]string{
		`{`:                                 "no list of items",
		`[{project: {name: p, jobs: [x]}}]`: "project p: there is no job or template x",
		`[{project: {name: p, jobs: [g]}}, {job-group: {name: g, jobs: [x]}}]`:                                "project p: group g: there is no job or template x",
		`[{project: {name: p, jobs: ["{x}-y"]}}, {job-template: {name: "{x}-y"}}]`:                            "job template {x}-y: name: the variable x has no value",
		`[{project: {name: p, jobs: ["y"]}}, {job-template: {name: "y", scm: [git: {branches: "{obj:b}"}]}}]`: "job template y: scm: the variable b has no value",
	} {
		_, err := jobbuilder.Expand([]jobbuilder.Config{{Text: text}})
		require.ErrorContains(t, err, want)
		require.True(t, apierr.Is(err, apierr.Invalid))
	}
}
