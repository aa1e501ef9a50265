package socialtest

import (
	"context"
	"sync"
	"time"
)

// changing is held by who changes a State in memory.
var changing sync.Mutex

// Change is social.State's for States in memory, of their Get and Put.
func Change(ctx context.Context, s interface {
	Get(ctx context.Context, name string) ([]byte, error)
	Put(ctx context.Context, name string, value []byte, keep time.Duration) error
}, name string, keep time.Duration, to func(was []byte) []byte,
) error {
	changing.Lock()
	defer changing.Unlock()
	was, err := s.Get(ctx, name)
	if err != nil {
		return err
	}
	if value := to(was); value != nil {
		return s.Put(ctx, name, value, keep)
	}
	return nil
}
