package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"

	"github.com/app-sre/qontract-temporal/internal/payload"
)

// object is as Kubernetes objects are: repetitive, but for a digest.
type object struct {
	Kind        string            `json:"kind"`
	Namespace   string            `json:"namespace"`
	Name        string            `json:"name"`
	Annotations map[string]string `json:"annotations"`
	Hard        map[string]string `json:"hard"`
}

// payloads weighs states of several sizes on their way into a history and back: as JSON alone, compressed, and encrypted.
func payloads(ctx context.Context, b *bench) error {
	keys := filepath.Join(b.dir, "keys")
	if err := os.WriteFile(keys, []byte("k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"), 0o600); err != nil {
		return err
	}
	for _, count := range []int{1, 16, 256, 4096, 32768} {
		state := stateOf(count)
		plain, size, err := roundTrip(converter.GetDefaultDataConverter(), state)
		if err != nil {
			return err
		}
		for _, form := range []struct{ name, keys string }{{"zstd", ""}, {"zstd and AES-GCM", "file:" + keys}} {
			options := b.store()
			options.Keys = form.keys
			pipeline, err := payload.Open(ctx, options)
			if err != nil {
				return err
			}
			took, stored, err := roundTrip(pipeline.Converter, state)
			if err := errors.Join(err, pipeline.Close()); err != nil {
				return err
			}
			b.table.times(fmt.Sprintf("there and back by %s: %s become %s", form.name, kib(size), kib(stored)), took, "JSON alone", plain, aim{}, "")
		}
	}
	return nil
}

func kib(bytes int) string { return fmt.Sprintf("%.1f KiB", float64(bytes)/1024) }

func stateOf(count int) []object {
	all := make([]object, count)
	for i := range all {
		sum := sha256.Sum256(fmt.Append(nil, i))
		all[i] = object{
			Kind: "ResourceQuota", Namespace: fmt.Sprintf("payments-%d", i%50), Name: fmt.Sprintf("team-%d", i),
			Annotations: map[string]string{"qontract.sha256sum": hex.EncodeToString(sum[:])},
			Hard:        map[string]string{"limits.cpu": "4", "limits.memory": "8Gi", "pods": "20"},
		}
	}
	return all
}

// roundTrip encodes and decodes a state for a while. It returns how long each time took and the size between.
func roundTrip(c converter.DataConverter, state []object) (took []time.Duration, size int, err error) {
	const atLeastFor, atLeastTimes = 300 * time.Millisecond, 9
	for began := time.Now(); len(took) < atLeastTimes || time.Since(began) < atLeastFor; {
		start := time.Now()
		encoded, err := c.ToPayload(state)
		if err != nil {
			return nil, 0, err
		}
		var back []object
		if err := c.FromPayload(encoded, &back); err != nil {
			return nil, 0, err
		}
		took = append(took, time.Since(start))
		if len(back) != len(state) {
			return nil, 0, fmt.Errorf("%d objects came back of %d", len(back), len(state))
		}
		size = proto.Size(encoded)
	}
	return took, size, nil
}
