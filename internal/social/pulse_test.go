package social_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
)

func trouble(safe string) error {
	return &social.Error{Fault: social.FaultNetwork, Safe: safe}
}

// TestPulseJoinsItsWays: a way that fails is seen whatever the others do, until
// it goes again.
func TestPulseJoinsItsWays(t *testing.T) {
	t.Parallel()
	var p social.Pulse
	begun := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	now := begun
	want := func(what, mode, trouble string, since time.Time, lost int) {
		t.Helper()
		if h := p.Health(); h.Mode != mode || h.Trouble != trouble || !h.Since.Equal(since) || h.Lost != lost {
			t.Errorf("%s: %+v; want mode %q since %v, trouble %q, %d lost", what, h, mode, since, trouble, lost)
		}
		now = now.Add(time.Minute)
	}
	p.Began("stream", now)
	p.WayBegan("direct messages", "", now)
	want("all goes", "stream", "", begun, 0)
	p.WayEnded("direct messages", trouble("the app password does not allow that"), now)
	p.Began("stream", now)
	want("the main way goes on", "stream", "direct messages: the app password does not allow that", begun, 0)
	p.WayBegan("notifications", "poll", now)
	ended := now
	p.Ended(trouble("the network cannot be reached"), now)
	want("another stands in", "poll", "the network cannot be reached; direct messages: the app password does not allow that", ended, 1)
	down := now
	p.WayEnded("notifications", trouble("the network cannot be reached"), now)
	want("nothing goes", "", "the network cannot be reached; direct messages: the app password does not allow that", down, 2)
	p.WayBegan("direct messages", "", now)
	want("what brings other posts stands in for nothing", "", "the network cannot be reached", down, 2)
	back := now
	p.Began("stream", now)
	want("the stream is back", "stream", "notifications: the network cannot be reached", back, 2)
	p.WayBegan("notifications", "poll", now)
	want("all goes again", "stream", "", back, 2)
}

// TestPulseTellsWhoseTheTroubleIs: a password that was refused is the
// operator's, also while another way has only lost its connection.
func TestPulseTellsWhoseTheTroubleIs(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	var p social.Pulse
	want := func(what string, fault social.Fault) {
		t.Helper()
		if h := p.Health(); h.Fault != fault {
			t.Errorf("%s: %q; want %q", what, h.Fault, fault)
		}
	}
	p.Ended(trouble("the network cannot be reached"), now)
	want("an outage", social.FaultNetwork)
	p.WayEnded("direct messages", fmt.Errorf("messages: %w", &social.Error{Fault: social.FaultOperator, Safe: "the password was revoked"}), now)
	want("and a password", social.FaultOperator)
	if !p.WayBegan("direct messages", "", now) {
		t.Error("a way that was lost is not told to be back")
	}
	want("the password was exchanged", social.FaultNetwork)
	if p.WayBegan("direct messages", "", now) {
		t.Error("a way that was never lost is told to be back")
	}
	p.Began("stream", now)
	want("all goes", "")
	p.Ended(errors.New("secret"), now)
	if h := p.Health(); h.Trouble != "the connection failed" || h.Fault != social.FaultNetwork {
		t.Errorf("an error of nobody's: %+v", h)
	}
}
