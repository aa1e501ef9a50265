package component

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/contact-advocate/advocate/internal/domain"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type fake struct {
	name string
	ask  func(context.Context, domain.Lookup) (domain.ComponentAnswer, error)
}

func (f fake) Name() string { return f.name }
func (f fake) Ask(ctx context.Context, q domain.Lookup, _ Asker) (domain.ComponentAnswer, error) {
	return f.ask(ctx, q)
}

func found(context.Context, domain.Lookup) (domain.ComponentAnswer, error) {
	return domain.ComponentAnswer{Found: true}, nil
}

func TestSetDispatches(t *testing.T) {
	t.Parallel()
	s, err := NewSet([]Component{fake{"orders", found}, fake{"customers", found}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	q := domain.Lookup{Effect: "e1", Component: "orders", ID: "x"}
	ans, err := s.Ask(context.Background(), q, Asker{})
	if err != nil || !ans.Found || ans.Lookup != q {
		t.Errorf("%+v, %v", ans, err)
	}
	for name, want := range map[string]string{
		"orderz":     `"orderz", which is no component; known are customers, orders; did you mean orders?`,
		"completely": `"completely", which is no component; known are customers, orders`,
		"":           `"", which is no component; known are customers, orders`,
	} {
		ans, err := s.Ask(context.Background(), domain.Lookup{Component: name}, Asker{})
		var e *Error
		if !errors.As(err, &e) || e.Retry || e.Safe != want || ans.Found {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// A component that breaks its contract must not break the one who asks.
func TestSetHoldsContract(t *testing.T) {
	t.Parallel()
	answer := func(a domain.ComponentAnswer, err error) func(context.Context, domain.Lookup) (domain.ComponentAnswer, error) {
		return func(context.Context, domain.Lookup) (domain.ComponentAnswer, error) { return a, err }
	}
	for _, c := range []struct {
		ask  func(context.Context, domain.Lookup) (domain.ComponentAnswer, error)
		want string
	}{
		{func(context.Context, domain.Lookup) (domain.ComponentAnswer, error) { panic("boom") }, "bad: failed inside"},
		{answer(domain.ComponentAnswer{}, errors.New("dsn=user:password@host")), "bad: could not be asked"},
		{answer(domain.ComponentAnswer{Data: json.RawMessage(`[1]`)}, nil), "bad: the answer's data is not a JSON object"},
		{answer(domain.ComponentAnswer{Data: json.RawMessage(`{"a":`)}, nil), "bad: the answer's data is not a JSON object"},
		{answer(domain.ComponentAnswer{Data: json.RawMessage(`{"a":"` + strings.Repeat("x", MaxAnswerData) + `"}`)}, nil), "bad: the answer is 16392 bytes long; at most 16384 are accepted"},
		{answer(domain.ComponentAnswer{Orders: make([]domain.Order, 51)}, nil), "bad: the answer has 51 orders; at most 50 are accepted"},
	} {
		s, err := NewSet([]Component{fake{"bad", c.ask}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		ans, err := s.Ask(context.Background(), domain.Lookup{Component: "bad"}, Asker{})
		var e *Error
		if !errors.As(err, &e) || e.Safe != c.want || ans.Found || ans.Data != nil {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func TestSetLimitsEachComponent(t *testing.T) {
	t.Parallel()
	var now, most atomic.Int32
	entered, release := make(chan struct{}, 10), make(chan struct{})
	slow := fake{"slow", func(context.Context, domain.Lookup) (domain.ComponentAnswer, error) {
		n := now.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		entered <- struct{}{}
		<-release
		now.Add(-1)
		return domain.ComponentAnswer{}, nil
	}}
	s, err := NewSet([]Component{slow, fake{"quick", found}}, map[string]int{"slow": 2})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() { _, _ = s.Ask(context.Background(), domain.Lookup{Component: "slow"}, Asker{}) })
	}
	<-entered
	<-entered
	if ans, err := s.Ask(context.Background(), domain.Lookup{Component: "quick"}, Asker{}); err != nil || !ans.Found {
		t.Errorf("the slow one held up the quick one: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var e *Error
	if _, err := s.Ask(ctx, domain.Lookup{Component: "slow"}, Asker{}); !errors.As(err, &e) || !e.Retry || !errors.Is(err, context.Canceled) {
		t.Errorf("waiting ignored the context: %v", err)
	}
	close(release)
	wg.Wait()
	if most.Load() != 2 {
		t.Errorf("%d questions were under way at once, want 2", most.Load())
	}
}

func TestNewSetErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		names  []string
		limits map[string]int
		want   string
	}{
		{[]string{"a", "a"}, nil, `component "a": there are two of that name`},
		{[]string{"A b"}, nil, `component "A b": the name must be`},
		{[]string{"a"}, map[string]int{"a": 0}, `component "a": concurrency is 0; want from 1 to 256`},
		{[]string{"orders"}, map[string]int{"order": 1}, `concurrency is set for "order", which is no component; known are orders; did you mean orders?`},
	} {
		var list []Component
		for _, n := range c.names {
			list = append(list, fake{n, found})
		}
		if _, err := NewSet(list, c.limits); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}
