package bundlediff

import (
	"maps"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/saas/internal/deployment"
	"github.com/app-sre/qontract-temporal/integrations/saas/internal/saasfile"
)

// Heading begins the comments that show comparisons. One that is there is replaced.
const Heading = "Diffs:"

// Comparisons are the pages of code hosts that compare the refs of targets in both bundles, in the order of their addresses.
// Changed are the files that the merge request touches: a saas file that differs and is not among them was changed by another
// one, which the base does not have yet.
//
// Differs from the reference: targets of one place are told apart by their names. There each is compared with all.
func Comparisons(base, head []saasfile.File, changed []string) []string {
	refs := map[string][]string{}
	for i := range base {
		for template, target := range base[i].Targets() {
			key := deployment.Key(&base[i], template, target)
			refs[key] = append(refs[key], target.Ref)
		}
	}
	links := map[string]bool{}
	for i := range head {
		file := &head[i]
		if !slices.ContainsFunc(changed, func(path string) bool { return strings.HasSuffix(path, file.Path) }) {
			continue
		}
		for template, target := range file.Targets() {
			for _, before := range refs[deployment.Key(file, template, target)] {
				if before != target.Ref {
					links[template.Url+"/compare/"+before+"..."+target.Ref] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(links))
}

// Comment shows comparisons. It is empty where there are none.
func Comment(comparisons []string) string {
	if len(comparisons) == 0 {
		return ""
	}
	return Heading + "\n- " + strings.Join(comparisons, "\n- ")
}
