package awsapi

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Unit is the root of an organisation, or an organisational unit, with those below it.
type Unit struct {
	ID       string
	Name     string
	Children []Unit
}

// Find returns the unit at a path of names from the root, as in /Root/Teams/Payments. Upper and lower case are the
// same. It is Missing where there is none.
func (u Unit) Find(path string) (Unit, error) {
	name, rest, deeper := strings.Cut(strings.Trim(path, "/"), "/")
	if strings.EqualFold(u.Name, name) {
		if !deeper {
			return u, nil
		}
		for _, child := range u.Children {
			if found, err := child.Find(rest); err == nil {
				return found, nil
			}
		}
	}
	return Unit{}, apierr.Errorf(apierr.Missing, "there is no organisational unit %s: create it, or correct the path", path)
}

// ListUnits returns the tree of the organisation's units.
func (c *Client) ListUnits(ctx context.Context) (Unit, error) {
	const what = "list roots"
	roots, err := pages(c, what, func(token *string) ([]types.Root, *string, error) {
		out, err := send(ctx, c, what, c.organizations.ListRoots, &organizations.ListRootsInput{NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.Roots, out.NextToken, nil
	})
	if err != nil {
		return Unit{}, err
	}
	if len(roots) != 1 {
		return Unit{}, c.without(what, "the one root")
	}
	root := Unit{ID: aws.ToString(roots[0].Id), Name: aws.ToString(roots[0].Name)}
	root.Children, err = c.listChildren(ctx, root.ID)
	return root, err
}

func (c *Client) listChildren(ctx context.Context, parent string) ([]Unit, error) {
	what := "list organisational units in " + parent
	units, err := pages(c, what, func(token *string) ([]types.OrganizationalUnit, *string, error) {
		out, err := send(ctx, c, what, c.organizations.ListOrganizationalUnitsForParent,
			&organizations.ListOrganizationalUnitsForParentInput{ParentId: &parent, NextToken: token})
		if err != nil {
			return nil, nil, err
		}
		return out.OrganizationalUnits, out.NextToken, nil
	})
	if err != nil {
		return nil, err
	}
	children := make([]Unit, len(units))
	for i, unit := range units {
		children[i] = Unit{ID: aws.ToString(unit.Id), Name: aws.ToString(unit.Name)}
		if children[i].Children, err = c.listChildren(ctx, children[i].ID); err != nil {
			return nil, err
		}
	}
	return children, nil
}

// GetParent returns the ID of the unit or root that an account is in.
func (c *Client) GetParent(ctx context.Context, accountID string) (string, error) {
	what := "look up the parent of account " + accountID
	out, err := send(ctx, c, what, c.organizations.ListParents,
		&organizations.ListParentsInput{ChildId: &accountID})
	if err != nil {
		return "", err
	}
	if len(out.Parents) != 1 {
		return "", c.without(what, "the one parent")
	}
	return aws.ToString(out.Parents[0].Id), nil
}

// MoveAccount moves an account into a unit or the root, by ID. An account that is there already is left alone.
func (c *Client) MoveAccount(ctx context.Context, accountID, destination string) error {
	source, err := c.GetParent(ctx, accountID)
	if err != nil || source == destination {
		return err
	}
	_, err = send(ctx, c, "move account "+accountID+" to "+destination, c.organizations.MoveAccount, &organizations.MoveAccountInput{
		AccountId: &accountID, SourceParentId: &source, DestinationParentId: &destination,
	})
	return err
}
