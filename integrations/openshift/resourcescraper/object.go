package resourcescraper

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/vaultapi"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// object is one that is copied.
type object struct {
	name string
	data vaultapi.Data
}

// read takes the data of a live object as they stand there: those of a Secret stay in base64. An object without data, or
// with some that are no texts, is Invalid.
func read(live map[string]any) (object, error) {
	o := object{name: (&unstructured.Unstructured{Object: live}).GetName()}
	found, ok := live["data"].(map[string]any)
	if !ok {
		return o, apierr.Errorf(apierr.Invalid, "it has no data that could be copied")
	}
	fields := make(map[string]secret.Value, len(found))
	for key, value := range found {
		text, ok := value.(string)
		if !ok {
			return o, apierr.Errorf(apierr.Invalid, "its data.%s is no text", key)
		}
		fields[key] = secret.New(text)
	}
	o.data = vaultapi.Text(fields)
	return o, nil
}

// digest stands for data where they must not be shown.
func digest(data vaultapi.Data) string {
	fields := map[string]string{}
	for key, value := range data.Fields() {
		fields[key] = value.Reveal()
	}
	// A map of texts is always JSON, with its keys in order.
	text, _ := json.Marshal(fields)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
