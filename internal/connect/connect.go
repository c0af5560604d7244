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
	"go.temporal.io/sdk/log"

	"github.com/app-sre/qontract-temporal/internal/apierr"
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
}

// Connection is an open connection and where it leads.
type Connection struct {
	client.Client
	Address   string
	Namespace string
}

// Dial connects. Its error is Unavailable and names the address that was tried.
func Dial(ctx context.Context, o Options) (*Connection, error) {
	options, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{ConfigFileProfile: o.Profile})
	if err != nil {
		return nil, apierr.New(apierr.Invalid, fmt.Errorf("temporal.toml or the TEMPORAL_ variables: %w", err))
	}
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
	options.Logger, options.MetricsHandler = o.Logger, o.Metrics
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c, err := client.DialContext(ctx, options)
	if err != nil {
		return nil, apierr.New(apierr.Unavailable, fmt.Errorf("cannot reach Temporal at %s: %w; is it running, and is TEMPORAL_ADDRESS right? `starter dev` starts one", options.HostPort, err))
	}
	return &Connection{Client: c, Address: options.HostPort, Namespace: options.Namespace}, nil
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
