package engine_test

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

// known is a network that knows who we are there, and tells when it is asked
// and when it runs.
type known struct {
	*socialtest.Scripted
	label string
	self  string
	fail  atomic.Pointer[social.Error]
	began chan string
	tried chan string
}

func knows(label, self string, began, tried chan string) *known {
	return &known{Scripted: socialtest.NewScripted(socialtest.ScriptedOptions{Name: "far"}), label: label, self: self, began: began, tried: tried}
}

func (n *known) Account() string { return n.label }

func (n *known) Self(context.Context) (string, error) {
	n.tried <- n.Account()
	if err := n.fail.Load(); err != nil {
		return "", err
	}
	return n.self, nil
}

func (n *known) Run(ctx context.Context, _ social.Sink) error {
	n.began <- n.Account()
	<-ctx.Done()
	return ctx.Err()
}

// link finds an account's.
func (k *kit) link(account string) engine.Link {
	k.t.Helper()
	links, err := k.engine.Links(k.ctx)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, l := range links {
		if l.Name == "far" && l.Account == account {
			return l
		}
	}
	k.t.Fatalf("no account %q", account)
	return engine.Link{}
}

// lines is a log of which each line is told.
type lines chan string

func (l lines) Write(b []byte) (int, error) {
	l <- string(b)
	return len(b), nil
}

// TestOneAccountUnderTwoLabels: it answers once. The one that was there first
// goes on, also after a restart; the other one says why it does not.
func TestOneAccountUnderTwoLabels(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		began, tried := make(chan string, 8), make(chan string, 8)
		k := newKit(t, open(t), setup{networks: []social.Network{knows("shop", "1", began, tried)}})
		stop := func() {
			if err := k.engine.Stop(k.ctx); err != nil {
				t.Fatal(err)
			}
		}
		begin := func() {
			if err := k.engine.Start(k.ctx); err != nil {
				t.Fatal(err)
			}
		}
		begin()
		<-tried
		if got := <-began; got != "shop" {
			t.Fatalf("%q runs", got)
		}
		stop()

		k.advance(time.Hour)
		ended := make(lines, 64)
		k.options.Logger = slog.New(slog.NewTextHandler(ended, nil))
		k.options.Networks = append(k.options.Networks, knows("again", "1", began, tried), knows("other", "2", began, tried))
		for range 2 {
			k.open()
			begin()
			runs := map[string]bool{<-began: true, <-began: true}
			if !runs["shop"] || !runs["other"] {
				t.Fatalf("run: %v", runs)
			}
			for range 3 {
				<-tried
			}
			for line := ""; !strings.Contains(line, "runner ended") || !strings.Contains(line, "account=again"); {
				line = <-ended
			}
			l := k.link("again")
			if l.Row == 0 || l.Fault != social.FaultOperator || !strings.Contains(l.Error, "same account as far/shop") || l.Own != "1" {
				t.Errorf("the second: %+v", l)
			}
			if l := k.link("shop"); l.Row != 0 {
				t.Errorf("the first: %+v", l)
			}
			stop()
		}
		select {
		case got := <-began:
			t.Errorf("%q runs, too", got)
		default:
		}
	})
}

// TestTheSecondLabelSendsNothing: what was decided for an account that turns out
// to be there a second time waits for the operator, and says why.
func TestTheSecondLabelSendsNothing(t *testing.T) {
	t.Parallel()
	began, tried := make(chan string, 8), make(chan string, 8)
	shop, again := knows("shop", "1", began, tried), knows("again", "2", began, tried)
	k := newKit(t, memory.New(), setup{networks: []social.Network{shop, again}})
	learn := func(n int) {
		t.Helper()
		if err := k.engine.Start(k.ctx); err != nil {
			t.Fatal(err)
		}
		for range n {
			<-began
		}
		if err := k.engine.Stop(k.ctx); err != nil {
			t.Fatal(err)
		}
		k.open()
	}
	learn(2)
	k.clock.Set(k.clock.Now().Add(time.Hour))
	ended := make(lines, 64)
	k.options.Logger = slog.New(slog.NewTextHandler(ended, nil))
	k.open()
	again.self = "1" // other credentials were put
	if err := k.engine.Start(k.ctx); err != nil {
		t.Fatal(err)
	}
	<-began
	for line := ""; !strings.Contains(line, "runner ended") || !strings.Contains(line, "account=again"); {
		line = <-ended
	}
	if err := k.engine.Stop(k.ctx); err != nil {
		t.Fatal(err)
	}
	k.open()
	for _, account := range []string{"shop", "again"} {
		p := k.post("ann", "hello")
		p.Network, p.Account = "far", account
		k.take(p)
	}
	k.advance(time.Minute)
	rows := k.effects(domain.EffectPending)
	if len(shop.Sent()) != 1 || len(again.Sent()) != 0 || len(rows) != 1 || !strings.Contains(rows[0].LastError, "same account as far/shop") {
		t.Fatalf("sent %d and %d, left %+v", len(shop.Sent()), len(again.Sent()), rows)
	}
	again.self = "2"
	learn(2)
	k.advance(2 * time.Minute)
	if len(shop.Sent()) != 1 || len(again.Sent()) != 1 {
		t.Errorf("then sent %d and %d", len(shop.Sent()), len(again.Sent()))
	}
}

// TestOtherAccountsOfOurs: what one of our accounts writes makes no customer of
// it at another one.
func TestOtherAccountsOfOurs(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		began, tried := make(chan string, 8), make(chan string, 8)
		k := newKit(t, open(t), setup{networks: []social.Network{knows("shop", "1", began, tried), knows("help", "2", began, tried)}})
		if err := k.engine.Start(k.ctx); err != nil {
			t.Fatal(err)
		}
		<-began
		<-began
		if err := k.engine.Stop(k.ctx); err != nil {
			t.Fatal(err)
		}
		k.open() // as after a restart, before anybody was asked
		post := func(account, author string) domain.Post {
			p := k.post(author, "where is my order?")
			p.Network, p.Account = "far", account
			return p
		}
		got := k.submit(post("shop", "2"), post("shop", "ann"), post("help", "1"))
		if got[0].Aside != engine.AsideOwnPost || got[1].Aside != "" || got[2].Aside != engine.AsideOwnPost {
			t.Errorf("got %+v", got)
		}
	})
}
