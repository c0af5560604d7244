package resources

// defaultRepository is where alerts link to without app-interface-settings.
const defaultRepository = "https://gitlab.cee.redhat.com/service/app-interface"

// linkAlerts gives each rule of a PrometheusRule that has annotations one more, html_url, which says where it is written. A
// rule of another form is left for the server to judge.
func linkAlerts(object map[string]any, url string) {
	spec, _ := object["spec"].(map[string]any)
	groups, _ := spec["groups"].([]any)
	for _, each := range groups {
		group, _ := each.(map[string]any)
		rules, _ := group["rules"].([]any)
		for _, each := range rules {
			rule, _ := each.(map[string]any)
			if annotations, _ := rule["annotations"].(map[string]any); len(annotations) > 0 {
				annotations["html_url"] = url
			}
		}
	}
}
