package vaultapi

import (
	"context"
	"fmt"
	"sync"

	"github.com/app-sre/qontract-temporal/internal/inputs"
	"github.com/app-sre/qontract-temporal/internal/secret"
)

// Pool keeps one client for each Vault and AppRole, with role ID and secret ID that a secret.Reader reads. It is safe for
// concurrent use.
type Pool struct {
	secrets secret.Reader

	mu      sync.Mutex
	clients map[string]*pooled
}

type pooled struct {
	client *Client
	role   AppRole
}

// NewPool returns an empty pool.
func NewPool(secrets secret.Reader) *Pool {
	return &Pool{secrets: secrets, clients: map[string]*pooled{}}
}

// Connect returns the client of a Vault with the AppRole whose IDs are in the two secrets. These are read each time, so
// that IDs which were renewed count at once.
func (p *Pool) Connect(ctx context.Context, address string, roleID, secretID secret.Ref) (*Client, error) {
	if err := inputs.Outside(ctx, "vault "+address); err != nil {
		return nil, err
	}
	role, err := p.role(ctx, roleID, secretID)
	if err != nil {
		return nil, fmt.Errorf("login at vault %s: %w", address, err)
	}
	key := fmt.Sprintf("%s %s %s", address, roleID, secretID)
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.clients[key]
	if known != nil && known.role.same(role) {
		return known.client, nil
	}
	client, err := New(Config{Address: address, Login: role})
	if err != nil {
		return nil, err
	}
	if known != nil {
		// Whoever still uses it may go on.
		known.client.idle()
	}
	p.clients[key] = &pooled{client, role}
	return client, nil
}

func (p *Pool) role(ctx context.Context, roleID, secretID secret.Ref) (role AppRole, err error) {
	if role.RoleID, err = p.secrets.Read(ctx, roleID); err != nil {
		return role, err
	}
	role.SecretID, err = p.secrets.Read(ctx, secretID)
	return role, err
}

func (a AppRole) same(other AppRole) bool {
	return a.RoleID.Reveal() == other.RoleID.Reveal() && a.SecretID.Reveal() == other.SecretID.Reveal()
}

// Close closes all clients.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, known := range p.clients {
		known.client.Close()
		delete(p.clients, key)
	}
}
