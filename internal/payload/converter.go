package payload

import (
	"fmt"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
)

// opaque is the data converter. It leaves a converter.RawValue as it came: a workflow that only passes a state on
// neither decompresses nor decrypts it, and hands on the very same bytes, which the store then keeps once. The codecs
// recognise their own form and leave it alone in the other direction.
type opaque struct {
	converter.DataConverter
	plain converter.DataConverter
}

func newOpaque(codecs []converter.PayloadCodec) opaque {
	plain := converter.GetDefaultDataConverter()
	return opaque{DataConverter: converter.NewCodecDataConverter(plain, codecs...), plain: plain}
}

// FromPayload implements converter.DataConverter.
func (o opaque) FromPayload(payload *common.Payload, value any) error {
	if _, raw := value.(*converter.RawValue); raw {
		return o.plain.FromPayload(payload, value)
	}
	return o.DataConverter.FromPayload(payload, value)
}

// FromPayloads implements converter.DataConverter. Values that no payload is there for keep what they are.
func (o opaque) FromPayloads(payloads *common.Payloads, values ...any) error {
	for i, payload := range payloads.GetPayloads() {
		if i == len(values) {
			break
		}
		if err := o.FromPayload(payload, values[i]); err != nil {
			return fmt.Errorf("payload item %d: %w", i, err)
		}
	}
	return nil
}

// encodingOf is the form of a payload.
func encodingOf(payload *common.Payload) string {
	return string(payload.GetMetadata()[converter.MetadataEncoding])
}

// each applies a codec's function to all payloads.
func each(payloads []*common.Payload, apply func(*common.Payload) (*common.Payload, error)) ([]*common.Payload, error) {
	results := make([]*common.Payload, len(payloads))
	for i, payload := range payloads {
		var err error
		if results[i], err = apply(payload); err != nil {
			return nil, err
		}
	}
	return results, nil
}
