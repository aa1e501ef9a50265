package engine

import (
	"cmp"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// choose settles what each seat decides now: what was ready in the inbox,
// oldest first, and then what came in this turn.
func (t *turn) choose() error {
	for _, s := range t.order {
		slices.SortStableFunc(s.offers, func(a, b seatOffer) int { return cmp.Compare(a.ord, b.ord) })
		if s.taken || s.broken != nil {
			t.putOff(s)
			continue
		}
		var seq int64
		full := false
		for _, row := range s.pending {
			seq = max(seq, row.Seq)
			if row.ReadyAt.After(t.now) && !s.flush {
				continue
			}
			if full = len(s.inputs) >= maxInputs && !s.flush; full {
				break
			}
			var in domain.Input
			if err := wire.Unmarshal(row.Body, &in); err != nil {
				t.putBack(s, row, "an input cannot be read: "+err.Error())
				continue
			}
			in.Seq = row.Seq
			s.inputs = append(s.inputs, in)
			s.consumed = append(s.consumed, store.InboxKey{Customer: row.Customer, Seq: row.Seq})
		}
		var wait []seatOffer
		for _, o := range s.offers {
			if full || o.settles && !s.flush || len(s.inputs) >= maxInputs && !s.flush {
				wait = append(wait, o)
				continue
			}
			seq++
			o.in.Seq = seq
			s.inputs = append(s.inputs, o.in)
			t.tally.fused++
		}
		t.wait(s, wait)
		t.deletes = append(t.deletes, s.consumed...)
	}
	return nil
}

// stuckPause is how long what cannot be decided is left alone.
const stuckPause = 10 * time.Minute

// putOff leaves everything for later: the customer is another transaction's
// now, or the state cannot be read.
func (t *turn) putOff(s *seat) {
	ready := t.now
	if s.broken != nil {
		ready = t.now.Add(stuckPause)
		for _, row := range s.pending {
			if !row.ReadyAt.After(t.now) {
				t.putBack(s, row, "the state cannot be read")
			}
		}
	}
	for _, o := range s.offers {
		t.append(s, o.in, ready)
	}
}

// putBack moves an input that cannot be decided to a later time.
func (t *turn) putBack(s *seat, row store.InboxRow, why string) {
	t.e.stuck.add(t.e, s.id, t.now, why)
	t.deletes = append(t.deletes, store.InboxKey{Customer: row.Customer, Seq: row.Seq})
	row.Customer, row.Seq, row.ReadyAt = s.id, 0, t.now.Add(stuckPause)
	t.inbox = append(t.inbox, row)
	t.tally.did++
}

// wait puts inputs into the inbox: those over the limit of one decision are
// ready at once, posts that settle are ready later, all parts at one time.
func (t *turn) wait(s *seat, offers []seatOffer) {
	settles := false
	for _, o := range offers {
		if !o.settles {
			t.append(s, o.in, t.now)
		}
		settles = settles || o.settles
	}
	if !settles {
		return
	}
	// Earlier parts that still settle wait for the newest one, but no longer
	// than three times the settle time in all.
	first := t.now
	var earlierParts []store.InboxRow
	for _, row := range s.pending {
		if !row.ReadyAt.After(t.now) || row.Kind != domain.InputPost {
			continue
		}
		var in struct {
			At time.Time `json:"at"`
		}
		if wire.Unmarshal(row.Body, &in) == nil && !in.At.IsZero() && in.At.Before(first) {
			first = in.At
		}
		earlierParts = append(earlierParts, row)
	}
	ready := t.now.Add(t.e.settle)
	if latest := first.Add(3 * t.e.settle); ready.After(latest) {
		ready = latest
	}
	for _, row := range earlierParts {
		t.deletes = append(t.deletes, store.InboxKey{Customer: row.Customer, Seq: row.Seq})
		row.Customer, row.Seq, row.ReadyAt = s.id, 0, ready
		t.inbox = append(t.inbox, row)
	}
	for _, o := range offers {
		if o.settles {
			t.append(s, o.in, ready)
		}
	}
}
