package scheduling

import (
	"context"
	"fmt"

	"github.com/app-sre/qontract-temporal/integrations/ocm/internal/upgrades"
	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/state"
)

// count adds the time up to the desired moment to what is in state by now. Whoever has counted as far meanwhile is not
// counted twice.
func (r *Scheduler) count(ctx context.Context, want Count) error {
	return r.State.Update(ctx, want.StateKey, func(old state.Entry) (state.Entry, error) {
		var data upgrades.VersionData
		if err := old.Decode(&data); err != nil {
			return state.Entry{}, err
		}
		if !want.At.After(data.CheckIn) && data.Covers(want.Reports) {
			return old, nil
		}
		data.Count(want.Reports, want.At)
		return old.With(data)
	})
}

// counted are the version data up to now, with what is inherited.
func (r *Scheduler) counted(ctx context.Context, rules upgrades.Organization, addon string, count *Count, m measured) (upgrades.VersionData, error) {
	data, _, err := r.read(ctx, count.StateKey)
	if err != nil {
		return upgrades.VersionData{}, err
	}
	data.Count(count.Reports, count.At)
	m.soaked(data)
	if err := rules.CheckInheritance(); err != nil {
		return upgrades.VersionData{}, err
	}
	for _, from := range rules.Inherits {
		other, _, err := r.read(ctx, upgrades.StateKey(from.Environment, from.ID, addon))
		if err != nil {
			return upgrades.VersionData{}, err
		}
		data.Inherit(other, upgrades.StateKey(from.Environment, from.ID, ""))
	}
	return data, nil
}

// read are the version data in state; there says whether there are any.
func (r *Scheduler) read(ctx context.Context, key string) (data upgrades.VersionData, there bool, err error) {
	entry, err := r.State.Get(ctx, key)
	if apierr.Is(err, apierr.Missing) {
		return data, false, nil
	}
	if err == nil {
		err = entry.Decode(&data)
	}
	if err != nil {
		return upgrades.VersionData{}, false, fmt.Errorf("version data %s: %w", key, err)
	}
	return data, true, nil
}
