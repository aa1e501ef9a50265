package sandbox_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/sandbox"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(withServer{m}, goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener"))
}

func open(t *testing.T, path string) *sandbox.Network {
	t.Helper()
	n, err := sandbox.Open(sandbox.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// run starts delivery and returns a function that stops it.
func run(t *testing.T, n *sandbox.Network, sink social.Sink) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = n.Run(ctx, sink) }()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(stop)
	return stop
}

// sink keeps what it is given; fail, if set, is asked first.
type sink struct {
	mu   sync.Mutex
	got  []domain.Post
	fail func(posts []domain.Post) error
}

func (s *sink) PostsAccept(_ context.Context, posts []domain.Post) ([]social.Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return socialtest.Accept(posts, s.fail, func(p domain.Post) { s.got = append(s.got, p) })
}

func (s *sink) texts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, p := range s.got {
		out = append(out, p.Text)
	}
	return out
}

// publish posts and, where the delivery has not begun, tries no further.
func publish(t *testing.T, n *sandbox.Network, d sandbox.Draft) sandbox.Post {
	t.Helper()
	p, err := n.Publish(t.Context(), d)
	if err != nil {
		t.Fatalf("publish %+v: %v", d, err)
	}
	return p
}

func TestConformance(t *testing.T) {
	t.Parallel()
	socialtest.Run(t, func(t *testing.T) socialtest.Fixture {
		n := open(t, "")
		p := publish(t, n, sandbox.Draft{Handle: "ana", Text: "hello"})
		return socialtest.Fixture{
			Network: n, To: domain.IdentityKey{Network: sandbox.Name, Author: "ana"}, InReplyTo: p.ID,
			Count: func() int {
				tl, err := n.Timeline(context.Background(), sandbox.TimelineParams{As: "ana"})
				if err != nil {
					t.Fatal(err)
				}
				return len(tl.Items) - 1
			},
			Nobody: domain.IdentityKey{Network: sandbox.Name, Author: "no such handle!"},
			World:  worldOf(t, n),
		}
	})
}

// worldOf is what people do on a sandbox network.
func worldOf(t *testing.T, n *sandbox.Network) *socialtest.World {
	return &socialtest.World{
		Owns: true,
		Write: func(d socialtest.Draft) string {
			draft := sandbox.Draft{Handle: d.Author, Text: d.Text, InReplyTo: d.InReplyTo, Unaddressed: d.Unaddressed, Staff: d.Own}
			if d.Own {
				draft.Handle = "ana"
			}
			if d.Private {
				draft.Visibility = domain.Private
			}
			return publish(t, n, draft).ID
		},
		Edit: func(id, text string) {
			if _, err := n.Edit(t.Context(), id, "ana", text); err != nil {
				t.Error(err)
			}
		},
		Delete: func(id string) {
			if _, err := n.Delete(t.Context(), id, "ana"); err != nil {
				t.Error(err)
			}
		},
	}
}

func TestPostReachesSinkAndReplyReachesThread(t *testing.T) {
	t.Parallel()
	n := open(t, filepath.Join(t.TempDir(), "sandbox.db"))
	s := &sink{}
	run(t, n, s)
	waitRunning(t, n)
	p := publish(t, n, sandbox.Draft{Handle: "@Ana", Name: "Ana", Text: "where is A-1?", Visibility: domain.Public})
	if p.Delivery != sandbox.Delivered || p.Handle != "ana" {
		t.Fatalf("got %+v, want it delivered as ana", p)
	}
	last := s.got[len(s.got)-1]
	if last.Network != "sandbox" || last.Author.ID != "ana" || last.ID != p.ID || last.Validate() != nil {
		t.Errorf("the sink got %+v", last)
	}
	sent, err := n.Send(t.Context(), social.Message{Key: "e1", To: domain.IdentityKey{Network: "sandbox", Author: "ana"}, InReplyTo: p.ID, Visibility: domain.Private, Text: "it is on its way"})
	if err != nil {
		t.Fatal(err)
	}
	answer := publish(t, n, sandbox.Draft{Handle: "ana", Text: "thanks", InReplyTo: sent.PostID})
	if answer.Visibility != domain.Private || answer.Thread != p.ID {
		t.Errorf("an answer to a private message is %s in thread %s; want private in %s", answer.Visibility, answer.Thread, p.ID)
	}
	thread, err := n.Thread(t.Context(), answer.ID, "ana")
	if err != nil || len(thread) != 3 {
		t.Fatalf("thread: %v, %v; want 3 posts", thread, err)
	}
	if tl, _ := n.Timeline(t.Context(), sandbox.TimelineParams{As: "bob"}); len(tl.Items) != 2 { // the first post and waitRunning's
		t.Errorf("bob sees %d posts, want the 2 public ones", len(tl.Items))
	}
	if _, err := n.Publish(t.Context(), sandbox.Draft{Handle: "bob", Text: "me too", InReplyTo: sent.PostID}); domain.ErrorCode(err) != domain.CodeInvalid {
		t.Errorf("bob could answer ana's private message: %v", err)
	}
	if len(s.texts()) != 3 {
		t.Errorf("our own reply came back to the sink: %v", s.texts())
	}
}

// waitRunning returns once the network delivers.
func waitRunning(t *testing.T, n *sandbox.Network) {
	t.Helper()
	p := publish(t, n, sandbox.Draft{Handle: "first", Text: "anybody there?"})
	for p.Delivery != sandbox.Delivered {
		var err error
		if p, err = n.Get(t.Context(), p.ID); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFailedDeliveryIsKeptInOrder(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sandbox.db")
	n := open(t, path)
	var down sync.Mutex
	isDown := true
	s := &sink{fail: func([]domain.Post) error {
		down.Lock()
		defer down.Unlock()
		if isDown {
			return &domain.Error{Code: domain.CodeBusy, Message: "the inbox is full"}
		}
		return nil
	}}
	stop := run(t, n, s)
	first := publish(t, n, sandbox.Draft{Handle: "ana", Text: "one"})
	second := publish(t, n, sandbox.Draft{Handle: "ana", Text: "two"})
	for _, p := range []sandbox.Post{first, second} {
		if p.Delivery != sandbox.Waiting || p.Reason == "" {
			t.Errorf("got delivery %q, reason %q; want pending with its reason", p.Delivery, p.Reason)
		}
	}
	stop()
	n.Close()
	n = open(t, path) // what was pending survives a restart
	down.Lock()
	isDown = false
	down.Unlock()
	run(t, n, s)
	third := publish(t, n, sandbox.Draft{Handle: "ana", Text: "three"})
	for third.Delivery != sandbox.Delivered {
		third, _ = n.Get(t.Context(), third.ID)
	}
	if got := s.texts(); !slices.Equal(got, []string{"one", "two", "three"}) {
		t.Errorf("the sink got %v, want one, two, three", got)
	}
}

func TestRefusedDeliveryDoesNotBlock(t *testing.T) {
	t.Parallel()
	n := open(t, "")
	s := &sink{fail: func(posts []domain.Post) error {
		for _, p := range posts {
			if strings.Contains(p.Text, "bad") {
				return domain.Errorf(domain.CodeConflict, "the same id came with another body")
			}
		}
		return nil
	}}
	bad := publish(t, n, sandbox.Draft{Handle: "ana", Text: "bad"})
	publish(t, n, sandbox.Draft{Handle: "ana", Text: "good"})
	run(t, n, s)
	waitRunning(t, n)
	if got := s.texts(); !slices.Equal(got, []string{"good", "anybody there?"}) {
		t.Errorf("the sink got %v", got)
	}
	if p, _ := n.Get(t.Context(), bad.ID); p.Delivery != sandbox.Refused || !strings.Contains(p.Reason, "another body") {
		t.Errorf("got %+v, want it refused with the reason", p)
	}
}

// TestEditedPostIsWrittenToWhomItWas: talk about the company stays that when it
// is edited or deleted, in a database of an earlier version too.
func TestEditedPostIsWrittenToWhomItWas(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sandbox.db")
	open(t, path).Close()
	db, err := sql.Open("sqlite3", "file:"+path)
	if err == nil {
		_, err = db.Exec(`ALTER TABLE post DROP COLUMN unaddressed`)
	}
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
	n := open(t, path)
	about := publish(t, n, sandbox.Draft{Handle: "ana", Text: "that shop is late", Unaddressed: true})
	to := publish(t, n, sandbox.Draft{Handle: "ana", Text: "you are late"})
	for _, id := range []string{about.ID, to.ID} {
		if _, err := n.Edit(t.Context(), id, "ana", "very late"); err != nil {
			t.Fatal(err)
		}
		if _, err := n.Delete(t.Context(), id, "ana"); err != nil {
			t.Fatal(err)
		}
	}
	s := &sink{}
	run(t, n, s)
	waitRunning(t, n)
	if len(s.got) != 7 { // and the one that waitRunning wrote
		t.Fatalf("the sink got %+v; want two posts, two edits and two deletions", s.got)
	}
	for _, p := range s.got {
		if p.Unaddressed != (p.ID == about.ID) {
			t.Errorf("revision %q of %s came as unaddressed: %v", p.Revision, p.ID, p.Unaddressed)
		}
	}
}

func TestEditsAndDeletions(t *testing.T) {
	t.Parallel()
	n := open(t, "")
	p := publish(t, n, sandbox.Draft{Handle: "ana", Text: "late"})
	if _, err := n.Edit(t.Context(), p.ID, "bob", "mine now"); domain.ErrorCode(err) != domain.CodeForbidden {
		t.Errorf("bob could edit ana's post: %v", err)
	}
	if _, err := n.Edit(t.Context(), p.ID, "ana", "very late"); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Delete(t.Context(), p.ID, "ana"); err != nil {
		t.Fatal(err)
	}
	gone, err := n.Delete(t.Context(), p.ID, "ana")
	if err != nil || !gone.Deleted || gone.Text != "" {
		t.Errorf("a second deletion: %+v, %v", gone, err)
	}
	if _, err := n.Edit(t.Context(), p.ID, "ana", "back"); domain.ErrorCode(err) != domain.CodeConflict {
		t.Errorf("a deleted post could be edited: %v", err)
	}
	s := &sink{}
	run(t, n, s)
	waitRunning(t, n)
	if len(s.got) != 4 || s.got[0].Revision != "" || s.got[1].Revision != "1" || s.got[1].Text != "very late" || !s.got[2].Deleted {
		t.Errorf("the sink got %+v; want the post, its edit with a revision, one deletion", s.got)
	}
}

func TestTimelineCursorAndWait(t *testing.T) {
	t.Parallel()
	n := open(t, "")
	for _, text := range []string{"a", "b", "c"} {
		publish(t, n, sandbox.Draft{Handle: "ana", Text: text})
	}
	var got []string
	after := int64(1) // as if the first had been seen
	for {
		tl, err := n.Timeline(t.Context(), sandbox.TimelineParams{After: after, Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		if len(tl.Items) == 0 {
			break
		}
		got, after = append(got, tl.Items[0].Text), tl.Next
	}
	if !slices.Equal(got, []string{"b", "c"}) {
		t.Errorf("pages gave %v", got)
	}
	result := make(chan sandbox.Timeline, 1)
	go func() {
		tl, _ := n.Timeline(context.Background(), sandbox.TimelineParams{After: after, Wait: sandbox.MaxWait})
		result <- tl
	}()
	publish(t, n, sandbox.Draft{Handle: "bob", Text: "d"})
	if tl := <-result; len(tl.Items) != 1 || tl.Items[0].Text != "d" {
		t.Errorf("the waiting reader got %+v", tl)
	}
	if tl, _ := n.Timeline(t.Context(), sandbox.TimelineParams{After: 1 << 40}); len(tl.Items) != 4 {
		t.Error("a cursor from another database must begin anew")
	}
}

// TestSeveralReaders: who is shown side by side is followed by one request.
func TestSeveralReaders(t *testing.T) {
	t.Parallel()
	n := open(t, "")
	for _, who := range []string{"ana", "bob", "eve"} {
		publish(t, n, sandbox.Draft{Handle: who, Text: "from " + who, Visibility: domain.Private})
	}
	publish(t, n, sandbox.Draft{Handle: "eve", Text: "to all"})
	texts := func(as string) (out []string) {
		tl, err := n.Timeline(t.Context(), sandbox.TimelineParams{As: as})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range tl.Items {
			out = append(out, p.Text)
		}
		return out
	}
	if got := texts("ana,@Bob"); !slices.Equal(got, []string{"from ana", "from bob", "to all"}) {
		t.Errorf("two readers see %q", got)
	}
	if got := texts(""); !slices.Equal(got, []string{"to all"}) {
		t.Errorf("a passer-by sees %q", got)
	}
	for _, as := range []string{"ana,", "ana,b b", "a,b,c,d,e,f,g,h,i"} {
		if _, err := n.Timeline(t.Context(), sandbox.TimelineParams{As: as}); domain.ErrorCode(err) != domain.CodeInvalid {
			t.Errorf("%q: got %v, want a refusal", as, err)
		}
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	n, err := sandbox.Open(sandbox.Options{MaxPosts: 5})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	for i := range 20 {
		_, err := n.Send(t.Context(), social.Message{Key: strings.Repeat("k", i+1), To: domain.IdentityKey{Network: "sandbox", Author: "ana"}, Visibility: domain.Public, Text: "x"})
		if err != nil {
			t.Fatal(err)
		}
	}
	if tl, _ := n.Timeline(t.Context(), sandbox.TimelineParams{}); len(tl.Items) != 5 {
		t.Errorf("%d posts are kept, want 5", len(tl.Items))
	}
	for _, d := range []sandbox.Draft{
		{Handle: "", Text: "x"}, {Handle: "a b", Text: "x"}, {Handle: strings.Repeat("a", 41), Text: "x"}, {Handle: "advocate", Text: "x"},
		{Handle: "ana", Text: " \x00 "}, {Handle: "ana", Text: strings.Repeat("x", 5<<10)}, {Handle: "ana", Text: "x", InReplyTo: "nothing"}, {Handle: "ana", Text: "x", Visibility: "secret"},
	} {
		_, err := n.Publish(t.Context(), d)
		var de *domain.Error
		if !errors.As(err, &de) || de.Field == "" {
			t.Errorf("%.60v: got %v, want an error that names the field", d, err)
		}
	}
}

// TestMemoryOutlivesItsConnections cuts acts short: database/sql then throws
// the connection away, and with it must go no post.
func TestMemoryOutlivesItsConnections(t *testing.T) {
	t.Parallel()
	var cut context.CancelFunc
	n, err := sandbox.Open(sandbox.Options{Now: func() time.Time {
		if cut != nil {
			cut() // within Edit's transaction
		}
		return time.Now()
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	p := publish(t, n, sandbox.Draft{Handle: "ana", Text: "hello"})
	for i := range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		cut = cancel
		if _, err := n.Edit(ctx, p.ID, "ana", fmt.Sprintf("hello %d", i)); err == nil {
			t.Fatal("an act that was cut short succeeded")
		}
		cut = nil
		if got, err := n.Get(t.Context(), p.ID); err != nil || got.Text != "hello" {
			t.Fatalf("after %d acts that were cut short: %+v, %v", i+1, got, err)
		}
	}
}

func TestOneRunAtATime(t *testing.T) {
	t.Parallel()
	n := open(t, "")
	run(t, n, &sink{})
	waitRunning(t, n)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := n.Run(ctx, &sink{}); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second Run: %v, want it refused", err)
	}
}
