package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/store"
)

// follower plays starts of a server with one configuration after the other,
// and operators between them.
type follower struct{ *kit }

// start is a start with a playbook's text under a company's policy.
func (f follower) start(src, company string) engine.Followed {
	f.t.Helper()
	f.clock.Advance(time.Minute)
	f.options.Policy.Company = company
	f.open()
	got, err := f.engine.PlaybookFollow(f.ctx, "mine.yaml", []byte(src), engine.ByStart)
	if err != nil {
		f.t.Fatal(err)
	}
	return got
}

func (f follower) operator(version int64) {
	f.t.Helper()
	f.clock.Advance(time.Minute)
	if err := f.engine.PlaybookActivate(f.ctx, version, "cli:kim"); err != nil {
		f.t.Fatal(err)
	}
}

// active checks what decides: in the store and in the engine.
func (f follower) active(what string, got engine.Followed, version int64, override bool) {
	f.t.Helper()
	var row store.PlaybookRow
	if err := f.store.View(f.ctx, func(r store.Reader) (err error) {
		row, err = r.PlaybookActive()
		return err
	}); err != nil {
		f.t.Fatal(err)
	}
	s := f.status().Playbook
	if row.Version != version || got.Active.Version != version || got.Override != override || s.Version != version || s.Hash != f.engine.Playbook().Hash() {
		f.t.Errorf("%s: version %d decides (told %d, override %v; the engine has %d), want %d, %v", what, row.Version, got.Active.Version, got.Override, s.Version, version, override)
	}
}

func newFollower(t *testing.T, s store.Store) follower {
	f := follower{newKit(t, s, setup{})}
	return f
}

// TestFollowWhatTheConfigurationAsksFor: a policy or a file that comes back
// decides again, although its version was superseded before.
func TestFollowWhatTheConfigurationAsksFor(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		f := newFollower(t, open(t))
		first := f.start(book, "Foo")
		f.active("the first start", first, first.Version, false)
		second := f.start(book, "Bar")
		if second.Version == first.Version {
			t.Fatal("another policy makes no other version")
		}
		f.active("another policy", second, second.Version, false)
		f.active("the same again", f.start(book, "Bar"), second.Version, false)
		f.active("the first policy again", f.start(book, "Foo"), first.Version, false)
		third := f.start(wideBook, "Foo")
		f.active("another file", third, third.Version, false)
		f.active("the first file again", f.start(book, "Foo"), first.Version, false)
	})
}

// TestFollowKeepsARollback: an operator's choice against the configuration
// stays over restarts, until the configuration asks for something else.
func TestFollowKeepsARollback(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		f := newFollower(t, open(t))
		first := f.start(book, "Foo")
		second := f.start(wideBook, "Foo")
		f.operator(first.Version)
		for range 2 {
			f.active("after a rollback", f.start(wideBook, "Foo"), first.Version, true)
		}
		f.operator(second.Version)
		f.active("taken back", f.start(wideBook, "Foo"), second.Version, false)
		f.operator(first.Version)
		f.active("rolled back once more", f.start(wideBook, "Foo"), first.Version, true)
		// the configuration comes to agree, and then changes its mind
		f.active("the configuration agrees", f.start(book, "Foo"), first.Version, false)
		f.active("the configuration changes", f.start(wideBook, "Foo"), second.Version, false)
		// something the store has not seen always counts
		f.operator(first.Version)
		third := f.start(wideBook+"# more\n", "Foo")
		f.active("a new file", third, third.Version, false)
		f.operator(second.Version)
		f.active("rolled back to what was asked for before", f.start(wideBook+"# more\n", "Foo"), second.Version, true)
		f.active("and that is asked for again", f.start(wideBook, "Foo"), second.Version, false)
	})
}

// TestAnOperatorConfirmsWhatDecides: it is on record, the time since which it
// decides stays, and the configuration may still change its mind.
func TestAnOperatorConfirmsWhatDecides(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		f := newFollower(t, open(t))
		first := f.start(book, "Foo")
		second := f.start(wideBook, "Foo")
		f.operator(second.Version)
		again := f.start(wideBook, "Foo")
		f.active("confirmed", again, second.Version, false)
		if by := again.Active.ActivatedBy; by != "config:start, confirmed by cli:kim" || !engine.ByConfig(by) || !engine.ByOperator(by) {
			t.Errorf("it is said to be activated by %q", by)
		}
		if !again.Active.ActivatedAt.Equal(second.Active.ActivatedAt) {
			t.Errorf("it decides since %v, and since %v when that is confirmed", second.Active.ActivatedAt, again.Active.ActivatedAt)
		}
		f.active("the configuration goes back", f.start(book, "Foo"), first.Version, false)
		if engine.ByOperator(engine.ByStart) || !engine.ByOperator("cli:kim") || engine.ByConfig("cli:kim") {
			t.Error("who is who")
		}
	})
}

// TestFollowAMovedFile: the same text under another name is not published
// over an operator's choice, nor at all while it decides.
func TestFollowAMovedFile(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		f := newFollower(t, open(t))
		first := f.start(book, "Foo")
		moved, err := f.engine.PlaybookFollow(f.ctx, "/elsewhere/mine.yaml", []byte(book), engine.ByStart)
		if err != nil || moved.Version != first.Version {
			t.Errorf("the moved file is version %d, %v", moved.Version, err)
		}
		second := f.start(wideBook, "Foo")
		f.operator(first.Version)
		f.clock.Advance(time.Minute)
		moved, err = f.engine.PlaybookFollow(f.ctx, "/elsewhere/mine.yaml", []byte(wideBook), engine.ByStart)
		if err != nil || !moved.Override || moved.Active.Version != first.Version {
			t.Errorf("%d, after %d: %+v, %v", first.Version, second.Version, moved, err)
		}
	})
}

// TestFollowPastABrokenVersion: a policy under which the active version does
// not compile any more does not keep the engine from starting with one that
// does.
func TestFollowPastABrokenVersion(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		f := newFollower(t, open(t))
		first := f.start(book, "Foo")
		f.options.Policy.Queues = map[string]domain.Queue{"support": {Name: "support"}}
		f.options.Policy.DefaultQueue = "support"
		f.open()
		if f.engine.Playbook() != nil || f.status().Playbook.Broken != first.Version {
			t.Errorf("%+v", f.status().Playbook)
		}
		_, err := f.engine.PostsSubmit(f.ctx, []domain.Post{f.post("ann", "hello")})
		if domain.ErrorCode(err) != domain.CodeUnavailable || !strings.Contains(err.Error(), "does not compile") {
			t.Errorf("a post meanwhile: %v", err)
		}
		got := f.start(strings.ReplaceAll(book, "queue: care", "queue: support"), "Foo")
		f.active("the new file", got, got.Version, false)
		f.take(f.post("ann", "hello"))
		if _, err := f.engine.PlaybookFollow(f.ctx, "mine.yaml", []byte("rules: 3"), engine.ByStart); domain.ErrorCode(err) != domain.CodeInvalid {
			t.Errorf("a broken file: %v", err)
		}
		if f.status().Playbook.Version != got.Version {
			t.Error("a broken file replaced a working one")
		}
	})
}
