package resources

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/alertmanager/config"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// validateJSON fails where a value in an object's data is not JSON.
func validateJSON(object map[string]any) error {
	data, ok := object["data"].(map[string]any)
	if !ok {
		return apierr.Errorf(apierr.Invalid, "validate_json is set, and the object has no data")
	}
	for _, name := range slices.Sorted(maps.Keys(data)) {
		text, ok := data[name].(string)
		if !ok || !json.Valid([]byte(text)) {
			return apierr.Errorf(apierr.Invalid, "data.%s is not JSON; correct it, or take validate_json off the entry", name)
		}
	}
	return nil
}

// validateAlertmanager fails where an object has no configuration of an Alertmanager under a key, or one that it would not
// take.
func validateAlertmanager(object map[string]any, key string, isSecret bool) error {
	isSecret = isSecret || object["kind"] == "Secret"
	data, inData := object["data"].(map[string]any)
	encoded := object["kind"] == "Secret" && inData
	if object["kind"] == "Secret" && !inData {
		data, _ = object["stringData"].(map[string]any)
	}
	text, ok := data[key].(string)
	if !ok {
		return errNoConfig(key)
	}
	if encoded {
		clear, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			return apierr.Errorf(apierr.Invalid, "data.%s is not base64", key)
		}
		text = string(clear)
	}
	return checkAlertmanager(text, isSecret)
}

func errNoConfig(key string) error {
	return apierr.Errorf(apierr.Invalid, "validate_alertmanager_config is set, and there is no key %s: add it, or name the right one as alertmanager_config_key", key)
}

// checkAlertmanager fails where an Alertmanager would not take the configuration. Of one with secrets the error says where
// it is wrong and shows no value.
func checkAlertmanager(text string, isSecret bool) error {
	if _, err := config.Load(text); err != nil {
		return apierr.Errorf(apierr.Invalid, "Alertmanager would not take this configuration, as amtool check-config shows: %s", said(err, isSecret))
	}
	return nil
}

// placed finds in an error's text the lines and the names of fields, which are no secrets.
var placed = regexp.MustCompile(`line \d+|field [\w.]+ not found|column \d+`)

// said is an error's text, or of an error about secrets what of it shows none.
func said(err error, isSecret bool) string {
	if !isSecret {
		return err.Error()
	}
	found := append(placed.FindAllString(err.Error(), -1), "(the rest of the message is withheld, it may show secret values)")
	return strings.Join(found, " ")
}
