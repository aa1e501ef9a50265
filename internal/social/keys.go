package social

import (
	"context"
	"sync"
)

// Keys lets one attempt at a message be made at a time. The zero value is ready.
type Keys struct {
	mu   sync.Mutex
	held map[string]chan struct{} // closed when it is let go
}

// Hold waits until no other attempt holds the key. Its error is that of ctx.
func (k *Keys) Hold(ctx context.Context, key string) (release func(), err error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		k.mu.Lock()
		busy := k.held[key]
		if busy == nil {
			if k.held == nil {
				k.held = map[string]chan struct{}{}
			}
			done := make(chan struct{})
			k.held[key] = done
			k.mu.Unlock()
			return func() {
				k.mu.Lock()
				delete(k.held, key)
				k.mu.Unlock()
				close(done)
			}, nil
		}
		k.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
