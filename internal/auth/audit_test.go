package auth

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

// gate is a store whose writes wait for a signal.
type gate struct {
	store.Store
	pass    chan struct{}
	updates atomic.Int32
	fail    atomic.Bool
}

func (g *gate) Update(ctx context.Context, fn func(store.Tx) error) error {
	g.updates.Add(1)
	<-g.pass
	if g.fail.Load() {
		return store.ErrBusy
	}
	return g.Store.Update(ctx, fn)
}

func TestAuditLog(t *testing.T) {
	t.Parallel()
	g := &gate{Store: memory.New(), pass: make(chan struct{})}
	d := newDesk(t)
	l := NewAuditLog(g, d.clock)
	var wg sync.WaitGroup
	const calls = 100
	for i := range calls {
		wg.Go(func() {
			err := l.Append(t.Context(), Entry(boss, "customer.read", fmt.Sprint(i), 7, "ok"), store.AuditRow{Action: "second"})
			if err != nil {
				t.Error(err)
			}
			// Durable when Append returns.
			_ = g.View(t.Context(), func(r store.Reader) error {
				rows, _ := r.AuditList(store.AuditListParams{Object: fmt.Sprint(i), Limit: 5})
				if len(rows) != 1 || rows[0].By != "cli" || rows[0].Via != "command" || rows[0].Customer != 7 || !rows[0].At.Equal(now) {
					t.Errorf("%d: %+v", i, rows)
				}
				return nil
			})
		})
	}
	for g.updates.Load() == 0 || len(l.queue) < calls-10 && g.updates.Load() < 2 {
		runtime.Gosched()
	}
	close(g.pass)
	wg.Wait()
	if n := g.updates.Load(); n > 12 {
		t.Errorf("%d commits for %d calls at once", n, calls)
	}
	g.fail.Store(true)
	if err := l.Append(t.Context(), store.AuditRow{Action: "x"}); !errors.Is(err, store.ErrBusy) {
		t.Errorf("the store's error is %v", err)
	}
	for range 2 {
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Append(t.Context(), store.AuditRow{Action: "x"}); !errors.Is(err, ErrAuditClosed) {
		t.Errorf("after its end: %v", err)
	}
}

func TestAuditLogIsBounded(t *testing.T) {
	t.Parallel()
	g := &gate{Store: memory.New(), pass: make(chan struct{})}
	d := newDesk(t)
	l := NewAuditLog(g, d.clock)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	row := store.AuditRow{Action: "x"}
	wg.Go(func() { _ = l.Append(ctx, row) })
	for g.updates.Load() == 0 {
		runtime.Gosched()
	}
	for range auditQueue {
		wg.Go(func() { _ = l.Append(ctx, row) })
	}
	for len(l.queue) < auditQueue {
		runtime.Gosched()
	}
	if err := l.Append(t.Context(), row); domain.ErrorCode(err) != domain.CodeBusy {
		t.Errorf("one more: %v", err)
	}
	if err := l.Append(t.Context(), make([]store.AuditRow, MaxAudit+1)...); domain.ErrorCode(err) != domain.CodeTooLarge {
		t.Errorf("too many at once: %v", err)
	}
	cancel()
	wg.Wait() // who has gone waits for nothing
	close(g.pass)
	_ = l.Close()
}
