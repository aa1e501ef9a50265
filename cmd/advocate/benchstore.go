package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
)

// scratch makes a database of the benchmark's own where the store is a server.
func (b *bench) scratch(ctx context.Context) (drop func() error, err error) {
	if !b.settings.server() {
		return func() error { return nil }, nil
	}
	url, remove, err := postgres.Scratch(ctx, b.settings.store)
	if err != nil {
		return nil, tellServer(&b.settings, err)
	}
	b.settings.store = url
	return func() error {
		if b.cmd.Keep {
			fmt.Fprintf(b.g.stderr, "kept in %s\n", config.StoreName(url))
			return nil
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // also after an interrupt
		defer cancel()
		return remove(ctx)
	}, nil
}

func (b *bench) storeName() string {
	if b.settings.server() {
		return "postgres"
	}
	return config.SQLite
}

// loading opens the database that is filled.
func (b *bench) loading(ctx context.Context) (store.Store, error) {
	if b.settings.server() {
		return openStore(ctx, &b.settings)
	}
	return sqlite.Open(ctx, b.settings.database(), sqlite.Options{Relaxed: true, CacheMiB: 128})
}

// size is how large the database is, in MiB.
func (b *bench) size(ctx context.Context) (float64, error) {
	if p, ok := b.n.store.(*postgres.Store); ok {
		n, err := p.Size(ctx)
		return float64(n) / (1 << 20), err
	}
	st, err := os.Stat(b.settings.database())
	if err != nil {
		return 0, err
	}
	return float64(st.Size()) / (1 << 20), nil
}

// serverCPU is what a server on this machine has used; 0 for any other.
func (b *bench) serverCPU(ctx context.Context) time.Duration {
	p, ok := b.n.store.(*postgres.Store)
	if !ok {
		return 0
	}
	used, _, err := p.ServerCPU(ctx)
	if err != nil {
		return 0
	}
	return used
}
