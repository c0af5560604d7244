package main

import (
	"fmt"
	"time"
)

const day = 24 * time.Hour

// age writes how long something has been in one unit: 40s, 12m, 3h, 5d.
func age(d time.Duration) string {
	switch {
	case d < time.Second:
		return "0s"
	case d < 2*time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 2*day:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
	return fmt.Sprintf("%dd", int(d/day))
}

// took writes a duration as people compare them: 0.4s, 12s, 3m05s, 2h05m, 3d.
func took(d time.Duration) string {
	switch {
	case d < 9950*time.Millisecond:
		return fmt.Sprintf("%.1fs", max(d, 0).Seconds())
	case d < time.Minute-time.Second/2:
		return fmt.Sprintf("%ds", int(d.Round(time.Second).Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	case d < 2*day:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return age(d)
}

// ago is the age of a moment, or "-" where there was none.
func ago(at *time.Time, now time.Time) string {
	if at == nil {
		return "-"
	}
	return age(now.Sub(*at))
}

// until is how far off a moment is: "now" where it should have come.
func until(at *time.Time, now time.Time) string {
	switch {
	case at == nil:
		return "-"
	case at.Before(now):
		return "now"
	}
	return age(at.Sub(now))
}
