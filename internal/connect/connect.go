// Package connect opens the connection to Temporal, configured as every Temporal tool is: temporal.toml and the
// TEMPORAL_ variables, mTLS and API keys included.
package connect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"google.golang.org/grpc"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/payload"
	"github.com/app-sre/qontract-temporal/workflows"
)

// patience bounds how long an address is tried, so that a wrong one is reported soon.
const patience = 10 * time.Second

// Options override the environment where they are not empty.
type Options struct {
	Address   string
	Namespace string
	Profile   string
	Identity  string
	Logger    log.Logger
	Metrics   client.MetricsHandler
	// Interceptors stand around what the client starts; workers of the client take them over.
	Interceptors []interceptor.ClientInterceptor
	// Payloads say in which form payloads are sent. All that use one namespace have the same.
	Payloads payload.Options
	// Calls stand around every call to the server, and see it as it is sent.
	Calls []grpc.UnaryClientInterceptor
}

// Connection is an open connection and where it leads.
type Connection struct {
	client.Client
	// Payloads is what payloads go through.
	Payloads  *payload.Pipeline
	Address   string
	Namespace string
}

// Close ends the connection.
func (c *Connection) Close() {
	c.Client.Close()
	_ = c.Payloads.Close()
}

// Dial connects. Its error is Unavailable and names the address that was tried, or Invalid where an option is wrong.
func Dial(ctx context.Context, o Options) (*Connection, error) {
	options, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{ConfigFileProfile: o.Profile})
	if err != nil {
		return nil, apierr.New(apierr.Invalid, fmt.Errorf("temporal.toml or the TEMPORAL_ variables: %w", err))
	}
	return open(ctx, options, o)
}

// Local connects to a server that belongs to this process: what temporal.toml and the TEMPORAL_ variables say of
// another one does not count.
func Local(ctx context.Context, o Options) (*Connection, error) {
	return open(ctx, client.Options{}, o)
}

func open(ctx context.Context, options client.Options, o Options) (*Connection, error) {
	if o.Address != "" {
		options.HostPort = o.Address
	}
	if o.Namespace != "" {
		options.Namespace = o.Namespace
	}
	if o.Identity != "" {
		options.Identity = o.Identity
	}
	if options.HostPort == "" {
		options.HostPort = client.DefaultHostPort
	}
	if options.Namespace == "" {
		options.Namespace = client.DefaultNamespace
	}
	options.Logger, options.MetricsHandler, options.Interceptors = o.Logger, o.Metrics, o.Interceptors
	if len(o.Calls) > 0 {
		options.ConnectionOptions.DialOptions = append(options.ConnectionOptions.DialOptions, grpc.WithChainUnaryInterceptor(o.Calls...))
	}
	payloads, err := payload.Open(ctx, o.Payloads)
	if err != nil {
		return nil, err
	}
	payloads.Apply(&options)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c, err := client.DialContext(ctx, options)
	if err != nil {
		_ = payloads.Close()
		return nil, apierr.New(apierr.Unavailable, fmt.Errorf("cannot reach Temporal at %s: %w; is it running, and is TEMPORAL_ADDRESS right? `starter dev` starts one", options.HostPort, err))
	}
	return &Connection{Client: c, Payloads: payloads, Address: options.HostPort, Namespace: options.Namespace}, nil
}

// Searchable makes sure that the namespace knows the search attributes, registering those that are missing. It
// returns false with the reason where that is not permitted: runs then go without them.
func Searchable(ctx context.Context, c *Connection) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	known, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: c.Namespace})
	if err != nil {
		return false, fmt.Errorf("list the search attributes: %w", err)
	}
	missing := workflows.SearchAttributes()
	for name := range known.GetCustomAttributes() {
		delete(missing, name)
	}
	if len(missing) == 0 {
		return true, nil
	}
	_, err = c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{SearchAttributes: missing, Namespace: c.Namespace})
	var exists *serviceerror.AlreadyExists
	if err == nil || errors.As(err, &exists) {
		return true, nil
	}
	hint := ""
	for name, kind := range missing {
		hint += fmt.Sprintf(" --name %s --type %s", name, kind)
	}
	return false, fmt.Errorf("runs cannot be searched by their attributes: %w; a namespace administrator can add them with: temporal operator search-attribute create%s", err, hint)
}
