package engine_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
)

// slowNetwork holds every message until it is let go, and tells how many it
// held at once.
type slowNetwork struct {
	name  string
	begun chan struct{} // one for each message that arrives
	leave chan struct{} // closed: messages go through

	mu         sync.Mutex
	held, most int
	sent       map[string]int
}

func newSlowNetwork(name string, slow bool) *slowNetwork {
	n := &slowNetwork{name: name, begun: make(chan struct{}, 1000), leave: make(chan struct{}), sent: map[string]int{}}
	if !slow {
		close(n.leave)
	}
	return n
}

func (n *slowNetwork) Name() string    { return n.name }
func (n *slowNetwork) Account() string { return "" }
func (n *slowNetwork) Capabilities() social.Capabilities {
	return social.Capabilities{PublicReply: true, PrivateMessage: true}
}

func (n *slowNetwork) Send(_ context.Context, m social.Message) (social.Sent, error) {
	n.mu.Lock()
	n.held++
	n.most = max(n.most, n.held)
	n.sent[m.Key]++
	n.mu.Unlock()
	n.begun <- struct{}{}
	<-n.leave
	n.mu.Lock()
	defer n.mu.Unlock()
	n.held--
	return social.Sent{PostID: m.Key}, nil
}

// TestASlowNetworkHoldsNobodyUp: it has few messages under way, the others go
// on meanwhile, and what it did not come to is left as it was when the engine
// stops.
func TestASlowNetworkHoldsNobodyUp(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		const people = 60
		slow, fast := newSlowNetwork("slow", true), newSlowNetwork("fast", false)
		k := newKit(t, open(t), setup{networks: []social.Network{slow, fast}})
		k.options.Workers = 16
		k.open()
		for i := range people {
			for _, n := range []string{"slow", "fast"} {
				p := k.post(fmt.Sprintf("%s-%d", n, i), "hello")
				p.Network = n
				k.take(p)
			}
		}
		if err := k.engine.Start(k.ctx); err != nil {
			t.Fatal(err)
		}
		for range people {
			<-fast.begun
		}
		for range 4 {
			<-slow.begun
		}
		stopped := make(chan error)
		go func() { stopped <- k.engine.Stop(k.ctx) }()
		close(slow.leave)
		if err := <-stopped; err != nil {
			t.Fatal(err)
		}
		slow.mu.Lock()
		defer slow.mu.Unlock()
		if slow.most != 4 {
			t.Errorf("the slow network had %d messages under way; want 4", slow.most)
		}
		if left := len(k.effects(domain.EffectPending)); left != people-len(slow.sent) || len(k.effects("")) != left {
			t.Errorf("%d were sent, %d are pending of %d in the outbox; want %d in all", len(slow.sent), left, len(k.effects("")), people)
		}
		for _, e := range k.effects(domain.EffectPending) {
			if e.NotBefore.After(k.clock.Now()) {
				t.Errorf("%s waits until %v although it was not tried", e.ID, e.NotBefore)
			}
		}
		for key, n := range slow.sent {
			if n != 1 {
				t.Errorf("%s was sent %d times", key, n)
			}
		}
	})
}
