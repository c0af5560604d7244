package payload

import (
	"context"
	"fmt"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/sdk/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"
)

// FromHistory reads payloads as events of a history have them: what is in the store is fetched. The SDK does that for
// results, and not for histories.
func (p *Pipeline) FromHistory(ctx context.Context, payloads *common.Payloads, values ...any) error {
	fetched := &common.Payloads{}
	for i, payload := range payloads.GetPayloads() {
		if i == len(values) {
			break
		}
		payload, err := p.fetch(ctx, payload)
		if err != nil {
			return err
		}
		fetched.Payloads = append(fetched.Payloads, payload)
	}
	return p.Converter.FromPayloads(fetched, values...)
}

// fetch returns what a payload stands for; most stand for themselves.
func (p *Pipeline) fetch(ctx context.Context, payload *common.Payload) (*common.Payload, error) {
	reference := &sdk.ExternalStorageReference{}
	if encodingOf(payload) != converter.MetadataEncodingProtoJSON ||
		string(payload.GetMetadata()[converter.MetadataMessageType]) != string(reference.ProtoReflect().Descriptor().FullName()) {
		return payload, nil
	}
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(payload.GetData(), reference); err != nil {
		return nil, fmt.Errorf("read the reference to a payload: %w", err)
	}
	return p.storage.read(ctx, reference.GetClaimData()[claimKey])
}
