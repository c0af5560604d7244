package supportcasessos

import (
	"regexp"
	"slices"

	"github.com/app-sre/qontract-temporal/internal/clients/awsapi"
)

// report is how AWS begins the message about an exposed key, wherever its lines break. IAM's key IDs are of letters,
// digits and underscores.
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKey.html
var report = regexp.MustCompile(`We\s+have\s+become\s+aware\s+that\s+the\s+AWS\s+Access\s+Key\W+(\w+)`)

// exposedIn returns the keys that support cases report, each once, sorted.
//
// Differs from the reference: the ID of an exposed key ends where its letters and digits end, and the sentence before it
// may be broken into lines. The reference takes all up to the next space, with a comma or the next line, and then finds
// no such key.
//
// Differs from the reference: all support cases, all their messages and all reports in a message are read. The reference
// reads the first page of cases, the latest five messages of each and the first report of a message.
func exposedIn(cases []awsapi.Case) []string {
	var keys []string
	for _, c := range cases {
		for _, message := range c.Messages {
			for _, match := range report.FindAllStringSubmatch(message, -1) {
				keys = append(keys, match[1])
			}
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
