package engine_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// TestOlderNoticesChangeNothing: an outage is as its newest fact says, in
// whatever order the facts arrive.
func TestOlderNoticesChangeNothing(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		notice := func(id, kind, area string, at time.Duration) domain.Event {
			return domain.Event{Source: "grid", ID: id, Type: "outage." + kind, Area: area, Time: start.Add(-time.Hour + at)}
		}
		// Ended before the news of its beginning came; and begun again before the
		// news of its first end came.
		r := k.events(notice("1", "ended", "north", 20*time.Minute))
		r = append(r, k.events(notice("2", "started", "north", 10*time.Minute))...)
		r = append(r, k.events(notice("3", "started", "south", 30*time.Minute))...)
		r = append(r, k.events(notice("4", "ended", "south", 20*time.Minute))...)
		for i, want := range []bool{false, true, false, true} {
			if r[i].Older != want {
				t.Errorf("event %d is older: %v, want %v", i+1, r[i].Older, want)
			}
		}
		var found []domain.Event
		k.view(func(r store.Reader) (err error) {
			found, err = r.NoticeFind(nil)
			return err
		})
		if len(found) != 1 || found[0].ID != "3" {
			t.Fatalf("open are %+v", found)
		}
		k.events(notice("5", "ended", "south", 40*time.Minute), notice("6", "started", "north", 50*time.Minute))
		k.view(func(r store.Reader) (err error) {
			found, err = r.NoticeFind(nil)
			return err
		})
		if len(found) != 1 || found[0].ID != "6" {
			t.Fatalf("then open are %+v", found)
		}
	})
}

// TestWhatACustomersEventSaysIsChecked: a field that means nothing leaves what
// was known, the others are taken, and older facts change nothing.
func TestWhatACustomersEventSaysIsChecked(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		id := k.known("ann", "C-1", "A-1")
		said := func(id string, at time.Duration, data string) {
			k.clock.Advance(time.Minute)
			k.events(domain.Event{Source: "crm", ID: id, Type: "customer.updated", CustomerRef: "C-1", Time: k.clock.Now().Add(at), Data: json.RawMessage(data)})
			k.settle()
		}
		said("1", 0, `{"time_zone":"Asia/Tokio","phone":"ask the neighbour","lang":"zz-evil; drop","tier":"gold","email":7}`)
		if c := k.snapshot(id).Customer; c.Phone != "+34911222333" || c.TimeZone != "" || c.Lang != "" || c.Tier != "gold" || c.Email != "" {
			t.Fatalf("the profile is %+v", c.Profile)
		}
		said("2", 0, `{"customer":{"time_zone":"Asia/Tokyo","tier":"platinum"}}`)
		said("3", -90*time.Second, `{"tier":"gold","lang":"de"}`)
		if c := k.snapshot(id).Customer; c.TimeZone != "Asia/Tokyo" || c.Tier != "platinum" || c.Lang != "de" {
			t.Fatalf("the profile is %+v", c.Profile)
		}
		records := k.records(id)
		if last := records[len(records)-1]; !slices.ContainsFunc(last.Entries, func(e domain.Entry) bool { return e.What == "older facts" }) {
			t.Errorf("nothing says that a fact was older: %+v", last.Entries)
		}
	})
}
