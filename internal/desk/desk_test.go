package desk_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/desk"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/feed"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/sqlite"
	"github.com/contact-advocate/advocate/internal/understand"
)

const deskBook = `
playbook: desk
rules:
  - name: person
    on: post
    when: post.wants_person
    do:
      - handover: {queue: care, why: asked for a person}
`

// room is a contact center that runs: an engine, a desk, a store of its own.
type room struct {
	t      *testing.T
	store  store.Store
	engine *engine.Engine
	feed   *feed.Feed
	agents *desk.Agents
	desk   *desk.Desk
	seen   *noted
}

func openRoom(t *testing.T, offerFor time.Duration) *room {
	t.Helper()
	r, _ := openRoomSeen(t, offerFor)
	return r
}

// openRoomSeen is openRoom with somebody who looks on.
func openRoomSeen(t *testing.T, offerFor time.Duration) (*room, *noted) {
	t.Helper()
	seen := &noted{}
	st, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "desk.db"), sqlite.Options{Relaxed: true})
	if err != nil {
		t.Fatal(err)
	}
	reader, err := understand.New(understand.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := domain.DefaultPolicy()
	p.Queues["care"] = domain.Queue{Name: "care", OfferFor: offerFor}
	log := slog.New(slog.DiscardHandler)
	f := feed.New(st, log)
	e, err := engine.New(engine.Options{Store: st, Understander: reader, Policy: p, Logger: log, Observer: func(engine.Change) { f.Changed() }})
	if err != nil {
		t.Fatal(err)
	}
	r := &room{t: t, store: st, engine: e, feed: f, seen: seen}
	v, err := e.PlaybookPublish(t.Context(), "desk.yaml", []byte(deskBook), "test")
	if err == nil {
		err = e.PlaybookActivate(t.Context(), v, "test")
	}
	if err != nil {
		t.Fatal(err)
	}
	r.agents = desk.NewAgents(st, func() time.Time { return time.Now().UTC() }, e.Policy)
	r.desk = desk.New(desk.Options{Store: st, Engine: e, Feed: f, Agents: r.agents, Logger: log, Observer: seen})
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	all.Go(func() { f.Run(ctx) })
	all.Go(func() { r.desk.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		all.Wait()
		if err := e.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		_ = st.Close()
	})
	return r, seen
}

func (r *room) agent(id string, capacity int) {
	r.t.Helper()
	if _, err := r.agents.Put(r.t.Context(), domain.Agent{ID: id, Capacity: capacity, Queues: []string{"care"}, Langs: []string{"en"}}, "test"); err != nil {
		r.t.Fatal(err)
	}
	r.activity(id, domain.ActivityAvailable)
}

func (r *room) activity(id string, a domain.Activity) {
	r.t.Helper()
	if _, err := r.agents.SetActivity(r.t.Context(), id, a, "", id); err != nil {
		r.t.Fatal(err)
	}
	r.feed.Changed()
}

func (r *room) posts(from, n int) {
	r.t.Helper()
	posts := make([]domain.Post, n)
	for i := range posts {
		id := fmt.Sprintf("p%d", from+i)
		posts[i] = domain.Post{Network: "sandbox", ID: id, Author: domain.Author{ID: "author-" + id}, Text: "I want to speak to a person please", Visibility: domain.Private, At: time.Now()}
	}
	got, err := r.engine.PostsSubmit(r.t.Context(), posts)
	if err != nil {
		r.t.Fatal(err)
	}
	for i := range got {
		if got[i].Err != nil {
			r.t.Fatal(got[i].Err)
		}
	}
}

func (r *room) items(p store.WorkItemListParams) (out []domain.WorkItem) {
	r.t.Helper()
	if err := r.store.View(r.t.Context(), func(tx store.Reader) (err error) {
		out, err = tx.WorkItemList(p)
		return err
	}); err != nil {
		r.t.Fatal(err)
	}
	return out
}

// until waits for a state of things, looking again whenever the log moves.
func (r *room) until(what string, f func() bool) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 60*time.Second)
	defer cancel()
	for {
		at, heard := r.feed.Upto(), r.seen.moved()
		if f() {
			return
		}
		select {
		case <-ctx.Done():
			r.t.Fatalf("%s did not come to be: %+v", what, r.items(store.WorkItemListParams{}))
		case <-r.feed.Moved(at):
		case <-heard: // the desk is behind the log
		}
	}
}

func (r *room) do(c domain.Command) error { return r.engine.Command(r.t.Context(), 0, c) }

// TestDeskWorksThroughAQueue: three agents take what comes, none holds more than
// they can, and nothing is left.
func TestDeskWorksThroughAQueue(t *testing.T) {
	t.Parallel()
	r := openRoom(t, 30*time.Second)
	const n = 40
	r.posts(0, n/2)
	room := map[string]int{"ann": 1, "bob": 2, "cem": 3}
	for id, c := range room {
		r.agent(id, c)
	}
	r.posts(n/2, n/2)
	done := map[string]string{}
	for len(done) < n {
		var held []domain.WorkItem
		r.until("an offer", func() bool {
			held = r.items(store.WorkItemListParams{State: domain.WorkReserved})
			return len(held) > 0
		})
		for id, c := range room {
			if mine := r.items(store.WorkItemListParams{Holder: id}); len(mine) > c {
				t.Fatalf("%s holds %d items with room for %d", id, len(mine), c)
			}
		}
		for _, w := range held {
			id := w.Reservation.Agent
			if by, twice := done[w.ID]; twice {
				t.Fatalf("%s was worked on by %s and offered to %s", w.ID, by, id)
			}
			if err := r.do(domain.Command{Kind: domain.CommandAccept, By: id, Reservation: w.Reservation.ID}); err != nil {
				t.Fatal(err)
			}
			if err := r.do(domain.Command{Kind: domain.CommandComplete, By: id, WorkItem: w.ID, Disposition: domain.DispositionResolved}); err != nil {
				t.Fatal(err)
			}
			done[w.ID] = id
		}
	}
	worked := map[string]int{}
	for _, id := range done {
		worked[id]++
	}
	if len(worked) != 3 {
		t.Errorf("not everybody was given work: %v", worked)
	}
	if err := r.store.View(t.Context(), func(tx store.Reader) error {
		looks, err := desk.Outlooks(tx)
		if err == nil && len(looks) != 2 {
			t.Errorf("%d queues stand somehow, want care and urgent: %+v", len(looks), looks)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	r.until("the queue's end", func() bool { return len(r.items(store.WorkItemListParams{State: domain.WorkCompleted})) == n })
}

// TestDeskTakesBackAndGoesOn: an offer runs out, an agent leaves in the middle
// of one, another rejects; the item is at every moment offered to one at most
// and reaches the one who is there.
func TestDeskTakesBackAndGoesOn(t *testing.T) {
	t.Parallel()
	r := openRoom(t, 400*time.Millisecond)
	r.agent("ann", 1)
	r.posts(0, 1)
	offered := func(agent string) domain.WorkItem {
		t.Helper()
		var w domain.WorkItem
		r.until("an offer to "+agent, func() bool {
			held := r.items(store.WorkItemListParams{Holder: agent, State: domain.WorkReserved})
			if len(held) == 1 {
				w = held[0]
			}
			return len(held) == 1
		})
		return w
	}
	// Ann never answers: after two offers she counts as away.
	r.until("ann's break", func() bool {
		a, err := r.agents.Get(t.Context(), "ann")
		return err == nil && a.Activity == domain.ActivityBreak
	})
	if w := r.items(store.WorkItemListParams{})[0]; w.State != domain.WorkPending || w.Offers != 2 || !slices.Equal(w.Passed, []string{"ann"}) {
		t.Fatalf("%+v", w)
	}
	r.agent("bob", 1)
	offered("bob")
	r.activity("bob", domain.ActivityOffline)
	r.until("the offer's end", func() bool { return len(r.items(store.WorkItemListParams{Holder: "bob"})) == 0 })
	r.agent("cem", 1)
	w := offered("cem")
	if err := r.do(domain.Command{Kind: domain.CommandReject, By: "cem", Reservation: w.Reservation.ID}); err != nil && domain.ErrorCode(err) != domain.CodeConflict {
		t.Fatal(err)
	}
	r.agent("dee", 1)
	w = offered("dee")
	if err := r.do(domain.Command{Kind: domain.CommandAccept, By: "dee", Reservation: w.Reservation.ID}); err != nil {
		t.Fatal(err)
	}
	if w := r.items(store.WorkItemListParams{Holder: "dee"}); len(w) != 1 || w[0].State != domain.WorkAssigned {
		t.Errorf("%+v", w)
	}
}

// TestDeskTakesBackFromWhoHasNoRoom: an agent who takes other work by hand
// while an offer waits is not blamed for it, and somebody else is asked at once.
func TestDeskTakesBackFromWhoHasNoRoom(t *testing.T) {
	t.Parallel()
	r := openRoom(t, 10*time.Minute)
	r.agent("ann", 2)
	r.posts(0, 4)
	var held []domain.WorkItem
	r.until("two offers to ann", func() bool {
		held = r.items(store.WorkItemListParams{Holder: "ann", State: domain.WorkReserved})
		return len(held) == 2
	})
	slices.SortFunc(held, func(x, y domain.WorkItem) int {
		return cmp.Or(x.Reservation.OfferedAt.Compare(y.Reservation.OfferedAt), strings.Compare(x.ID, y.ID)) // of one commit they have one time
	})
	free := r.items(store.WorkItemListParams{State: domain.WorkPending})
	take := func(w domain.WorkItem) {
		t.Helper()
		if err := r.do(domain.Command{Kind: domain.CommandAssign, By: "ann", WorkItem: w.ID}); err != nil {
			t.Fatal(err)
		}
	}
	back := func(w domain.WorkItem) {
		t.Helper()
		r.until("the offer's end", func() bool {
			for _, x := range r.items(store.WorkItemListParams{State: domain.WorkPending}) {
				if x.ID == w.ID {
					w = x
					return true
				}
			}
			return false
		})
		if len(w.Passed) != 0 || w.Reservation.State != domain.ReservationRescinded {
			t.Errorf("ann is said to have let it go: %+v", w)
		}
	}
	take(free[0]) // now there is room for one: the offer that was made last goes
	back(held[1])
	if one := r.items(store.WorkItemListParams{Holder: "ann", State: domain.WorkReserved}); len(one) != 1 || one[0].ID != held[0].ID {
		t.Fatalf("the first offer is not hers any more: %+v", one)
	}
	take(free[1])
	back(held[0])
	if a, err := r.agents.Get(t.Context(), "ann"); err != nil || a.Activity != domain.ActivityAvailable || a.Missed != 0 {
		t.Errorf("ann: %+v %v", a, err)
	}
	r.agent("bob", 2)
	r.until("offers to bob", func() bool {
		return len(r.items(store.WorkItemListParams{Holder: "bob", State: domain.WorkReserved})) == 2
	})
}

func TestAgentsRefuseBadInput(t *testing.T) {
	t.Parallel()
	r := openRoom(t, time.Minute)
	put := func(a domain.Agent) error {
		_, err := r.agents.Put(t.Context(), a, "test")
		return err
	}
	for what, a := range map[string]domain.Agent{
		"nobody": {Capacity: 1}, "no room": {ID: "x"}, "too much room": {ID: "x", Capacity: 1000}, "no such queue": {ID: "x", Capacity: 1, Queues: []string{"cars"}},
		"level": {ID: "x", Capacity: 1, Skills: map[string]int{"orders": 9}}, "skill": {ID: "x", Capacity: 1, Skills: map[string]int{"a:b": 1}},
	} {
		if err := put(a); domain.ErrorCode(err) != domain.CodeInvalid {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := put(domain.Agent{ID: "x", Capacity: 1, Version: 3}); domain.ErrorCode(err) != domain.CodeNotFound {
		t.Errorf("an unknown one changed: %v", err)
	}
	if err := put(domain.Agent{ID: "x", Capacity: 1}); err != nil {
		t.Fatal(err)
	}
	if err := put(domain.Agent{ID: "x", Capacity: 2}); domain.ErrorCode(err) != domain.CodeConflict {
		t.Errorf("made twice: %v", err)
	}
	if _, err := r.agents.SetActivity(t.Context(), "x", "asleep", "", "x"); domain.ErrorCode(err) != domain.CodeInvalid {
		t.Errorf("an activity there is not: %v", err)
	}
	if _, err := r.agents.SetActivity(t.Context(), "y", domain.ActivityBreak, "", "y"); domain.ErrorCode(err) != domain.CodeNotFound {
		t.Errorf("nobody's: %v", err)
	}
}
