package accountmanager

import (
	"context"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
	"github.com/app-sre/qontract-temporal/internal/plan"
)

// setRegions enables the account's regions and disables the others, but for those that every account has. AWS takes
// minutes to hours for it, which is not waited for.
func (r *reconciler) setRegions(ctx context.Context, a attempt) (plan.Stand, error) {
	inside, err := r.inside(ctx, a.Door, a.UID)
	if err != nil {
		return plan.Stand{}, err
	}
	regions, err := inside.ListRegions(ctx)
	if err != nil {
		return plan.Stand{}, err
	}
	status := map[string]awsapi.RegionStatus{}
	for _, region := range regions {
		status[region.Name] = region.Status
	}
	unknown := slices.DeleteFunc(sorted(a.Regions), func(name string) bool { return status[name] != "" })
	if len(unknown) > 0 {
		return plan.Stand{}, apierr.Errorf(apierr.Invalid, "AWS has no region %s for the account: correct supportedDeploymentRegions in %s", strings.Join(unknown, ", "), a.File)
	}
	var busy []string
	for _, region := range regions {
		change := inside.EnableRegion
		switch wanted := slices.Contains(a.Regions, region.Name); {
		case wanted && region.Status == awsapi.RegionDisabled:
		case !wanted && region.Status == awsapi.RegionEnabled:
			change = inside.DisableRegion
		default:
			continue
		}
		err := change(ctx, region.Name)
		if apierr.Is(err, apierr.Conflict) {
			busy = append(busy, region.Name)
			continue
		}
		if err != nil {
			return plan.Stand{}, err
		}
	}
	if len(busy) > 0 {
		return plan.Waiting("AWS has not ended an earlier change of the regions %s yet", strings.Join(busy, ", ")), nil
	}
	return a.noted(ctx, orNone(a.Regions))
}
