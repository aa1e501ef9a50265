package social_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
)

// wall is a network without idempotency keys that loses answers.
type wall struct {
	posts []string // "text<inReplyTo"
	lose  map[int]bool
	fail  map[int]bool
	calls int
	keys  social.Keys
	clock clock.Manual
}

func (w *wall) send(_ context.Context, p social.Part[string]) (social.Sent, error) {
	text, to := p.Text, p.InReplyTo
	w.calls++
	if w.fail[w.calls] {
		return social.Sent{}, &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "down"}
	}
	w.posts = append(w.posts, text+"<"+to)
	if w.lose[w.calls] {
		return social.Sent{}, social.Unreached(context.DeadlineExceeded)
	}
	return social.Sent{PostID: fmt.Sprint(len(w.posts)), At: time.Unix(1, 0)}, nil
}

func (w *wall) find(_ context.Context, p social.Part[string]) (social.Sent, bool, error) {
	i := slices.Index(w.posts, p.Text+"<"+p.InReplyTo)
	return social.Sent{PostID: fmt.Sprint(i + 1)}, i >= 0, nil
}

// sequence is one attempt at a message.
func (w *wall) sequence(state social.State, parts ...string) *social.Sequence[string] {
	return &social.Sequence[string]{Message: &social.Message{Key: "k", Text: strings.Join(parts, " ")}, Keys: &w.keys, Clock: &w.clock, State: state,
		Plan: func(context.Context) (social.Plan[string], error) {
			return social.Plan[string]{Parts: parts, InReplyTo: "p", Route: "by " + parts[0]}, nil
		},
		Send: w.send, Find: w.find}
}

func TestSequenceContinues(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]*wall{
		"goes well":             {},
		"an answer lost":        {lose: map[int]bool{1: true, 3: true}},
		"down in the middle":    {fail: map[int]bool{2: true, 3: true}},
		"lost, then down again": {lose: map[int]bool{2: true}, fail: map[int]bool{3: true}},
	} {
		state := &socialtest.State{}
		var sent social.Sent
		var err error
		for try := 0; try < 8; try++ {
			s := w.sequence(state, "a", "b", "c")
			if sent, err = s.Run(t.Context()); err == nil {
				break
			}
			if e := (*social.Error)(nil); !errors.As(err, &e) || !e.Retry {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if want := []string{"a<p", "b<1", "c<2"}; err != nil || !slices.Equal(w.posts, want) {
			t.Errorf("%s: posts %q, error %v; want %q", name, w.posts, err, want)
		}
		if sent.PostID != "1" || !slices.Equal(sent.More, []string{"2", "3"}) {
			t.Errorf("%s: sent %+v", name, sent)
		}
	}
}

// notes counts what is written, and after so many writes refuses.
type notes struct {
	socialtest.State
	puts, most int
}

func (n *notes) Put(ctx context.Context, name string, value []byte, keep time.Duration) error {
	if n.puts == n.most {
		return errors.New("cut off")
	}
	n.puts++
	return n.State.Put(ctx, name, value, keep)
}

// TestSequenceWithKeys: where the network knows a part by its key, a message
// that is cut off anywhere goes on as it began and stands there once; nothing is
// noted before a further part.
func TestSequenceWithKeys(t *testing.T) {
	t.Parallel()
	for most := range 5 {
		state := &notes{most: most}
		var there []string // in the order they came, by key
		try := func(parts ...string) error {
			s := (&wall{}).sequence(state, parts...)
			s.Find = nil
			s.Send = func(_ context.Context, p social.Part[string]) (social.Sent, error) {
				said := p.Key + ":" + p.Text + "<" + p.InReplyTo
				if !slices.Contains(there, said) {
					there = append(there, said)
				}
				return social.Sent{PostID: p.Key}, nil
			}
			_, err := s.Run(t.Context())
			return err
		}
		if err := try("a", "b", "c"); (err == nil) != (most == 4) {
			t.Fatalf("cut off after %d notes: %v", most, err)
		}
		again := []string{"another", "way"}
		if most == 0 { // nothing of it has left
			again = []string{"a", "b", "c"}
		}
		state.most = -1
		if err := try(again...); err != nil || state.puts != 4 {
			t.Errorf("cut off after %d notes: %v after %d notes, want 4", most, err, state.puts)
		}
		if want := []string{"k:a<p", "k/2:b<k", "k/3:c<k/2"}; !slices.Equal(there, want) {
			t.Errorf("cut off after %d notes: %q stand there", most, there)
		}
	}
}

func TestSequenceNeedsItsState(t *testing.T) {
	t.Parallel()
	w, torn := &wall{}, &socialtest.State{}
	if err := torn.Put(t.Context(), "sent/k", []byte("{"), 0); err != nil {
		t.Fatal(err)
	}
	s := w.sequence(torn, "a")
	if _, err := s.Run(t.Context()); err == nil || len(w.posts) > 0 {
		t.Errorf("sent %q, error %v; want nothing sent without knowing how far it had gone", w.posts, err)
	}
}

// TestSequenceGoesOnAsItBegan: what was settled by the first attempt holds for
// the second, whatever has changed in between.
func TestSequenceGoesOnAsItBegan(t *testing.T) {
	t.Parallel()
	w := &wall{fail: map[int]bool{2: true}}
	state := &socialtest.State{}
	w.clock.Set(time.Unix(100, 0))
	var told []string
	try := func(parts ...string) error {
		s := w.sequence(state, parts...)
		s.Message.Told = func(_ context.Context, parts []string) error { told = parts; return nil }
		s.Send = func(ctx context.Context, p social.Part[string]) (social.Sent, error) {
			if p.Route != "by a" || !p.First.Equal(time.Unix(100, 0)) {
				t.Errorf("part %q goes %q, since %v", p.Text, p.Route, p.First)
			}
			return w.send(ctx, p)
		}
		_, err := s.Run(t.Context())
		return err
	}
	if err := try("a", "b"); err == nil {
		t.Fatal("the second part was to fail")
	}
	w.clock.Set(time.Unix(200, 0))
	if err := try("another", "way", "to say it"); err != nil {
		t.Fatal(err)
	}
	if want := []string{"a<p", "b<1"}; !slices.Equal(w.posts, want) {
		t.Errorf("posts %q, want %q", w.posts, want)
	}
	if !slices.Equal(told, []string{"a", "b"}) {
		t.Errorf("told of %q", told)
	}
}

// TestSequenceTellsFirst: nothing is published that could not be told.
func TestSequenceTellsFirst(t *testing.T) {
	t.Parallel()
	w := &wall{}
	s := w.sequence(&socialtest.State{}, "a", "b")
	s.Message.Told = func(context.Context, []string) error { return errors.New("the store is away") }
	if _, err := s.Run(t.Context()); err == nil || len(w.posts) > 0 {
		t.Errorf("sent %q, error %v", w.posts, err)
	}
	whole := w.sequence(&socialtest.State{}, "@ann all of it")
	whole.Message.Text = "all of it"
	whole.Message.Told = s.Message.Told
	if _, err := whole.Run(t.Context()); err != nil || len(w.posts) != 1 {
		t.Errorf("a whole text: sent %q, error %v", w.posts, err)
	}
}

// TestAFurtherAttemptLooksAgain at what it is about to send: what has changed
// is put right in the parts that are left alone, and where that cannot be known
// nothing leaves.
func TestAFurtherAttemptLooksAgain(t *testing.T) {
	t.Parallel()
	w, state := &wall{fail: map[int]bool{2: true}}, &socialtest.State{}
	if _, err := w.sequence(state, "@ana one", "@ana two").Run(t.Context()); err == nil {
		t.Fatal("the second part has not failed")
	}
	s := w.sequence(state, "@ana one", "@ana two")
	s.Again = func(context.Context, *social.Plan[string], int) error {
		return errors.New("who that is cannot be asked")
	}
	if _, err := s.Run(t.Context()); err == nil || w.calls != 2 {
		t.Fatalf("%v after %d calls", err, w.calls)
	}
	s = w.sequence(state, "@ana one", "@ana two")
	s.Again = func(_ context.Context, p *social.Plan[string], from int) error {
		for i := from; i < len(p.Parts); i++ {
			p.Parts[i] = strings.Replace(p.Parts[i], "@ana", "@anita", 1)
		}
		return nil
	}
	var told []string
	s.Message.Told = func(_ context.Context, parts []string) error { told = parts; return nil }
	if _, err := s.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"@ana one<p", "@anita two<1"}; !slices.Equal(w.posts, want) || !slices.Equal(told, []string{"@ana one", "@anita two"}) {
		t.Errorf("published %q, told %q", w.posts, told)
	}
}
