package social

import (
	"context"
	"sync"
)

// Turn is held by one at a time, like a mutex, but nobody waits for it longer
// than their ctx. The zero value is ready.
type Turn struct {
	once sync.Once
	held chan struct{}
}

// Take waits until nobody holds the turn. Its error is that of ctx; release is
// to be called once then.
func (t *Turn) Take(ctx context.Context) (release func(), err error) {
	t.once.Do(func() { t.held = make(chan struct{}, 1) })
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case t.held <- struct{}{}:
		return func() { <-t.held }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
