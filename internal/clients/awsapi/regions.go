package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/account"
	"github.com/aws/aws-sdk-go-v2/service/account/types"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// RegionStatus says whether an account has a region.
type RegionStatus string

// The statuses of a region. What is being enabled counts as enabled, and the same the other way round.
const (
	RegionEnabled  RegionStatus = "ENABLED"
	RegionDisabled RegionStatus = "DISABLED"
	// RegionAlwaysEnabled is one that cannot be disabled.
	RegionAlwaysEnabled RegionStatus = "ENABLED_BY_DEFAULT"
)

// Region is a region of AWS as an account has it.
type Region struct {
	Name   string
	Status RegionStatus
}

// ListRegions returns all regions of AWS with their status in the account.
func (c *Client) ListRegions(ctx context.Context) ([]Region, error) {
	const what = "list regions"
	return pages(c, what, func(token *string) ([]Region, *string, error) {
		out, err := send(ctx, c, what, c.account.ListRegions, &account.ListRegionsInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		var regions []Region
		for _, found := range out.Regions {
			region := Region{Name: aws.ToString(found.RegionName)}
			switch found.RegionOptStatus {
			case types.RegionOptStatusEnabled, types.RegionOptStatusEnabling:
				region.Status = RegionEnabled
			case types.RegionOptStatusDisabled, types.RegionOptStatusDisabling:
				region.Status = RegionDisabled
			case types.RegionOptStatusEnabledByDefault:
				region.Status = RegionAlwaysEnabled
			default:
				return nil, nil, c.failed(what, apierr.Errorf(apierr.Invalid, "region %s has the status %s, which this version does not know", region.Name, found.RegionOptStatus))
			}
			regions = append(regions, region)
		}
		return regions, out.NextToken, nil
	})
}

// EnableRegion begins to enable a region in the account. It is Conflict while the region is being disabled.
func (c *Client) EnableRegion(ctx context.Context, name string) error {
	_, err := send(ctx, c, "enable region "+name, c.account.EnableRegion, &account.EnableRegionInput{RegionName: &name})
	return err
}

// DisableRegion begins to disable a region in the account. It is Conflict while the region is being enabled.
func (c *Client) DisableRegion(ctx context.Context, name string) error {
	_, err := send(ctx, c, "disable region "+name, c.account.DisableRegion, &account.DisableRegionInput{RegionName: &name})
	return err
}
