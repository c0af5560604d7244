package secret

import (
	"encoding/base64"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Decode returns what is stored in the form that the ref's format says: "base64" is decoded, "plain" and none are as they
// are. It is Invalid where the format is another one or does not fit.
func Decode(ref Ref, stored Value) (Value, error) {
	switch ref.Format {
	case "", "plain":
		return stored, nil
	case "base64":
		clear, err := base64.StdEncoding.DecodeString(stored.Reveal())
		if err != nil {
			return Value{}, apierr.Errorf(apierr.Invalid, "secret %s is not base64: encode it, or take the format off the reference in app-interface", ref)
		}
		return New(string(clear)), nil
	default:
		return Value{}, apierr.Errorf(apierr.Invalid, "secret %s has the unknown format %q: use plain or base64", ref, ref.Format)
	}
}
