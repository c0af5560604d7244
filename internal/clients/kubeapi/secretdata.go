package kubeapi

import (
	"encoding/base64"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// base64Suffix ends the names of fields whose values are base64 already.
const base64Suffix = "_qb64"

var secretKey = regexp.MustCompile(`^[-._a-zA-Z0-9]+$`)

// SecretData are the fields of a secret of Vault as the data of a Secret. A field whose name ends in _qb64 is in base64 already,
// and the ending is no part of the key. Errors are Invalid, and show no value.
func SecretData(fields map[string]secret.Value) (map[string]any, error) {
	data := make(map[string]any, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if name == externalResourcesUpdatedAt {
			continue
		}
		if !secretKey.MatchString(name) {
			return nil, apierr.Errorf(apierr.Invalid, "%q cannot be a key of a Secret: rename the field in Vault to letters, digits, '-', '_' and '.'", name)
		}
		value := fields[name].Reveal()
		if !strings.HasSuffix(strings.ToLower(name), base64Suffix) {
			data[name] = base64.StdEncoding.EncodeToString([]byte(value))
			continue
		}
		encoded := strings.ReplaceAll(value, "\n", "")
		if _, err := base64.StdEncoding.DecodeString(encoded); err != nil {
			return nil, apierr.Errorf(apierr.Invalid, "the value of %q is not base64: encode it in Vault, or take %s off the field's name", name, base64Suffix)
		}
		key := name[:len(name)-len(base64Suffix)]
		if _, twice := data[key]; twice || key == "" {
			return nil, apierr.Errorf(apierr.Invalid, "the field %q would be the key %q, which is empty or there already: rename it in Vault", name, key)
		}
		data[key] = encoded
	}
	return data, nil
}
