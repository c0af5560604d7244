package aws

import (
	"net/http"
	"slices"
)

// accountOperations are those of Account Management.
// Source: https://docs.aws.amazon.com/accounts/latest/reference/
var accountOperations = map[string]operation{
	"PutAlternateContact": with(putAlternateContact),
	"GetAlternateContact": with(getAlternateContact),
	"ListRegions":         with(listRegions),
	"EnableRegion":        with(enableRegion),
	"DisableRegion":       with(disableRegion),
}

// standard are the regions that every account has.
var standard = []string{
	"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1",
	"eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}

// optional are regions that an account has to enable.
// Source: https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
var optional = []string{
	"af-south-1", "ap-east-1", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-7", "ca-west-1",
	"eu-central-2", "eu-south-1", "eu-south-2", "il-central-1", "me-central-1", "me-south-1", "mx-central-1",
}

// region returns the status of a region in the account; it is empty for one that AWS does not have.
func (a *Account) region(name string) string {
	if slices.Contains(standard, name) {
		return "ENABLED_BY_DEFAULT"
	}
	if region := a.Regions[name]; region != nil {
		return region.Status
	}
	if slices.Contains(optional, name) {
		return "DISABLED"
	}
	return ""
}

func listRegions(c *call, in listing) (object, *refusal) {
	all := slices.Sorted(slices.Values(slices.Concat(standard, optional)))
	names, next, ok := page(c, all, in.NextToken)
	if !ok {
		return nil, invalid("ValidationException", "The token is invalid.")
	}
	if in.NextToken == "" {
		for _, region := range c.account().Regions {
			region.settle(c)
		}
	}
	regions := []object{}
	for _, name := range names {
		regions = append(regions, object{"RegionName": name, "RegionOptStatus": c.account().region(name)})
	}
	return paged(object{"Regions": regions}, next), nil
}

// settle ends a change whose wait is over.
func (r *Region) settle(c *call) {
	ends := map[string]string{"ENABLING": "ENABLED", "DISABLING": "DISABLED"}
	if end := ends[r.Status]; end != "" && r.Pending.over(c.now) {
		r.Status, r.Pending = end, nil
	}
}

type regionName struct{ RegionName string }

func enableRegion(c *call, in regionName) (object, *refusal) {
	return c.opt(in.RegionName, "ENABLING", "ENABLED")
}

func disableRegion(c *call, in regionName) (object, *refusal) {
	return c.opt(in.RegionName, "DISABLING", "DISABLED")
}

// opt begins a change of a region's status. What is so already stays so.
func (c *call) opt(name, begun, done string) (object, *refusal) {
	if !slices.Contains(optional, name) {
		return nil, invalid("ValidationException", "The region "+name+" cannot be enabled or disabled.")
	}
	switch status := c.account().region(name); status {
	case done, begun:
		return nil, nil
	case "ENABLING", "DISABLING":
		return nil, &refusal{status: http.StatusConflict, code: "ConflictException", message: "The region " + name + " is " + status + "."}
	}
	region := &Region{Status: begun, Pending: c.estate.Lag.Region.begin(c.now)}
	if region.Pending == nil {
		region.Status = done
	}
	put(&c.account().Regions, name, region)
	return nil, nil
}
