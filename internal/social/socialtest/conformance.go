package socialtest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// Run is the conformance suite. factory makes a fresh network per test.
func Run(t *testing.T, factory func(t *testing.T) Fixture) {
	t.Run("NamesItself", func(t *testing.T) {
		f := factory(t)
		if f.Network.Name() == "" || f.Network.Name() != f.To.Network || f.Network.Account() != f.To.Account {
			t.Errorf("network %q, account %q; posts carry %q, %q", f.Network.Name(), f.Network.Account(), f.To.Network, f.To.Account)
		}
		if c := f.Network.Capabilities(); !c.PublicReply && !c.PrivateMessage {
			t.Error("the network declares that it can send nothing")
		}
	})
	t.Run("SendsEachVisibilityItDeclares", func(t *testing.T) {
		f := factory(t)
		caps := f.Network.Capabilities()
		for v, can := range map[domain.Visibility]bool{domain.Public: caps.PublicReply, domain.Private: caps.PrivateMessage} {
			sent, err := f.Network.Send(t.Context(), f.message("visibility-"+string(v), v))
			switch {
			case can && err != nil:
				t.Errorf("%s: %v", v, err)
			case can && (sent.PostID == "" || sent.At.IsZero()):
				t.Errorf("%s: got %+v; want an id and a time", v, sent)
			case !can && err == nil:
				t.Errorf("%s: sent, though the network declares that it cannot", v)
			}
			checkError(t, err)
		}
	})
	t.Run("RepeatIsHarmless", func(t *testing.T) {
		f := factory(t)
		m := f.message("same-key", f.visibility())
		first, err := f.Network.Send(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		before := f.Count()
		second, err := f.Network.Send(t.Context(), m)
		if err != nil || second.PostID != first.PostID {
			t.Errorf("the repeat gave %+v, %v; want post %q again", second, err, first.PostID)
		}
		if f.Count() != before {
			t.Errorf("the repeat made another message: %d, then %d", before, f.Count())
		}
		m.Key, m.Text = "other-key", "We have looked into it."
		other, err := f.Network.Send(t.Context(), m)
		var e *social.Error
		if errors.As(err, &e) && e.Fault == social.FaultCustomer {
			return // the network takes no second answer there
		}
		if err != nil || other.PostID == first.PostID {
			t.Errorf("another key gave %+v, %v; want another post", other, err)
		}
	})
	t.Run("ConcurrentRepeatsAreOneMessage", func(t *testing.T) {
		f := factory(t)
		before := f.Count()
		ids := make(chan string, 8)
		for range cap(ids) {
			go func() {
				sent, err := f.Network.Send(context.WithoutCancel(t.Context()), f.message("raced-key", f.visibility()))
				checkError(t, err)
				ids <- sent.PostID
			}()
		}
		first := <-ids
		for range cap(ids) - 1 {
			if id := <-ids; id != first {
				t.Errorf("posts %q and %q for one key", first, id)
			}
		}
		if got := f.Count() - before; got != 1 {
			t.Errorf("%d messages, want 1", got)
		}
	})
	t.Run("HonoursContext", func(t *testing.T) {
		f := factory(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		done := make(chan error, 1)
		go func() {
			_, err := f.Network.Send(ctx, f.message("ended-context", f.visibility()))
			done <- err
		}()
		select {
		case err := <-done:
			if err == nil {
				t.Error("sent with an ended context")
			}
			checkError(t, err)
			var e *social.Error
			if errors.As(err, &e) && !e.Retry {
				t.Error("an ended context is no reason not to try again")
			}
		case <-time.After(10 * time.Second):
			t.Fatal("Send goes on after its context ended")
		}
	})
	t.Run("RefusesNobody", func(t *testing.T) {
		f := factory(t)
		if !f.Nobody.Valid() {
			t.Skip("the network takes any address")
		}
		m := f.message("to-nobody", f.visibility())
		m.To = f.Nobody
		_, err := f.Network.Send(t.Context(), m)
		if err == nil {
			t.Fatal("sent to nobody")
		}
		checkError(t, err)
		var e *social.Error
		if errors.As(err, &e) && e.Retry {
			t.Error("trying again does not make somebody of nobody")
		}
	})
	t.Run("Lengths", func(t *testing.T) { testLengths(t, factory) })
	t.Run("Faults", func(t *testing.T) { testFaults(t, factory) })
	t.Run("Receiving", func(t *testing.T) { testReceiving(t, factory) })
}

func (f *Fixture) visibility() domain.Visibility {
	if f.Network.Capabilities().PrivateMessage {
		return domain.Private
	}
	return domain.Public
}

func (f *Fixture) message(key string, v domain.Visibility) social.Message {
	return f.messageOf(key, v, "We are looking into it.")
}

func (f *Fixture) messageOf(key string, v domain.Visibility, text string) social.Message {
	return social.Message{Key: key, To: f.To, Handle: f.Handle, InReplyTo: f.InReplyTo, Visibility: v, Text: text, Lang: "en"}
}

// checkError holds an error to the contract: a *social.Error that says whose
// fault it is, in words fit for a screen.
func checkError(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	var e *social.Error
	if !errors.As(err, &e) {
		t.Errorf("error %T (%v) is no *social.Error", err, err)
		return
	}
	switch e.Fault {
	case social.FaultNetwork, social.FaultOperator, social.FaultCustomer, social.FaultOurs:
	default:
		t.Errorf("error %v: fault %q is none we know", err, e.Fault)
	}
	if e.Safe == "" {
		t.Errorf("error %v has no text that may be shown", err)
	}
}
