package engine

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// seat is one customer's place in a turn.
type seat struct {
	id      domain.CustomerID
	row     store.Advocate
	snap    domain.Snapshot
	taken   bool  // another transaction decides for this customer now
	broken  error // the state does not decode
	fresh   bool  // made in this turn
	flush   bool  // decide what is still settling too
	keys    []domain.IdentityKey
	pending []store.InboxRow
	offers  []seatOffer

	inputs   []domain.Input
	provable []string // orders whose secrets the inputs may be compared with
	consumed []store.InboxKey
	timer    bool
	decided  bool
	decision domain.Decision
	record   []byte
	panicked bool
}

type seatOffer struct {
	ord     int
	in      domain.Input
	settles bool
}

// lock locks whoever is wanted, in id order, following merges, and reads
// their inboxes.
func (t *turn) lock() error {
	ids := t.wanted
	var sources []domain.CustomerID // merged customers: late inputs may still stand under their name
	for round := 0; len(ids) > 0; round++ {
		if round > maxRedirect {
			return fmt.Errorf("engine: customer %v was merged more than %d times in a row", ids[0], maxRedirect)
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
		var next []domain.CustomerID
		for part := range slices.Chunk(ids, t.lockPart(len(ids))) {
			rows, err := t.tx.AdvocateLock(part)
			if err != nil {
				return err
			}
			for i, row := range rows {
				if row.Redirect != 0 && row.ID != 0 && !row.Taken && !row.Erased {
					sources = append(sources, part[i])
					if t.seats[row.Redirect] == nil {
						next = append(next, row.Redirect)
					}
				}
			}
			t.sit(part, rows)
		}
		ids = next
	}
	t.order = make([]*seat, 0, len(t.seats))
	for _, s := range t.seats {
		t.order = append(t.order, s)
	}
	slices.SortFunc(t.order, func(a, b *seat) int { return cmp.Compare(a.id, b.id) })
	return t.readInboxes(sources)
}

// lockPart is how many of n customers are locked at once: where a call is no
// round trip, some are decoded while others are read.
func (t *turn) lockPart(n int) int {
	if t.e.store.Serial() {
		return writePart
	}
	return n
}

// sit gives customers that were locked their seats and begins to decode their
// states.
func (t *turn) sit(ids []domain.CustomerID, rows []store.Advocate) {
	seats := make([]*seat, 0, len(rows))
	for i, row := range rows {
		id := ids[i]
		switch {
		case row.Taken:
			t.seats[id] = &seat{id: id, taken: true}
		case row.ID == 0 || row.Erased:
		case row.Redirect != 0:
			t.redirect[id] = row.Redirect
		default:
			s := &seat{id: id, row: row}
			t.seats[id] = s
			seats = append(seats, s)
		}
	}
	t.decoding.Go(func() {
		for _, s := range seats {
			s.decode()
		}
	})
}

func (t *turn) readInboxes(sources []domain.CustomerID) error {
	read := sources
	for _, s := range t.order {
		if s.taken || s.row.Pending {
			read = append(read, s.id)
		}
	}
	for _, id := range t.claimed {
		if t.seatOf(id) == nil {
			read = append(read, id) // erased meanwhile: what is left is let go
		}
	}
	if len(read) == 0 {
		return nil
	}
	slices.Sort(read)
	rows, err := t.tx.InboxRead(slices.Compact(read))
	if err != nil {
		return err
	}
	for _, row := range rows {
		if s := t.seatOf(row.Customer); s != nil {
			s.pending = append(s.pending, row)
			continue
		}
		t.deletes = append(t.deletes, store.InboxKey{Customer: row.Customer, Seq: row.Seq})
		t.tally.dropped++
		t.tally.did++
	}
	if len(sources) > 0 {
		for _, s := range t.order {
			slices.SortFunc(s.pending, func(a, b store.InboxRow) int { return cmp.Compare(a.Seq, b.Seq) })
		}
	}
	return nil
}

// seatOf returns the seat of a customer or of whom it was merged into; nil
// for one that is unknown or erased.
func (t *turn) seatOf(id domain.CustomerID) *seat {
	for range maxRedirect + 1 {
		if s := t.seats[id]; s != nil {
			return s
		}
		to, ok := t.redirect[id]
		if !ok {
			return nil
		}
		id = to
	}
	return nil
}

// decode waits for the states of everybody at the table.
func (t *turn) decode() error {
	t.decoding.Wait()
	for _, s := range t.order {
		if s.broken != nil {
			t.e.stuck.add(t.e, s.id, t.now, "the state cannot be read: "+s.broken.Error())
		}
	}
	return nil
}

func (s *seat) decode() {
	defer func() {
		if p := recover(); p != nil {
			s.broken = fmt.Errorf("panic: %v", p)
		}
	}()
	if s.broken = wire.Unmarshal(s.row.State, &s.snap); s.broken != nil {
		return
	}
	// A write that changed nothing but the column (see backOff) leaves the
	// state's own number behind.
	s.snap.Version = s.row.Version
	if s.snap.Customer.ID != s.id {
		s.broken = fmt.Errorf("it is the state of customer %v", s.snap.Customer.ID)
		return
	}
	s.keys = make([]domain.IdentityKey, len(s.snap.Customer.Identities))
	for i := range s.keys {
		s.keys[i] = s.snap.Customer.Identities[i].IdentityKey
	}
}

// newSeat makes a customer in this turn.
func (t *turn) newSeat(it *item, c domain.Customer) (*seat, error) {
	id, err := t.drawFree(it)
	if err != nil {
		return nil, err
	}
	c.ID = id
	s := &seat{id: id, fresh: true, snap: domain.Snapshot{Customer: c}}
	state := wire.Marshal(&s.snap)
	s.row = store.Advocate{ID: id, State: state, CreatedAt: t.now, Search: searchText(&c)}
	t.seats[id] = s
	t.order = append(t.order, s)
	return s, nil
}

// leave takes back a customer who was to be made in this turn: the command
// that asked for them was refused, and nobody is left without a name.
func (t *turn) leave(s *seat) {
	delete(t.seats, s.id)
	t.order = slices.DeleteFunc(t.order, func(o *seat) bool { return o == s })
	t.claims.release(s.id)
}

// add gives a seat an input.
func (s *seat) add(ord int, in domain.Input, settles bool) {
	s.offers = append(s.offers, seatOffer{ord: ord, in: in, settles: settles})
}

// full reports whether the customer's inbox takes no more, while nothing can
// be decided.
func (s *seat) full(limit int) bool { return len(s.pending)+len(s.offers) >= limit }
