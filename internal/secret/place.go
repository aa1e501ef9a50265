package secret

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrNoVault means that a secret is in the vault, and nobody has opened it:
// only a server, or a command on its database, can read it.
var ErrNoVault = errors.New("the vault is not open here")

// readTime bounds how long the vault's database may take.
const readTime = 5 * time.Second

// Getter gives secrets by name.
type Getter interface {
	Get(ctx context.Context, name string) (string, error)
}

// Place is where the vault will be: a configuration is read before the
// database that the vault is in can be opened. The zero value has none yet.
type Place struct {
	mu    sync.RWMutex
	vault Getter
}

// Put opens the place.
func (p *Place) Put(vault Getter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.vault = vault
}

func (p *Place) get(name string) (string, error) {
	if p == nil {
		return "", ErrNoVault
	}
	p.mu.RLock()
	vault := p.vault
	p.mu.RUnlock()
	if vault == nil {
		return "", ErrNoVault
	}
	ctx, cancel := context.WithTimeout(context.Background(), readTime)
	defer cancel()
	return vault.Get(ctx, name)
}
