package payload

import (
	"fmt"

	"github.com/klauspost/compress/zstd"
	"go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
)

const (
	encodingZstd = "binary/zstd"
	// worthwhile is the size from which on payloads are compressed. Smaller ones stay readable without a codec server.
	worthwhile = 1 << 10
	// mostDecoded bounds what one payload decompresses to.
	mostDecoded = 1 << 30
)

// compression is the codec that compresses payloads which that makes smaller.
type compression struct {
	encoder *zstd.Encoder
	decoder *zstd.Decoder
}

func newZstd() (compression, error) {
	// The fastest level makes states as small as the default one does, in a fraction of the time.
	encoder, err := zstd.NewWriter(nil, zstd.WithLowerEncoderMem(true), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return compression{}, fmt.Errorf("zstd: %w", err)
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(mostDecoded))
	if err != nil {
		return compression{}, fmt.Errorf("zstd: %w", err)
	}
	return compression{encoder, decoder}, nil
}

// Encode implements converter.PayloadCodec.
func (c compression) Encode(payloads []*common.Payload) ([]*common.Payload, error) {
	return each(payloads, func(payload *common.Payload) (*common.Payload, error) {
		if encoding := encodingOf(payload); len(payload.GetData()) < worthwhile || encoding == encodingZstd || encoding == encodingAESGCM {
			return payload, nil
		}
		text, err := proto.MarshalOptions{Deterministic: true}.Marshal(payload)
		if err != nil {
			return nil, fmt.Errorf("compress a payload: %w", err)
		}
		data := c.encoder.EncodeAll(text, nil)
		if len(data) >= len(text) {
			return payload, nil
		}
		return &common.Payload{Metadata: map[string][]byte{converter.MetadataEncoding: []byte(encodingZstd)}, Data: data}, nil
	})
}

// Decode implements converter.PayloadCodec.
func (c compression) Decode(payloads []*common.Payload) ([]*common.Payload, error) {
	return each(payloads, func(payload *common.Payload) (*common.Payload, error) {
		if encodingOf(payload) != encodingZstd {
			return payload, nil
		}
		text, err := c.decoder.DecodeAll(payload.GetData(), nil)
		if err != nil {
			return nil, fmt.Errorf("decompress a payload: %w", err)
		}
		decoded := &common.Payload{}
		if err := proto.Unmarshal(text, decoded); err != nil {
			return nil, fmt.Errorf("decompress a payload: %w", err)
		}
		return decoded, nil
	})
}
