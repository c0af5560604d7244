// Package payload decides the form in which inputs, results and states reach Temporal: compressed, encrypted where
// there are keys, and kept in a blob store beside the history where they are large. Whoever connects to one namespace
// must do the same, so there is one pipeline, made from one set of options, and only internal/connect applies it.
//
// From our side to the history: JSON, zstd, AES-GCM, blob store.
package payload

import (
	"cmp"
	"context"
	"os"

	"github.com/spf13/pflag"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/app-sre/qontract-temporal/internal/secret"
)

// The environment variables that stand in for options that are not given.
const (
	EnvStore = "QONTRACT_PAYLOAD_STORE"
	EnvKeys  = "QONTRACT_PAYLOAD_KEYS"
)

// Options configure a pipeline. The zero value takes what the environment says.
type Options struct {
	// Store is the URL of the store of large payloads, file:///folder or s3://bucket?prefix=payloads/. Without any it
	// is a folder in the user's cache, which suits a single machine only.
	Store string
	// Keys says where the keys are that encrypt payloads, file:PATH or env:NAME; see ParseKeys for their form. Without any
	// payloads are not encrypted.
	Keys string
}

// AddFlags adds the options' flags. None of them takes a key itself.
func (o *Options) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.Store, "payload-store", "", "store of large payloads, file:///folder or s3://bucket (default $"+EnvStore+" or a folder in the user's cache)")
	flags.StringVar(&o.Keys, "payload-keys", "", "where the keys that encrypt payloads are, file:PATH or env:NAME (default $"+EnvKeys+" or no encryption)")
}

// Pipeline is what payloads go through between our code and Temporal. It is safe for concurrent use.
type Pipeline struct {
	// Converter turns values into payloads and back. Memos are read through it.
	Converter converter.DataConverter

	codecs []converter.PayloadCodec
	// sealed says that payloads are encrypted.
	sealed  bool
	storage *storage
}

// Open makes a pipeline. Its errors are Invalid and name the option; no error holds a key. The caller closes it.
func Open(ctx context.Context, o Options) (*Pipeline, error) {
	p := &Pipeline{}
	squeeze, err := newZstd()
	if err != nil {
		return nil, err
	}
	keys, err := readKeys(cmp.Or(o.Keys, os.Getenv(EnvKeys)))
	if err != nil {
		return nil, err
	}
	p.codecs, p.sealed = []converter.PayloadCodec{aesgcm{keys}, squeeze}, keys.current != ""
	if p.storage, err = openStorage(ctx, cmp.Or(o.Store, os.Getenv(EnvStore))); err != nil {
		return nil, err
	}
	p.Converter = workflow.DataConverterWithoutDeadlockDetection(newOpaque(p.codecs))
	return p, nil
}

// Apply makes a client, and all workers that use it, send payloads through the pipeline. With keys the texts of errors
// are encrypted too.
func (p *Pipeline) Apply(options *client.Options) {
	options.DataConverter = p.Converter
	options.FailureConverter = temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{
		DataConverter: p.Converter, EncodeCommonAttributes: p.sealed,
	})
	options.ExternalStorage = p.external()
}

// Decode decrypts and decompresses payloads. One that is kept in the store stays the reference that it is.
func (p *Pipeline) Decode(payloads []*common.Payload) ([]*common.Payload, error) {
	for _, codec := range p.codecs {
		var err error
		if payloads, err = codec.Decode(payloads); err != nil {
			return nil, err
		}
	}
	return payloads, nil
}

// external is the store as the SDK takes it.
func (p *Pipeline) external() converter.ExternalStorage {
	return converter.ExternalStorage{Drivers: []converter.StorageDriver{p.storage}, PayloadSizeThreshold: inline}
}

// Store is the URL of the store that is in use.
func (p *Pipeline) Store() string { return p.storage.url }

// Close closes the store.
func (p *Pipeline) Close() error { return p.storage.bucket.Close() }

// readKeys reads the keys that a reference names; "" names none.
func readKeys(ref string) (*Keys, error) {
	if ref == "" {
		return &Keys{}, nil
	}
	text, err := secret.FromReference(ref)
	if err != nil {
		return nil, invalid("the keys of payloads: %w", err)
	}
	keys, err := ParseKeys(text)
	if err != nil {
		return nil, invalid("the keys of payloads in %s: %w", ref, err)
	}
	return keys, nil
}
