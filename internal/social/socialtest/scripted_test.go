package socialtest

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

func TestScriptedConforms(t *testing.T) {
	t.Parallel()
	Run(t, func(t *testing.T) Fixture {
		s := NewScripted(ScriptedOptions{})
		return Fixture{Network: s, To: domain.IdentityKey{Network: "scripted", Author: "ana"}, Count: func() int { return len(s.Sent()) },
			Nobody: domain.IdentityKey{Network: "elsewhere", Author: "ana"}}
	})
}

func TestStreamConforms(t *testing.T) {
	t.Parallel()
	Run(t, func(t *testing.T) Fixture {
		s := NewStream(ScriptedOptions{Capabilities: &social.Capabilities{
			PublicReply: true, PrivateMessage: true, Settles: true, Public: social.Form{Text: social.Length{Max: 200}, Parts: 3},
		}})
		asked := s.Scripted.Write(domain.Post{Author: domain.Author{ID: "ana"}, Text: "the first"})
		return Fixture{
			Network: s, To: domain.IdentityKey{Network: "scripted", Author: "ana"}, InReplyTo: asked.ID,
			Count: func() int { return len(s.Sent()) }, Nobody: domain.IdentityKey{Network: "elsewhere", Author: "ana"},
			Written: func() (out []Written) {
				for _, d := range s.Sent() {
					out = append(out, Written{d.PostID, d.InReplyTo, d.Text})
				}
				return out
			},
			Next: s.Plan, Plays: []Behavior{Down, RateLimit, LostReply, Gone, Blocked, BadAuth},
			World: worldOf(s),
		}
	})
}

func worldOf(s *Stream) *World {
	return &World{
		Write: func(d Draft) string {
			p := domain.Post{Author: domain.Author{ID: d.Author}, Text: d.Text, InReplyTo: d.InReplyTo, Unaddressed: d.Unaddressed, Own: d.Own}
			if d.Own {
				p.Author.ID = "us"
			}
			if d.Private {
				p.Visibility = domain.Private
			}
			if d.Reshare != "" {
				p.Reshare, p.Text = true, "an original"
			}
			return s.Write(p).ID
		},
		Edit:   func(id, text string) { s.Edit(id, text) },
		Delete: func(id string) { s.Delete(id) },
		Owns:   true, Reshares: true, Break: s.Break, Mend: s.Mend,
	}
}

func TestScriptedPlan(t *testing.T) {
	t.Parallel()
	s := NewScripted(ScriptedOptions{})
	s.Plan(Down, RateLimit, LostReply, Gone)
	m := social.Message{Key: "k", To: domain.IdentityKey{Network: "scripted", Author: "ana"}, Visibility: domain.Private, Text: "hi"}
	var retries []bool
	for range 4 {
		_, err := s.Send(t.Context(), m)
		var e *social.Error
		if !errors.As(err, &e) {
			t.Fatalf("got %v", err)
		}
		retries = append(retries, e.Retry)
	}
	if !slices.Equal(retries, []bool{true, true, true, false}) {
		t.Errorf("retry: %v", retries)
	}
	if _, err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if sent := s.Sent(); len(sent) != 1 || sent[0].Calls != 2 {
		t.Errorf("sent %+v; want one message that was acted on before its answer was lost", sent)
	}
	s.Plan(Hangs)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := s.Send(ctx, m); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

type collect struct{ ids []string }

func (c *collect) PostsAccept(_ context.Context, posts []domain.Post) ([]social.Result, error) {
	return Accept(posts, nil, func(p domain.Post) { c.ids = append(c.ids, p.ID+"/"+p.Revision) })
}

func TestScriptedDeliveryLosesNothingAndIsSeeded(t *testing.T) {
	t.Parallel()
	once := func() []string {
		s := NewScripted(ScriptedOptions{
			Rand: rand.New(rand.NewPCG(1, 2)), Faults: Faults{Drop: .3, Repeat: .3, Reorder: .5},
			Now: func() time.Time { return time.Unix(1_700_000_000, 0) },
		})
		for range 20 {
			p := s.Write(domain.Post{Author: domain.Author{ID: "ana"}, Text: "x"})
			s.Edit(p.ID, "y")
			s.Delete(p.ID)
		}
		c := &collect{}
		for {
			more, err := s.Deliver(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if !more {
				return c.ids
			}
		}
	}
	first, second := once(), once()
	if !slices.Equal(first, second) {
		t.Error("the same seed gave another order")
	}
	distinct := slices.Compact(slices.Sorted(slices.Values(first)))
	if len(distinct) != 60 || len(first) <= 60 || slices.IsSorted(first) {
		t.Errorf("%d deliveries of %d; want all 60, some twice, not in order", len(first), len(distinct))
	}
}
