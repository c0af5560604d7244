// Package duration reads and writes the durations of saas files, such as their timeouts: days, hours, minutes and seconds.
package duration

import (
	"fmt"
	"math"
	"regexp"
	"strconv"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

var (
	whole = regexp.MustCompile(`^([0-9]+[dhms])+$`)
	part  = regexp.MustCompile(`([0-9]+)([dhms])`)
)

var seconds = map[string]int64{"d": 24 * 60 * 60, "h": 60 * 60, "m": 60, "s": 1}

// Seconds reads a duration such as 1d2h, of which parts may stand in any order and more than once.
func Seconds(text string) (int64, error) {
	if !whole.MatchString(text) {
		return 0, apierr.Errorf(apierr.Invalid, "%q is no duration: write whole numbers with d, h, m or s, such as 1h30m", text)
	}
	var total int64
	for _, match := range part.FindAllStringSubmatch(text, -1) {
		number, err := strconv.ParseInt(match[1], 10, 64)
		unit := seconds[match[2]]
		if err != nil || number > (math.MaxInt64-total)/unit {
			return 0, apierr.Errorf(apierr.Invalid, "%q is too long a duration", text)
		}
		total += number * unit
	}
	return total, nil
}

// Text writes seconds in hours, minutes and seconds, without those that are zero at the front: 1h0m5s.
func Text(total int64) string {
	hours, minutes, rest := total/3600, total/60%60, total%60
	switch {
	case hours > 0:
		return fmt.Sprintf("%dh%dm%ds", hours, minutes, rest)
	case minutes > 0:
		return fmt.Sprintf("%dm%ds", minutes, rest)
	}
	return fmt.Sprintf("%ds", rest)
}
