// Package promotion decides what may follow from one stage to the next: it reads and writes what publishers leave in the
// state, opens the gate for subscribers, and says what an automatic promotion would set. It is pure: state and clock are given.
package promotion

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Data is what a publisher leaves for one channel and commit. Form and key are the reference's.
type Data struct {
	Success          bool    `json:"success"`
	TargetConfigHash *string `json:"target_config_hash"`
	SaasFile         *string `json:"saas_file"`
	// CheckIn is when the commit was first deployed with success, or last tried without (see ParseTime).
	CheckIn *string `json:"check_in"`
	// HasSucceededOnce stays true once it is.
	HasSucceededOnce *bool `json:"has_succeeded_once"`
}

// Key is where the data are kept.
func Key(channel, publisher, commit string) string {
	return "promotions_v2/" + channel + "/" + publisher + "/" + commit
}

// Decode reads the data under a key; nil, for no data, where the text is empty, null or an empty object. The error is Invalid
// where a field is unknown or success is missing: something else wrote it, and nothing is to be promoted by it.
func Decode(text []byte) (*Data, error) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 || bytes.Equal(text, []byte("null")) {
		return nil, nil //nolint:nilnil // no data is a valid answer.
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "promotion data are not readable: delete them from the state and deploy the publisher again")
	}
	if len(fields) == 0 {
		return nil, nil //nolint:nilnil // no data is a valid answer.
	}
	if _, there := fields["success"]; !there {
		return nil, apierr.Errorf(apierr.Invalid, "promotion data do not say whether the deployment succeeded: deploy the publisher again")
	}
	var data Data
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&data); err != nil {
		return nil, apierr.Errorf(apierr.Invalid, "promotion data are of another form than this version writes: deploy the publisher again")
	}
	return &data, nil
}

// succeeded says whether the commit was ever deployed with success.
func (d *Data) succeeded() bool {
	return d != nil && (d.Success || d.HasSucceededOnce != nil && *d.HasSucceededOnce)
}

// checkedIn is when the data were checked in; nil where they do not say.
func (d *Data) checkedIn() (*time.Time, error) {
	if d.CheckIn == nil || *d.CheckIn == "" {
		return nil, nil //nolint:nilnil // data need not say it.
	}
	at, err := ParseTime(*d.CheckIn)
	if err != nil {
		return nil, err
	}
	return &at, nil
}

// ParseTime reads a check-in. The error is Invalid where it is no time or has no zone.
func ParseTime(text string) (time.Time, error) {
	for _, layout := range []string{"2006-01-02 15:04:05Z07:00", time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, apierr.Errorf(apierr.Invalid, "the check-in %q of the promotion data is no time with a zone: deploy the publisher again", text)
}

// FormatTime writes a check-in as the reference does, with its microseconds where there are any.
func FormatTime(at time.Time) string {
	at = at.UTC().Truncate(time.Microsecond)
	if micro := at.Nanosecond() / 1000; micro != 0 {
		return fmt.Sprintf("%s.%06d+00:00", at.Format("2006-01-02 15:04:05"), micro)
	}
	return at.Format("2006-01-02 15:04:05") + "+00:00"
}
