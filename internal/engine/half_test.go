package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/socialtest"
	"github.com/contact-advocate/advocate/internal/store"
)

// TestWhatWeSaidStaysOurs: what a network brings of a reply that failed for
// good, expired or was dropped after something of it was published is no answer
// of staff's.
func TestWhatWeSaidStaysOurs(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		long := strings.Replace(book, "Hello, we have read your message and look into it.",
			strings.TrimSpace(strings.Repeat("We have looked at your parcel and it is on its way to you. ", 6)), 1)
		for what, x := range map[string]struct {
			book  string
			plan  []socialtest.Behavior
			after func(*kit)
		}{
			"half said, and the customer is gone": {book: long, plan: []socialtest.Behavior{socialtest.OK, socialtest.Gone}},
			"half said, and dropped": {long, []socialtest.Behavior{socialtest.OK, socialtest.BadAuth}, func(k *kit) {
				for _, r := range k.effects(domain.EffectDead) {
					if err := k.engine.EffectDrop(k.ctx, r.ID, "kim"); err != nil {
						t.Error(err)
					}
				}
			}},
			"said, and the answer was lost": {book: book, plan: []socialtest.Behavior{socialtest.LostReply, socialtest.Gone}},
		} {
			form := social.Form{Text: social.Length{Max: 200, Unit: social.Characters}, Parts: 3}
			near := socialtest.NewScripted(socialtest.ScriptedOptions{Name: "near", Now: start.UTC,
				Capabilities: &social.Capabilities{PublicReply: true, PrivateMessage: true, Public: form, Private: form}})
			k := newKit(t, open(t), setup{playbook: x.book, networks: []social.Network{near}})
			p := k.post("ann", "hello")
			p.Network = "near"
			near.Plan(x.plan...)
			id := k.take(p)
			k.advance(time.Minute)
			if x.after != nil {
				x.after(k)
				k.settle()
			}
			if len(near.Sent()) != 1 {
				t.Fatalf("%s: sent %d", what, len(near.Sent()))
			}
			own := domain.Post{Network: "near", ID: "r1", Author: domain.Author{ID: "us"}, Own: true, Text: near.Sent()[0].Text,
				InReplyTo: p.ID, Visibility: domain.Private, At: k.clock.Now()}
			if r := k.submit(own)[0]; !r.Duplicate || k.count(id, "own") != 0 {
				t.Errorf("%s: what came of ours was taken for staff's: %+v", what, r)
			}
			own.ID, own.Text = "r2", "I see to it myself."
			k.take(own)
		}
	})
}
