package payload_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/app-sre/qontract-temporal/internal/payload"
)

// BenchmarkConverter measures what a state costs on its way into a history and back: JSON text of the given size, in
// the form of Kubernetes objects with a digest each. "stored" is the size that is left.
func BenchmarkConverter(b *testing.B) {
	keys := filepath.Join(b.TempDir(), "keys")
	require.NoError(b, os.WriteFile(keys, []byte("k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"), 0o600))
	for _, size := range []int{256, 4 << 10, 64 << 10, 1 << 20, 8 << 20} {
		state := stateOf(size)
		for _, form := range []struct{ name, keys string }{{"zstd", ""}, {"zstd+aesgcm", "file:" + keys}} {
			p, err := payload.Open(b.Context(), payload.Options{Store: payload.Folder(b.TempDir()), Keys: form.keys})
			require.NoError(b, err)
			encoded, err := p.Converter.ToPayload(state)
			require.NoError(b, err)
			b.Run(fmt.Sprintf("encode/%s/%d", form.name, size), func(b *testing.B) {
				b.SetBytes(int64(len(state)))
				for b.Loop() {
					if _, err := p.Converter.ToPayload(state); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(proto.Size(encoded)), "stored")
			})
			b.Run(fmt.Sprintf("decode/%s/%d", form.name, size), func(b *testing.B) {
				b.SetBytes(int64(len(state)))
				for b.Loop() {
					var back []byte
					if err := p.Converter.FromPayload(encoded, &back); err != nil {
						b.Fatal(err)
					}
				}
			})
			require.NoError(b, p.Close())
		}
	}
}

// stateOf is a list of objects as text; as bytes it skips JSON, whose cost is the same without any codec.
func stateOf(size int) []byte {
	var text []byte
	for i := 0; len(text) < size; i++ {
		sum := sha256.Sum256([]byte{byte(i), byte(i >> 8), byte(i >> 16)})
		object, _ := json.Marshal(map[string]any{
			"kind": "ResourceQuota", "metadata": map[string]any{
				"name": fmt.Sprintf("team-%d", i), "namespace": fmt.Sprintf("payments-%d", i%50),
				"annotations": map[string]string{"qontract.sha256sum": hex.EncodeToString(sum[:])},
			},
			"spec": map[string]any{"hard": map[string]string{"limits.cpu": "4", "limits.memory": "8Gi", "pods": "20"}},
		})
		text = append(text, object...)
	}
	return text[:size]
}
