package payload

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"slices"
	"strings"

	"go.temporal.io/sdk/converter"

	"github.com/app-sre/qontract-temporal/internal/secret"
)

// ServerOptions say who may use a codec server.
type ServerOptions struct {
	// Origins are those of the web pages that may, such as https://temporal.example.
	Origins []string
	// Token is what requests carry as a bearer token; the zero Value lets everybody in.
	Token secret.Value
}

// mostBody bounds a request. A page of a history has less than 4 MiB.
const mostBody = 32 << 20

// Server answers what Temporal's UI and command line ask a codec server: POST /decode, /encode and /download, also
// below /<namespace>, with payloads as JSON. /decode fetches what is in the store, unless the query says
// preserveStorageRefs=true; /download fetches that alone. See https://docs.temporal.io/codec-server.
func (p *Pipeline) Server(o ServerOptions) (http.Handler, error) {
	handler, err := converter.NewPayloadHTTPHandler(converter.PayloadHTTPHandlerOptions{
		PreStorageCodecs: p.codecs, ExternalStorage: p.external(),
	})
	if err != nil {
		return nil, err
	}
	handler = http.MaxBytesHandler(handler, mostBody)
	return shared(o.Origins, authorised(o.Token, handler)), nil
}

// shared lets the pages of the origins in and refuses those of others, also of one that has come to name this address.
func shared(origins []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if origin != "" {
			w.Header().Set("Vary", "Origin")
			if !slices.Contains(origins, origin) {
				http.Error(w, "pages of "+origin+" may not use this codec server; see --origin", http.StatusForbidden)
				return
			}
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Access-Control-Allow-Credentials", "true")
			w.Header().Set("Access-Control-Allow-Methods", "POST")
			w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Namespace")
		}
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// authorised lets requests in that carry the token.
func authorised(token secret.Value, next http.Handler) http.Handler {
	if token.Reveal() == "" {
		return next
	}
	want := sha256.Sum256([]byte(token.Reveal()))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got := sha256.Sum256([]byte(given))
		if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "expected the bearer token of this codec server", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}
