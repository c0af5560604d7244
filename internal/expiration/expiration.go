// Package expiration decides which roles still count.
package expiration

import (
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// form is YYYY-MM-DD; the zeros in front of month and day may be missing.
const form = "2006-1-2"

// Expired says whether a role with this expirationDate counts no longer: from the start of that day on, in UTC. An
// empty date never expires. A date that is no date is Invalid.
func Expired(date string, now time.Time) (bool, error) {
	if date == "" {
		return false, nil
	}
	day, err := time.Parse(form, date)
	if err != nil {
		return false, apierr.Errorf(apierr.Invalid, "expirationDate %q is not a date of the form YYYY-MM-DD", date)
	}
	return !now.UTC().Before(day), nil
}
