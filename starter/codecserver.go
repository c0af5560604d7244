package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// envCodecToken stands in for --token.
const envCodecToken = "QONTRACT_CODEC_TOKEN"

func (p *program) codecServerCommand() *cobra.Command {
	var listen, token string
	var origins []string
	cmd := &cobra.Command{
		Use:   "codec-server",
		Short: "Show Temporal's UI and command line what compressed, encrypted and stored payloads say",
		Long: "codec-server answers /decode, /encode and /download as Temporal's UI and command line ask for them. It needs the store and the keys\n" +
			"of the workers. Put its address into the UI (the glasses at the top, or TEMPORAL_CODEC_ENDPOINT of the UI's server), or pass it as --codec-endpoint.\n" +
			"Whoever reaches it reads payloads: without a token it serves this machine only. Serve it through a proxy that speaks TLS.",
		Example: "  starter codec-server --origin http://localhost:8233\n" +
			"  starter codec-server --listen :8234 --origin https://temporal.example --token file:/run/secrets/codec-token\n" +
			"  temporal workflow show -w openshift-namespaces --codec-endpoint http://localhost:8234",
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o := payload.ServerOptions{Origins: origins}
			for _, origin := range origins {
				if strings.HasSuffix(origin, "/") {
					return usageError{fmt.Errorf("--origin %s: an origin has no path, and no slash at its end", origin)}
				}
			}
			if ref := codecToken(token); ref != "" {
				var err error
				if o.Token, err = secret.FromReference(ref); err != nil {
					return usageError{fmt.Errorf("--token: %w", err)}
				}
			} else if !loopback(listen) {
				return usageError{fmt.Errorf("--listen %s: other machines reach this address, so --token is needed (or %s)", listen, envCodecToken)}
			}
			return p.serveCodec(cmd.Context(), listen, o)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "localhost:8234", "address to serve at")
	cmd.Flags().StringSliceVar(&origins, "origin", []string{"http://localhost:8233", "http://127.0.0.1:8233"}, "origin of the UI's pages; may be given several times")
	cmd.Flags().StringVar(&token, "token", "", "where the bearer token is that requests need, file:PATH or env:NAME (default env:"+envCodecToken+" where that is set)")
	return cmd
}

// codecToken is the reference to the token, or "".
func codecToken(flag string) string {
	if flag == "" && os.Getenv(envCodecToken) != "" {
		return "env:" + envCodecToken
	}
	return flag
}

// loopback says whether only this machine reaches the address.
func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (p *program) serveCodec(ctx context.Context, listen string, o payload.ServerOptions) error {
	payloads, err := payload.Open(ctx, p.dial.Payloads)
	if err != nil {
		return err
	}
	handler, err := payloads.Server(o)
	if err == nil {
		err = p.listen(ctx, listen, "the payloads of "+payloads.Store(), "", handler)
	}
	return errors.Join(err, payloads.Close())
}
