package temporalapi

import (
	"fmt"

	"go.temporal.io/api/common/v1"
)

// memo is that of a schedule of ours.
func (c *Client) memo(s Schedule) (*common.Memo, error) {
	memo := &common.Memo{Fields: map[string]*common.Payload{}}
	for name, value := range map[string]string{
		MemoManagedBy: ManagedBy, MemoIntegration: s.Integration, MemoShard: s.Shard, MemoDigest: s.Digest,
	} {
		payload, err := c.Converter.ToPayload(value)
		if err != nil {
			return nil, err
		}
		memo.Fields[name] = payload
	}
	return memo, nil
}

// readMemo fills in what the memo says.
func (c *Client) readMemo(memo *common.Memo, s *Schedule) error {
	for name, into := range map[string]*string{MemoIntegration: &s.Integration, MemoShard: &s.Shard, MemoDigest: &s.Digest} {
		if payload, there := memo.GetFields()[name]; there {
			if err := c.Converter.FromPayload(payload, into); err != nil {
				return fmt.Errorf("the memo of schedule %s cannot be read: %w", s.ID, err)
			}
		}
	}
	return nil
}

// ours says whether a schedule is. A memo that cannot be read is an error: it may be ours, and encrypted with a key
// that is not given.
func (c *Client) ours(id string, memo *common.Memo) (bool, error) {
	payload, there := memo.GetFields()[MemoManagedBy]
	if !there {
		return false, nil
	}
	var by string
	if err := c.Converter.FromPayload(payload, &by); err != nil {
		return false, fmt.Errorf("the memo of schedule %s cannot be read: %w", id, err)
	}
	return by == ManagedBy, nil
}
