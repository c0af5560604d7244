package reconcile

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// Offset is when within each interval the integration runs by schedule.
func (d Definition) Offset() time.Duration { return Offset(d.Name, d.Every) }

// Offset is when within each interval a schedule starts its runs: as if by chance, so that not all schedules of one
// interval start together, and yet always at the same time, since it is derived from the schedule's ID. It is whole seconds.
func Offset(id string, every time.Duration) time.Duration {
	sum := sha256.Sum256([]byte(id))
	if every < time.Second {
		return 0
	}
	seconds := uint64(every / time.Second)
	return time.Duration(binary.BigEndian.Uint64(sum[:])%seconds) * time.Second
}
