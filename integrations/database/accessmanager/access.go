package accessmanager

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/app-sre/qontract-temporal/integrations/internal/externalresources"
	"github.com/app-sre/qontract-temporal/integrations/internal/jobs"
	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Access is a user of a database. It has all that it takes to make it, so that each attempt does the same.
type Access struct {
	// Wanted is the access as app-interface has it.
	Wanted externalresources.DatabaseAccess `json:"wanted"`
	// Was is the access as state has it; nil where there is none.
	Was *externalresources.DatabaseAccess `json:"was,omitempty"`
	// Place is the namespace of the instance.
	jobs.Place
	// AdminSecret is the Secret there with the connection of the instance's administrator.
	AdminSecret string        `json:"adminSecret"`
	Engine      string        `json:"engine,omitempty"`
	Settings    jobs.Settings `json:"settings"`
}

// Key implements plan.Item.
func (a Access) Key() string { return a.Wanted.Name }

// Title implements plan.Titled.
func (a Access) Title() string {
	return fmt.Sprintf("access %s to database %s in %s", a.Wanted.Name, a.Wanted.Database, a.Place)
}

// Equal implements plan.Item.
func (a Access) Equal(current Access) bool { return current.Was != nil && same(a.Wanted, *current.Was) }

// Explain implements plan.Explained.
func (a Access) Explain(current Access) string {
	if current.Was == nil {
		return ""
	}
	var texts []string
	say := func(what, is, wanted string) {
		if is != wanted {
			texts = append(texts, fmt.Sprintf("%s %s, wanted %s", what, is, wanted))
		}
	}
	say("database is", current.Was.Database, a.Wanted.Database)
	say("username is", current.Was.Username, a.Wanted.Username)
	say("grants are", grantText(*current.Was), grantText(a.Wanted))
	return strings.Join(texts, "; ")
}

func grantText(d externalresources.DatabaseAccess) string {
	texts := make([]string, len(d.Access))
	for i, grant := range d.Access {
		texts[i] = strings.Join(grant.Grants, ",") + " on " + grant.Target.DBSchema
	}
	if len(texts) == 0 {
		return "none"
	}
	return strings.Join(texts, " and ")
}

// same says whether two accesses ask for the same.
//
// Differs from the reference: that a field is absent is the same as that it is false or empty. The reference runs another
// Job there, which changes nothing.
func same(a, b externalresources.DatabaseAccess) bool {
	return a.Name == b.Name && a.Username == b.Username && a.Database == b.Database && gone(a) == gone(b) &&
		slices.EqualFunc(a.Access, b.Access, func(a, b externalresources.DatabaseGrant) bool {
			return a.Target == b.Target && slices.Equal(a.Grants, b.Grants)
		})
}

// gone says whether the access is to be no user.
func gone(d externalresources.DatabaseAccess) bool { return d.Delete != nil && *d.Delete }

// objectName is the name of the user's Secret, and begins those of all other objects but the Job, which has it too.
func (a Access) objectName() string { return "dbam-" + a.Wanted.Name }

func (a Access) scriptName() string { return a.objectName() + "-script" }

func (a Access) pullSecretName() string { return a.objectName() + "-pull-secret" }

// secretPath is where the user's connection is kept in Vault.
func (a Access) secretPath(folder string) (string, error) {
	folder = strings.Trim(folder, "/")
	if folder == "" {
		return "", apierr.Errorf(apierr.Invalid, "--%s is needed: users' connections are stored below it", vaultPath)
	}
	return strings.Join([]string{folder, Name, a.Cluster.Name, a.Namespace, a.Wanted.Name}, "/"), nil
}

// digest tells what is wanted apart from what was wanted before.
func (a Access) digest() (string, error) {
	text, err := json.Marshal(a.Wanted)
	if err != nil {
		return "", apierr.New(apierr.Invalid, err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
