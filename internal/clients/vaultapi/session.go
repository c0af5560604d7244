package vaultapi

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/hashicorp/vault/api"
	"golang.org/x/sync/singleflight"

	"github.com/app-sre/qontract-temporal/internal/apierr"
)

// session is the login that all calls of a client share. It logs in at the first call, renews the token at the first
// call after some two thirds of its life, and logs in again when renewing no longer helps. Whoever calls meanwhile waits
// for the same attempt.
type session struct {
	host    string
	login   Login
	now     func() time.Time
	connect func() (*api.Client, error)
	flights singleflight.Group

	mu      sync.Mutex
	current *lease
	closed  bool
}

// lease is a token and its life. It never changes.
type lease struct {
	client    *api.Client
	renewable bool
	// whole is the life that the login gave it; zero for a token that does not end.
	whole          time.Duration
	renewAt, endAt time.Time
}

// A token is renewed after a part of its life that differs from worker to worker: those that were started together must
// not come together for ever.
const (
	renewAfter  = 0.5
	renewSpread = 0.25
	// shortest is the part of its life that a renewal has to bring. One that brings less is up against the longest life
	// that Vault allows.
	shortest = 0.5
)

func newLease(client *api.Client, auth *api.SecretAuth, whole time.Duration, now time.Time) *lease {
	life := time.Duration(auth.LeaseDuration) * time.Second
	l := &lease{client: client, renewable: auth.Renewable, whole: whole}
	if life > 0 {
		l.renewAt, l.endAt = l.spread(now, life), now.Add(life)
	}
	return l
}

// spread is the moment at which a token with so much life left is renewed.
func (l *lease) spread(now time.Time, life time.Duration) time.Time {
	part := renewAfter + renewSpread*rand.Float64() //nolint:gosec // to come at different moments needs no secrecy.
	return now.Add(time.Duration(part * float64(life)))
}

func (l *lease) due(now time.Time) bool { return !l.renewAt.IsZero() && !now.Before(l.renewAt) }

func (l *lease) ended(now time.Time) bool { return !l.endAt.IsZero() && !now.Before(l.endAt) }

// hold returns a token that is not due.
func (s *session) hold(ctx context.Context) (*lease, error) {
	if held, err := s.peek(); held != nil || err != nil {
		return held, err
	}
	// The attempt outlives the caller that began it, because others may wait for it; each exchange has its deadline.
	shared := context.WithoutCancel(ctx)
	flight := s.flights.DoChan("", func() (any, error) { return s.refresh(shared) })
	select {
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case result := <-flight:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(*lease), nil
	}
}

// peek returns the current token where there is nothing to do about it.
func (s *session) peek() (*lease, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, apierr.Errorf(apierr.Unavailable, "vault %s: %w", s.host, errClosed)
	}
	if s.current == nil || s.current.due(s.now()) {
		return nil, nil //nolint:nilnil // no token is what the caller asks for.
	}
	return s.current, nil
}

// refresh renews the token or gets another one. While the old one counts, an error that may pass is no error yet.
func (s *session) refresh(ctx context.Context) (*lease, error) {
	if held, err := s.peek(); held != nil || err != nil {
		return held, err
	}
	s.mu.Lock()
	old := s.current
	s.mu.Unlock()
	fresh, err := s.renew(ctx, old)
	if fresh == nil && err == nil {
		fresh, err = s.enter(ctx)
	}
	if now := s.now(); err != nil && old != nil && !old.ended(now) && mayPass(err) {
		later := *old
		later.renewAt = old.spread(now, old.endAt.Sub(now))
		fresh, err = &later, nil
	}
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current = fresh
	return fresh, nil
}

func mayPass(err error) bool {
	kind, known := apierr.KindOf(err)
	return !known || kind.Retryable()
}

// renew returns the token with a longer life, or nothing where a new login is needed.
func (s *session) renew(ctx context.Context, old *lease) (*lease, error) {
	if old == nil || !old.renewable || old.ended(s.now()) {
		return nil, nil //nolint:nilnil // a new login is needed.
	}
	began := s.now()
	answer, err := once(ctx, old.client, func(ctx context.Context, logical *api.Logical) (*api.Secret, error) {
		return logical.WriteWithContext(ctx, "auth/token/renew-self", nil)
	})
	if err != nil {
		err = operation{does: "renew the token"}.classify(err)
		if mayPass(err) {
			return nil, fmt.Errorf("vault %s: renew the token: %w", s.host, err)
		}
		return nil, nil //nolint:nilnil // the token has ended early.
	}
	if answer == nil || answer.Auth == nil || float64(answer.Auth.LeaseDuration) < shortest*old.whole.Seconds() {
		return nil, nil //nolint:nilnil // renewing no longer helps.
	}
	return newLease(old.client, answer.Auth, old.whole, began), nil
}

// enter logs in.
func (s *session) enter(ctx context.Context) (*lease, error) {
	fail := func(err error) (*lease, error) { return nil, fmt.Errorf("vault %s: %w", s.host, err) }
	client, err := s.connect()
	if err != nil {
		return fail(err)
	}
	began := s.now()
	answer, err := enter(ctx, client, s.login)
	if err != nil {
		return fail(refusedLogin(s.login, err))
	}
	if answer == nil || answer.Auth == nil || answer.Auth.ClientToken == "" {
		return fail(apierr.Errorf(apierr.Unavailable, "%w: it answered the login without a token", ErrConnection))
	}
	client.SetToken(answer.Auth.ClientToken)
	return newLease(client, answer.Auth, time.Duration(answer.Auth.LeaseDuration)*time.Second, began), nil
}

// drop forgets a token that Vault no longer knows, unless another one has taken its place already.
func (s *session) drop(ended *lease) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != nil && s.current.client == ended.client {
		s.current = nil
	}
}

func (s *session) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed, s.current = true, nil
}
