package resources

import (
	"cmp"
	"encoding/json"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/appinterface"
)

// Item is one entry of openshiftResources. Which fields it has depends on the provider.
type Item struct {
	Provider string `json:"provider"`
	// File is the resource file, selected as `resource: path { content path schema }`.
	File File `json:"resource"`
	// Type is the engine of a template, whether and how rules are a template, or the type of a Secret.
	Type                       string            `json:"type"`
	Variables                  appinterface.JSON `json:"variables"`
	ValidateJSON               *bool             `json:"validate_json"`
	ValidateAlertmanagerConfig *bool             `json:"validate_alertmanager_config"`
	AlertmanagerConfigKey      string            `json:"alertmanager_config_key"`
	// EnableQuerySupport says that the template queries app-interface.
	EnableQuerySupport *bool `json:"enable_query_support"`
	// Path, Version, Name, Labels and Annotations are of a secret of Vault.
	Path        string            `json:"path"`
	Version     *int              `json:"version"`
	Name        string            `json:"name"`
	Labels      appinterface.JSON `json:"labels"`
	Annotations appinterface.JSON `json:"annotations"`
	// Tests are the paths of the tests of rules.
	Tests      []string `json:"tests"`
	TLSPath    string   `json:"vault_tls_secret_path"`
	TLSVersion *int     `json:"vault_tls_secret_version"`

	// seen is the entry as templates see it.
	seen map[string]any
}

// File is a file of app-interface's resources.
type File struct {
	Path    string `json:"path"`
	Content string `json:"content"`
	Schema  string `json:"schema"`
}

// there fails for the file of an entry that names none.
func (f File) there() error {
	if f.Path == "" {
		return apierr.Errorf(apierr.Invalid, "app-interface has no resource of the entry's path: add the file under resources, or correct the path")
	}
	return nil
}

// UnmarshalJSON reads an entry as a query answers it.
func (i *Item) UnmarshalJSON(data []byte) error {
	type fields Item
	if err := json.Unmarshal(data, (*fields)(i)); err != nil {
		return err
	}
	if i.Provider != ProviderTemplate && i.Provider != ProviderPrometheusRule {
		return nil
	}
	decoded, err := decode(data)
	i.seen, _ = decoded.(map[string]any)
	return err
}

// path names the entry in messages.
func (i Item) path() string { return cmp.Or(i.File.Path, i.Path, i.Provider) }

// stringMap reads a field that maps text to text.
func stringMap(name string, field appinterface.JSON) (map[string]any, error) {
	all := map[string]any{}
	if err := field.Decode(&all); err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "%s is not a map", name)
	}
	for key, value := range all {
		if _, ok := value.(string); !ok {
			return nil, apierr.Errorf(apierr.Invalid, "%s.%s is not text; write it with quotes", name, key)
		}
	}
	return all, nil
}
