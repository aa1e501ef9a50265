//go:build unix

package sandbox_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/sandbox"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

// withServer ends the database server that tests have started.
type withServer struct{ m *testing.M }

func (w withServer) Run() int { return pgtest.Main(w.m) }

// collector takes posts, or refuses them while it is told to.
type collector struct {
	mu     sync.Mutex
	got    []string
	refuse error
}

func (c *collector) PostsAccept(_ context.Context, posts []domain.Post) ([]social.Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return socialtest.Accept(posts, func([]domain.Post) error { return c.refuse }, func(p domain.Post) { c.got = append(c.got, p.ID+" "+p.Text) })
}

func shared(t *testing.T, url string) *sandbox.Network {
	t.Helper()
	st := pgtest.OpenURL(t, url, postgres.Options{MaxConns: 4})
	n, err := sandbox.Open(sandbox.Options{Shared: st.DB()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// TestSharedByProcesses posts through one process, delivers through another,
// answers through a third and reads through each.
func TestSharedByProcesses(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	var nets [3]*sandbox.Network
	var wg sync.WaitGroup
	for i := range nets { // all at once: they make the tables
		wg.Go(func() { nets[i] = shared(t, url) })
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	ctx, stop := context.WithCancel(t.Context())
	sink := &collector{refuse: errors.New("not now")}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		nets[1].Run(ctx, sink)
	}()
	defer func() { stop(); <-ended }()
	p, err := nets[0].Publish(ctx, sandbox.Draft{Handle: "ann", Text: "where is it?", Visibility: domain.Private})
	if err != nil || p.Delivery != sandbox.Waiting || !strings.Contains(p.Reason, "tried again") {
		t.Fatalf("%+v, %v", p, err)
	}
	sink.mu.Lock()
	sink.refuse = nil
	sink.mu.Unlock()
	began := time.Now()
	second, err := nets[0].Publish(ctx, sandbox.Draft{Handle: "ann", Text: "hello?", InReplyTo: p.ID})
	if err != nil || second.Visibility != domain.Private || second.Thread != p.ID {
		t.Fatalf("%+v, %v", second, err)
	}
	for {
		got, err := nets[2].Get(ctx, second.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got.Delivery == sandbox.Delivered {
			break
		}
		if time.Since(began) > 10*time.Second {
			t.Fatalf("not delivered: %+v", got)
		}
		time.Sleep(10 * time.Millisecond)
	}
	sink.mu.Lock()
	if want := []string{p.ID + " where is it?", second.ID + " hello?"}; strings.Join(sink.got, ", ") != strings.Join(want, ", ") {
		t.Errorf("delivered %q, want %q", sink.got, want)
	}
	sink.mu.Unlock()

	// Somebody waits on the first for what the third is told to send, twice.
	before, err := nets[0].Timeline(ctx, sandbox.TimelineParams{As: "ann,ben"})
	if err != nil {
		t.Fatal(err)
	}
	waited := make(chan sandbox.Timeline, 1)
	go func() {
		tl, err := nets[0].Timeline(ctx, sandbox.TimelineParams{As: "ann,ben", After: before.Next, Wait: 20 * time.Second})
		if err != nil {
			t.Error(err)
		}
		waited <- tl
	}()
	m := social.Message{Key: "k1", To: domain.IdentityKey{Network: sandbox.Name, Author: "ann"}, InReplyTo: p.ID, Visibility: domain.Private, Text: "on its way"}
	sent, err := nets[2].Send(ctx, m)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := nets[1].Send(ctx, m); err != nil || again.PostID != sent.PostID {
		t.Errorf("a repeat by another process made %+v, %v; the first was %+v", again, err, sent)
	}
	if tl := <-waited; len(tl.Items) != 1 || tl.Items[0].Text != "on its way" || tl.Items[0].Thread != p.ID {
		t.Errorf("the other process shows %+v", tl.Items)
	}
	if thread, err := nets[1].Thread(ctx, p.ID, "ann"); err != nil || len(thread) != 3 {
		t.Errorf("the conversation is %+v, %v", thread, err)
	}
	if _, err := nets[0].Edit(ctx, p.ID, "ann", "where is A-1?"); err != nil {
		t.Error(err)
	}
	if got, err := nets[2].Get(ctx, p.ID); err != nil || got.Text != "where is A-1?" || got.EditedAt.IsZero() {
		t.Errorf("after the edit: %+v, %v", got, err)
	}
}

// TestSharedAsItIs: whoever leaves the database as it is makes no tables, and
// works with those of others.
func TestSharedAsItIs(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	st := pgtest.OpenURL(t, url, postgres.Options{MaxConns: 4})
	n, err := sandbox.Open(sandbox.Options{Shared: st.DB(), AsItIs: true})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	draft := sandbox.Draft{Handle: "ann", Text: "where is it?"}
	if _, err := n.Publish(t.Context(), draft); err == nil {
		t.Error("it has made its tables")
	}
	shared(t, url)
	if _, err := n.Publish(t.Context(), draft); err != nil {
		t.Error(err)
	}
}
