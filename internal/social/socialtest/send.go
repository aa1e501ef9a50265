package socialtest

import (
	"errors"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// testLengths holds what a network makes of a text of any length to what it
// declares.
func testLengths(t *testing.T, factory func(t *testing.T) Fixture) {
	public := func(t *testing.T) (Fixture, social.Length) {
		f := factory(t)
		caps := f.Network.Capabilities()
		if f.Written == nil || caps.Public.Text.Max <= 0 || !caps.PublicReply {
			t.Skip("the network has no limit, or its messages cannot be seen")
		}
		return f, caps.Public.Text
	}
	t.Run("LongTextIsAChainOfPartsThatFit", func(t *testing.T) {
		f, limit := public(t)
		parts := f.Network.Capabilities().Public.Parts
		if parts < 2 {
			t.Skip("the network does not split")
		}
		text := prose(limit, 3, 2) // over one message, below two
		sent, err := f.Network.Send(t.Context(), f.messageOf("long", domain.Public, text))
		if err != nil {
			t.Fatal(err)
		}
		written := f.Written()
		if len(written) < 2 || len(written) > parts {
			t.Fatalf("%d messages, want 2 to %d", len(written), parts)
		}
		f.checkChain(t, limit, sent, written)
		if got := whole(written); !strings.Contains(got, "first.") || !strings.Contains(got, "last.") {
			t.Errorf("the parts do not have the whole text: %q", got)
		}
	})
	t.Run("TooLongTextIsShortened", func(t *testing.T) {
		f, limit := public(t)
		parts := max(f.Network.Capabilities().Public.Parts, 1)
		sent, err := f.Network.Send(t.Context(), f.messageOf("too-long", domain.Public, prose(limit, 2*parts+1, 1)))
		if err != nil {
			t.Fatal(err)
		}
		written := f.Written()
		if len(written) != parts {
			t.Fatalf("%d messages, want %d", len(written), parts)
		}
		f.checkChain(t, limit, sent, written)
		if last := strings.TrimSpace(written[parts-1].Text); !strings.HasSuffix(last, "…") {
			t.Errorf("nothing shows that it was cut: %q", tail(last))
		}
	})
	t.Run("LongPrivateTextFits", func(t *testing.T) {
		f := factory(t)
		caps := f.Network.Capabilities()
		limit := caps.Private.Text
		if f.Written == nil || limit.Max <= 0 || !caps.PrivateMessage {
			t.Skip("the network has no limit, or its messages cannot be seen")
		}
		if _, err := f.Network.Send(t.Context(), f.messageOf("long-private", domain.Private, prose(limit, 3, 2))); err != nil {
			t.Fatal(err)
		}
		written := f.Written()
		if len(written) == 0 || len(written) > max(caps.Private.Parts, 1) {
			t.Errorf("%d messages, want 1 to %d", len(written), max(caps.Private.Parts, 1))
		}
		for i, w := range written {
			if !limit.Fits(w.Text) {
				t.Errorf("message %d counts %d of at most %d", i+1, limit.Count(w.Text), limit.Max)
			}
		}
	})
	t.Run("ShortTextIsOneMessage", func(t *testing.T) {
		f, limit := public(t)
		sent, err := f.Network.Send(t.Context(), f.messageOf("short", domain.Public, "Grüße 👩‍👩‍👧‍👦, see https://shop.example/a"))
		if err != nil {
			t.Fatal(err)
		}
		written := f.Written()
		if len(written) != 1 {
			t.Fatalf("%d messages, want 1", len(written))
		}
		f.checkChain(t, limit, sent, written)
		if !strings.Contains(written[0].Text, "Grüße 👩‍👩‍👧‍👦, see") {
			t.Errorf("it was written as %q", written[0].Text)
		}
	})
}

// checkChain wants every part to fit, the first to answer what the message
// answers and each other one the one before it, and Sent to name them all.
func (f *Fixture) checkChain(t *testing.T, limit social.Length, sent social.Sent, written []Written) {
	t.Helper()
	ids := append([]string{sent.PostID}, sent.More...)
	if len(ids) != len(written) {
		t.Errorf("Sent names %d posts of %d", len(ids), len(written))
	}
	to := f.InReplyTo
	for i, w := range written {
		if !limit.Fits(w.Text) {
			t.Errorf("part %d counts %d of at most %d", i+1, limit.Count(w.Text), limit.Max)
		}
		if w.InReplyTo != to && to != "" {
			t.Errorf("part %d answers %q, want %q", i+1, w.InReplyTo, to)
		}
		if i < len(ids) && ids[i] != w.ID {
			t.Errorf("part %d is %q, Sent says %q", i+1, w.ID, ids[i])
		}
		to = w.ID
	}
}

// testFaults holds a network to what it must make of what goes wrong.
func testFaults(t *testing.T, factory func(t *testing.T) Fixture) {
	with := func(t *testing.T, b Behavior) Fixture {
		f := factory(t)
		if !f.plays(b) {
			t.Skipf("the fixture cannot play %q", b)
		}
		return f
	}
	// It finds out, or leaves it to a person.
	t.Run("LostAnswerMakesNoSecondMessage", func(t *testing.T) {
		f := with(t, LostReply)
		before := f.Count()
		f.Next(LostReply)
		m := f.message("lost-answer", f.visibility())
		if _, err := f.Network.Send(t.Context(), m); err != nil {
			if e := asError(t, err); e != nil && !e.Retry {
				t.Errorf("a lost answer is no reason to give up: %v", err)
			}
		}
		sent, err := f.Network.Send(t.Context(), m)
		if err != nil && !f.Network.Capabilities().Settles {
			unknown(t, err)
		} else if err != nil || sent.PostID == "" {
			t.Fatalf("tried again: %+v, %v", sent, err)
		}
		if got := f.Count() - before; got != 1 {
			t.Errorf("%d messages, want 1", got)
		}
	})
	for _, half := range []Behavior{Down, LostReply} {
		t.Run("HalfSentContinues/"+string(half), func(t *testing.T) {
			f := with(t, half)
			caps := f.Network.Capabilities()
			if caps.Public.Parts < 2 || caps.Public.Text.Max <= 0 || f.Written == nil || !caps.PublicReply {
				t.Skip("the network does not split")
			}
			m := f.messageOf("half-sent", domain.Public, prose(caps.Public.Text, 3, 2))
			f.Next(OK, half)
			sent, err := f.Network.Send(t.Context(), m)
			for n := 0; err != nil && n < 3; n++ {
				if e := asError(t, err); e == nil || !e.Retry {
					break
				}
				sent, err = f.Network.Send(t.Context(), m)
			}
			written := f.Written()
			if err != nil && half == LostReply && !caps.Settles {
				unknown(t, err)
				if len(written) != 2 {
					t.Errorf("%d messages, want the two parts that may have been written", len(written))
				}
				return
			}
			if err != nil {
				t.Fatalf("the second part failed for good: %v", err)
			}
			f.checkChain(t, caps.Public.Text, sent, written)
			if got := whole(written); strings.Count(got, "first.") != 1 || strings.Count(got, "last.") != 1 {
				t.Errorf("a part is missing or came twice: %q", got)
			}
		})
	}
	for _, c := range []struct {
		name string
		play Behavior
		fits func(e *social.Error) bool
		want string
	}{
		{"DownIsTriedAgain", Down, func(e *social.Error) bool { return e.Retry && e.Fault == social.FaultNetwork }, "to be tried again, the network's fault"},
		{"RateLimitSaysWhen", RateLimit, func(e *social.Error) bool { return e.Retry && e.After > 0 && e.Fault == social.FaultNetwork },
			"to be tried again after what the network says"},
		{"GoneIsFinal", Gone, func(e *social.Error) bool { return !e.Retry && e.Fault == social.FaultCustomer && !e.Blocked }, "final, the customer's"},
		{"BlockedIsFinal", Blocked, func(e *social.Error) bool { return !e.Retry && e.Fault == social.FaultCustomer && e.Blocked }, "final, the customer's, blocked"},
		{"RevokedAccessIsTheOperators", BadAuth, func(e *social.Error) bool { return !e.Retry && e.Fault == social.FaultOperator }, "final, the operator's"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := with(t, c.play)
			before := f.Count()
			f.Next(c.play)
			m := f.message("fault-"+string(c.play), f.visibility())
			_, err := f.Network.Send(t.Context(), m)
			if e := asError(t, err); e == nil || !c.fits(e) {
				t.Errorf("got %+v; want an error that is %s", e, c.want)
			}
			if got := f.Count() - before; got != 0 {
				t.Errorf("%d messages were written", got)
			}
		})
	}
}

// unknown wants an error to leave to a person what the connector cannot know:
// whether a message whose answer was lost was written.
func unknown(t *testing.T, err error) {
	t.Helper()
	if e := asError(t, err); e == nil || e.Retry || e.Fault != social.FaultOperator {
		t.Errorf("got %+v; want an error that is final, the operator's: nobody knows whether the message was written", e)
	}
}

// prose is a text of times/by as much as one message holds, in sentences that
// begin with "first." and end with "last."; by 0 leaves times alone.
func prose(limit social.Length, times, by int) string {
	room := limit.Max * times / max(by, 1)
	var b strings.Builder
	b.WriteString("first.")
	for limit.Count(b.String()) < room-40 {
		b.WriteString(" We have looked at what you wrote.")
	}
	b.WriteString(" last.")
	return b.String()
}

func whole(written []Written) string {
	var b strings.Builder
	for _, w := range written {
		b.WriteString(w.Text + "\n")
	}
	return b.String()
}

func tail(s string) string { return s[max(len(s)-40, 0):] }

// asError is checkError for an error that must be there.
func asError(t *testing.T, err error) *social.Error {
	t.Helper()
	if err == nil {
		t.Error("no error")
		return nil
	}
	checkError(t, err)
	var e *social.Error
	errors.As(err, &e)
	return e
}
