package updaterecommendedversion

import (
	"cmp"
	"slices"

	"github.com/Masterminds/semver/v3"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// Recommendation is what an organisation's recommendedVersions should be.
type Recommendation struct {
	Organization string `json:"organization"`
	// Path is that of the organisation's datafile in app-interface's repository.
	Path     string    `json:"path"`
	Versions []Version `json:"versions"`
}

// Version is the one that is recommended for a workload in a channel. Its fields stand in datafiles and messages as in the
// reference's.
type Version struct {
	Workload           string `json:"workload" yaml:"workload"`
	Channel            string `json:"channel" yaml:"channel"`
	RecommendedVersion string `json:"recommendedVersion" yaml:"recommendedVersion"`
	InitialVersion     string `json:"initialVersion" yaml:"initialVersion"`
}

// Key implements plan.Item.
func (r Recommendation) Key() string { return r.Organization }

// Equal implements plan.Item: one request of an organisation is open at a time.
func (r Recommendation) Equal(Recommendation) bool { return true }

// Title implements plan.Titled.
func (r Recommendation) Title() string {
	return "merge request to recommend the versions of OCM organisation " + r.Organization
}

// installed is what a cluster runs.
type installed struct{ version, channel string }

// weights say how much the highest version counts, and the one that most clusters run.
type weights struct{ highest, majority int }

// recommended returns what is recommended, in the order in which the organisation's clusters name workloads.
func (o organization) recommended(clusters map[string]installed) ([]Version, error) {
	type group struct{ workload, channel string }
	var groups []group
	versions := map[group][]string{}
	for _, rules := range o.UpgradePolicyClusters {
		cluster, known := clusters[rules.Name]
		if !known {
			continue
		}
		for _, workload := range rules.UpgradePolicy.Workloads {
			in := group{workload, cluster.channel}
			if versions[in] == nil {
				groups = append(groups, in)
			}
			versions[in] = append(versions[in], cluster.version)
		}
	}
	var all []Version
	for _, in := range groups {
		version, err := choose(versions[in], o.weights())
		if err != nil {
			return nil, apierr.Errorf(apierr.Invalid, "organisation %s, workload %s, channel %s: %w", o.Name, in.workload, in.channel, err)
		}
		all = append(all, Version{in.workload, in.channel, version, initial(version, in.channel)})
	}
	return all, nil
}

func (o organization) weights() weights {
	w := weights{1, 1}
	if given := o.RecommendedVersionWeight; given != nil {
		if given.Highest != nil {
			w.highest = *given.Highest
		}
		if given.Majority != nil {
			w.majority = *given.Majority
		}
	}
	return w
}

// choose returns the highest version, or the one that most clusters run where that weighs more: the clusters that run it,
// times its weight.
//
// Differs from the reference: of versions that equally many run the highest counts. There chance decides, from run to run.
func choose(versions []string, w weights) (string, error) {
	type counted struct {
		version  *semver.Version
		clusters int
	}
	counts := map[string]*counted{}
	for _, text := range versions {
		if counts[text] == nil {
			version, err := semver.StrictNewVersion(text)
			if err != nil {
				return "", apierr.Errorf(apierr.Invalid, "a cluster runs %q, which is no version of the form major.minor.patch", text)
			}
			counts[text] = &counted{version: version}
		}
		counts[text].clusters++
	}
	var all []counted
	for _, c := range counts {
		all = append(all, *c)
	}
	highest := slices.MaxFunc(all, func(a, b counted) int { return a.version.Compare(b.version) })
	majority := slices.MaxFunc(all, func(a, b counted) int {
		return cmp.Or(cmp.Compare(a.clusters, b.clusters), a.version.Compare(b.version))
	})
	if majority.clusters*w.majority > highest.clusters*w.highest {
		return majority.version.String(), nil
	}
	return highest.version.String(), nil
}

// initial is how OCM names a version of a channel.
func initial(version, channel string) string {
	if channel == "stable" {
		return "openshift-v" + version
	}
	return "openshift-v" + version + "-" + channel
}

// has says whether the datafile has these versions already.
//
// Differs from the reference: their order makes no difference. There another order of the clusters asks for a change.
func (o organization) has(versions []Version) bool {
	if len(versions) != len(o.RecommendedVersions) {
		return false
	}
	for _, v := range o.RecommendedVersions {
		if !slices.Contains(versions, Version{v.Workload, v.Channel, v.RecommendedVersion, v.InitialVersion}) {
			return false
		}
	}
	return true
}
