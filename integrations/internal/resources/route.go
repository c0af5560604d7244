package resources

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/internal/namespaced"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/logging"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// tlsFields are the fields of spec.tls that come from Vault.
var tlsFields = [...]string{"termination", "insecureEdgeTerminationPolicy", "certificate", "key", "caCertificate", "destinationCACertificate"}

// route is the Route of a file, with the TLS fields that a secret of Vault has.
func (s *Source) route(ctx context.Context, item Item, wanted namespaced.Wanted) (namespaced.Body, error) {
	object, err := file(item, place{})
	if err != nil || item.TLSPath == "" || item.TLSVersion == nil {
		return made(object, err)
	}
	spec, ok := object["spec"].(map[string]any)
	if !ok {
		return namespaced.Body{}, apierr.Errorf(apierr.Invalid, "a route needs a spec that is a map")
	}
	kind, _ := object["kind"].(string)
	metadata, _ := object["metadata"].(map[string]any)
	if name, _ := metadata["name"].(string); !wanted(kind, name) {
		return namespaced.Body{}, nil
	}
	fields, err := s.Secrets.ReadAll(ctx, secret.Ref{Path: item.TLSPath, Version: item.TLSVersion})
	if err != nil {
		return namespaced.Body{}, err
	}
	tls, ok := spec["tls"].(map[string]any)
	if !ok {
		tls = map[string]any{}
		spec["tls"] = tls
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(tlsFields[:], name) {
			logging.From(ctx).Info("the route's secret has a field that routes do not have; it is left out", "secret", item.TLSPath, "field", name)
			continue
		}
		tls[name] = fields[name].Reveal()
	}
	host, _ := spec["host"].(string)
	certificate, _ := tls["certificate"].(string)
	if host != "" && certificate != "" {
		err = covers(certificate, host)
	}
	return namespaced.Body{Object: object, Secret: true}, err
}

// covers fails where a certificate in PEM, or the first of several, is not for the host: neither does the host end in the
// common name, nor do the alternative names have it.
//
// Differs from the reference: a certificate that names the host among its alternative names is for it. The reference looks
// at the common name alone, which certificates of today need not have.
func covers(text, host string) error {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return apierr.Errorf(apierr.Invalid, "the field certificate of the route's secret is not a certificate in PEM")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return apierr.Errorf(apierr.Invalid, "the certificate of the route's secret cannot be read: %w", err)
	}
	name := certificate.Subject.CommonName
	if name != "" && strings.HasSuffix(host, strings.ReplaceAll(name, "*.", "")) || certificate.VerifyHostname(host) == nil {
		return nil
	}
	return apierr.Errorf(apierr.Invalid, "the route's host %s is not one that the certificate is for (common name %q, alternative names %q): correct the host, or the secret in Vault",
		host, name, certificate.DNSNames)
}
