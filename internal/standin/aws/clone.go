package aws

import (
	"maps"
	"slices"
)

// clone returns a copy that shares nothing.
func (e Estate) clone() Estate {
	e.Organizations = cloned(e.Organizations, (*Organization).clone)
	e.Accounts = cloned(e.Accounts, (*Account).clone)
	e.Services = cloned(e.Services, func(s Service) Service {
		s.Quotas = maps.Clone(s.Quotas)
		return s
	})
	e.Policies = cloned(e.Policies, slices.Clone[[]string])
	e.Throttle = cloned(e.Throttle, shallow)
	return e
}

func (o *Organization) clone() *Organization {
	made := *o
	made.Units = cloned(o.Units, shallow)
	made.Requests = cloned(o.Requests, func(r *AccountRequest) *AccountRequest {
		made := *r
		made.Pending = shallow(r.Pending)
		return &made
	})
	made.Failures = maps.Clone(o.Failures)
	return &made
}

func (a *Account) clone() *Account {
	made := *a
	made.Tags, made.Contacts, made.QuotaAnswers = maps.Clone(a.Tags), maps.Clone(a.Contacts), maps.Clone(a.QuotaAnswers)
	made.Users = cloned(a.Users, (*User).clone)
	made.Roles = cloned(a.Roles, func(r *Role) *Role {
		return &Role{Trusts: slices.Clone(r.Trusts), Policies: slices.Clone(r.Policies)}
	})
	made.Regions = cloned(a.Regions, func(r *Region) *Region {
		return &Region{Status: r.Status, Pending: shallow(r.Pending)}
	})
	made.Quotas = cloned(a.Quotas, maps.Clone[map[string]float64])
	made.QuotaRequests = cloned(a.QuotaRequests, func(r *QuotaRequest) *QuotaRequest {
		made := *r
		made.Pending = shallow(r.Pending)
		return &made
	})
	made.Cases = cloned(a.Cases, func(c *Case) *Case {
		made := *c
		made.Replies = slices.Clone(c.Replies)
		return &made
	})
	made.Buckets = cloned(a.Buckets, shallow)
	made.Queues = cloned(a.Queues, func(queues map[string]*Queue) map[string]*Queue {
		return cloned(queues, func(q *Queue) *Queue {
			made := &Queue{Sent: q.Sent}
			for _, message := range q.Messages {
				made.Messages = append(made.Messages, shallow(message))
			}
			return made
		})
	})
	return &made
}

func (u *User) clone() *User {
	return &User{
		Policies: slices.Clone(u.Policies),
		Keys: cloned(u.Keys, func(k *Key) *Key {
			made := *k
			made.Pending = shallow(k.Pending)
			return &made
		}),
		Issued: u.Issued,
	}
}

func cloned[V any](values map[string]V, clone func(V) V) map[string]V {
	if values == nil {
		return nil
	}
	made := make(map[string]V, len(values))
	for name, value := range values {
		made[name] = clone(value)
	}
	return made
}

// shallow copies a value that points at nothing itself.
func shallow[V any](value *V) *V {
	if value == nil {
		return nil
	}
	made := *value
	return &made
}

// put sets a value in a map that may not be there yet.
func put[V any](values *map[string]V, name string, value V) {
	if *values == nil {
		*values = map[string]V{}
	}
	(*values)[name] = value
}
