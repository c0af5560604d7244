package payload

import (
	"fmt"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"
)

const (
	encodingAESGCM = "binary/encrypted"
	// metadataKeyID names the key, so that payloads of earlier keys can be read.
	metadataKeyID = "encryption-key-id"
)

// aesgcm is the codec that encrypts every payload where there are keys. The nonce is random and stands in front of the ciphertext; the
// key's ID is authenticated with it. Nothing binds a payload to a place: results become inputs as they are.
type aesgcm struct {
	keys *Keys
}

// Encode implements converter.PayloadCodec.
func (c aesgcm) Encode(payloads []*common.Payload) ([]*common.Payload, error) {
	return each(payloads, func(payload *common.Payload) (*common.Payload, error) {
		if c.keys.current == "" || encodingOf(payload) == encodingAESGCM {
			return payload, nil
		}
		text, err := proto.Marshal(payload)
		if err != nil {
			return nil, fmt.Errorf("encrypt a payload: %w", err)
		}
		id := []byte(c.keys.current)
		return &common.Payload{
			Metadata: map[string][]byte{converter.MetadataEncoding: []byte(encodingAESGCM), metadataKeyID: id},
			Data:     c.keys.ciphers[c.keys.current].Seal(nil, nil, text, id),
		}, nil
	})
}

// Decode implements converter.PayloadCodec. Payloads that are not encrypted pass, so that encryption can be turned on
// while runs are under way.
func (c aesgcm) Decode(payloads []*common.Payload) ([]*common.Payload, error) {
	return each(payloads, func(payload *common.Payload) (*common.Payload, error) {
		if encodingOf(payload) != encodingAESGCM {
			return payload, nil
		}
		id := payload.GetMetadata()[metadataKeyID]
		aead, known := c.keys.ciphers[string(id)]
		if !known {
			return nil, fmt.Errorf("a payload is encrypted with the key %q, which is not among the keys of payloads: add it to those that %s names", id, EnvKeys)
		}
		text, err := aead.Open(nil, nil, payload.GetData(), id)
		if err != nil {
			return nil, fmt.Errorf("a payload cannot be decrypted with the key %q: it was tampered with, or another key has that ID", id)
		}
		decoded := &common.Payload{}
		if err := proto.Unmarshal(text, decoded); err != nil {
			return nil, fmt.Errorf("decrypt a payload: %w", err)
		}
		return decoded, nil
	})
}
