package rehearse

import (
	"context"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/app-sre/qontract-temporal/internal/apierr"
	"github.com/app-sre/qontract-temporal/internal/standin/aws"
	"github.com/app-sre/qontract-temporal/internal/testkit/fault"
	"github.com/app-sre/qontract-temporal/internal/testkit/leak"
)

// awsTarget is a stand-in with all accounts of a case. The estate's file holds an aws.Estate.
type awsTarget struct {
	aws    *aws.Server
	faults *fault.Injector
	server *httptest.Server
	// place is told where AWS is while the target is there.
	place *awsPlace
	// given are the IDs of the access keys that the case has.
	given map[string]bool
}

func startAWS(_ context.Context, s *Stage, _ string, text []byte) (target, error) {
	estate, err := aws.ParseEstate(text)
	if err != nil {
		return nil, err
	}
	t := &awsTarget{aws: aws.New(estate, time.Now), place: s.aws, given: map[string]bool{}}
	for _, account := range estate.Accounts {
		for _, user := range account.Users {
			for id := range user.Keys {
				t.given[id] = true
			}
		}
	}
	t.faults = fault.New(t.aws, aws.IsRead, fault.WithOperations(aws.Operation))
	t.server = httptest.NewServer(t.faults)
	t.place.set(t.URL())
	return t, nil
}

func (t *awsTarget) URL() string { return t.server.URL }

// environment leads a worker to it, and nowhere else.
func (t *awsTarget) environment() []string {
	return []string{"AWS_ENDPOINT_URL=" + t.URL(), "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=false", "AWS_PROFILE="}
}

func (t *awsTarget) Faults() *fault.Injector { return t.faults }

// Dump leaves out what another run to the same end has otherwise: times, and how often was asked for what takes its time.
func (t *awsTarget) Dump(context.Context, ...string) ([]byte, error) {
	estate := t.aws.Dump()
	for _, organization := range estate.Organizations {
		for _, request := range organization.Requests {
			request.Pending = nil
		}
	}
	for _, account := range estate.Accounts {
		withoutWaits(account)
	}
	return yaml.Marshal(estate)
}

// made are the access keys that AWS made, each with what stands for it in a dump of any system. What they are depends on how
// many were made before and could not be kept, and the end is the same all the same.
func (t *awsTarget) made() []string {
	var pairs []string
	for _, account := range t.aws.Dump().Accounts {
		for name, user := range account.Users {
			number := 0
			for _, id := range slices.Sorted(maps.Keys(user.Keys)) {
				if t.given[id] {
					continue
				}
				number++
				label := fmt.Sprintf("key-%d-of-%s-in-%s", number, name, account.Name)
				pairs = append(pairs, id, label, user.Keys[id].Secret, leak.Marker+label)
			}
		}
	}
	return pairs
}

func withoutWaits(account *aws.Account) {
	for _, user := range account.Users {
		user.Issued = 0
		for _, key := range user.Keys {
			key.Pending = nil
		}
	}
	for _, region := range account.Regions {
		region.Pending = nil
	}
	for _, request := range account.QuotaRequests {
		request.Pending = nil
	}
	for _, queues := range account.Queues {
		for _, queue := range queues {
			for _, message := range queue.Messages {
				message.Received, message.HiddenUntil = 0, time.Time{}
			}
		}
	}
}

func (t *awsTarget) Hang() error {
	t.server.Close()
	return nil
}

func (t *awsTarget) Close() error {
	t.place.set("")
	return t.Hang()
}

// awsPlace is where the current case has AWS. No case reaches the real one.
type awsPlace struct {
	mu  sync.Mutex
	url string
}

func (p *awsPlace) set(url string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.url = url
}

// endpoint is an awsapi.Options.Endpoint.
func (p *awsPlace) endpoint() (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.url == "" {
		return "", apierr.Errorf(apierr.Invalid, "the case has no AWS: add estate/aws/NAME.yaml")
	}
	return p.url, nil
}
