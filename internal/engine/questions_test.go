package engine_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

// crowded is a component that answers a number of questions at once or none:
// each waits until so many are under way.
type crowded struct {
	want int

	mu      sync.Mutex
	now     int
	most    int
	waiting []chan struct{}
}

func (*crowded) Name() string { return "orders" }

func (c *crowded) Ask(ctx context.Context, _ domain.Lookup, _ component.Asker) (domain.ComponentAnswer, error) {
	c.mu.Lock()
	c.now++
	c.most = max(c.most, c.now)
	there := make(chan struct{})
	c.waiting = append(c.waiting, there)
	if len(c.waiting) == c.want {
		for _, w := range c.waiting {
			close(w)
		}
		c.waiting = nil
	}
	c.mu.Unlock()
	select {
	case <-there:
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now--
	return domain.ComponentAnswer{}, ctx.Err()
}

// TestQuestionsAtOnce: a component is asked as many at once as it was said,
// and no more.
func TestQuestionsAtOnce(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{2, 6} {
		c := &crowded{want: limit}
		k := newKit(t, memory.New(), setup{parts: []component.Component{c}})
		k.options.Questions, k.options.Workers = map[string]int{"orders": limit}, 8
		k.open()
		for i := range 12 {
			k.take(k.post(fmt.Sprint("u", i), fmt.Sprintf("where is my order A-%d?", 1000+i)))
		}
		k.settle()
		if c.most != limit {
			t.Errorf("%d questions at once, want %d", c.most, limit)
		}
	}
	k := newKit(t, memory.New(), setup{})
	k.options.Questions = map[string]int{"ordres": 2}
	if _, err := engine.New(k.options); err == nil || !strings.Contains(err.Error(), "did you mean orders") {
		t.Errorf("a limit for nobody: %v", err)
	}
}
