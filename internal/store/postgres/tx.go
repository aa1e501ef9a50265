package postgres

import (
	"cmp"

	"github.com/contact-advocate/advocate/internal/domain"
)

// tx is a read-write transaction. It remembers what it has locked and what it
// has looked at before writing, so that a write can tell whether another
// transaction came in between.
type tx struct {
	reader
	run      int // the how-manieth of this function
	delta    tally
	wake     bool // it left work for others
	caught   bool // it asks to catch up
	moved    bool // it wrote to the event log, or asked to catch up with it
	lows     lows // effects that it made ready
	looks    []*looking
	conflict error // what a look before a write found

	published bool // it adds a playbook

	held       map[domain.CustomerID]heldAdvocate // rows that it has locked
	documents  map[documentKey]heldDocument       // those too
	orders     revisions
	identities map[domain.IdentityKey]domain.CustomerID // as found; 0 for nobody's
	subscribed map[subscriptionKey]subscribed           // what it added
}

func compareText(a, b string) int { return cmp.Compare(a, b) }
