package store

import (
	"fmt"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// States of a delivery.
const (
	DeliveryPending = "pending" // from NotBefore on
	DeliverySending = "sending" // somebody has it until Lease
	DeliveryDone    = "done"
	DeliveryDead    = "dead" // given up
)

var deliveryStates = []string{DeliveryPending, DeliverySending, DeliveryDone, DeliveryDead}

// DeliveryRow is an event on its way to the endpoint of an outbound webhook.
type DeliveryRow struct {
	ID        string // the endpoint's id, "/" and the event's seq
	Endpoint  string
	EventSeq  int64
	Type      string // the event's
	State     string
	Attempt   int
	NotBefore time.Time
	Lease     time.Time // while sending
	Status    int       // the last answer's; 0 for none
	Error     string    // of the last attempt
	At        time.Time // when it was added
	UpdatedAt time.Time
	Body      []byte            // the payload as first built, so that each attempt sends the same
	Customer  domain.CustomerID // whom it is about; 0: nobody
}

// Valid returns what keeps a new delivery from being kept, nil for nothing.
func (r *DeliveryRow) Valid() error {
	switch {
	case r.ID == "" || r.Endpoint == "" || len(r.ID) > MaxName || len(r.Endpoint) > MaxName:
		return fmt.Errorf("store: delivery %.60q to %.60q cannot be kept; want an id and an endpoint of 1 to %d bytes", r.ID, r.Endpoint, MaxName)
	case r.State != "" && r.State != DeliveryPending:
		return fmt.Errorf("store: delivery %.60q cannot begin as %.20q; want pending", r.ID, r.State)
	}
	return nil
}

// DeliveryState returns an error for a word that is no state of a delivery.
func DeliveryState(id, state string) error {
	if !slices.Contains(deliveryStates, state) {
		return fmt.Errorf("store: delivery %.60q cannot become %.20q; want pending, sending, done or dead", id, state)
	}
	return nil
}

// Set does to a stored delivery what DeliveryWriter.DeliverySet says.
func (r *DeliveryRow) Set(from []string, to string, notBefore time.Time) error {
	if err := DeliveryState(r.ID, to); err != nil {
		return err
	}
	if len(from) > 0 && !slices.Contains(from, r.State) {
		return fmt.Errorf("%w: delivery %.60q is %s", ErrConflict, r.ID, r.State)
	}
	r.State = to
	if !notBefore.IsZero() {
		r.NotBefore = notBefore.UTC().Truncate(time.Microsecond)
	}
	return nil
}

// DeliveryClaimParams: at most Limit in all, and so many of one endpoint that
// no more than PerEndpoint are being sent to it at once, those that were
// claimed before included; 0 stands for no limit but Limit. Where transactions
// run beside each other, only what is committed is counted, so claims at the
// same moment may come to more. What was claimed before Since, when this
// sender's turn began, is nobody's any more, however long its lease is.
type DeliveryClaimParams struct {
	Now         time.Time
	Lease       time.Duration
	Limit       int
	PerEndpoint int
	Since       time.Time
}

// Left reports whether a delivery that is being sent is nobody's any more.
func (p *DeliveryClaimParams) Left(lease, updated time.Time) bool {
	return !lease.After(p.Now) || updated.Before(p.Since)
}

// Free is how many more of an endpoint a claim takes when some are being sent.
func (p *DeliveryClaimParams) Free(sending int) int {
	limit := Limit(p.Limit)
	if p.PerEndpoint <= 0 {
		return limit
	}
	return max(0, min(limit, p.PerEndpoint-sending))
}

// DeliveryListParams asks for deliveries, newest first. Zero values ask for
// any.
type DeliveryListParams struct {
	Endpoint, State string
	After           string // the last id of the page before
	Limit           int
}

// DeliveryReader reads deliveries.
type DeliveryReader interface {
	// DeliveryGet reads one; ErrNotFound when there is none.
	DeliveryGet(id string) (DeliveryRow, error)
	// DeliveryList pages by (At, ID), newest first. An After that is gone is
	// ErrNotFound.
	DeliveryList(p DeliveryListParams) ([]DeliveryRow, error)
}

// DeliveryWriter writes deliveries.
type DeliveryWriter interface {
	// DeliveryAdd keeps deliveries, pending. One whose id is known, or was
	// named before in the call, is ignored.
	DeliveryAdd(rows []DeliveryRow) error
	// DeliveryClaim leases deliveries that may be sent now: pending and not
	// before their time, or sending with a lease that has ended (at or before
	// Now). Each comes back sending, with Attempt raised and Lease set. Oldest
	// NotBefore first, then by id. Concurrent claims never give one twice.
	DeliveryClaim(p DeliveryClaimParams) ([]DeliveryRow, error)
	// DeliveryPut writes what came of a claimed one if its Attempt is still
	// the stored one; otherwise ErrConflict: somebody else has it, or it is
	// gone. State, NotBefore, Lease, Status, Error and UpdatedAt are written,
	// and nothing else. Only one that is being sent has a lease.
	DeliveryPut(row DeliveryRow) error
	// DeliverySet is an operator's: it changes the state without an attempt
	// check and returns the row as it is then. ErrNotFound when it is gone,
	// ErrConflict when its state is not one of from (none: any). A zero
	// notBefore leaves the time.
	DeliverySet(id string, from []string, to string, notBefore time.Time) (DeliveryRow, error)
	// DeliveryPrune removes done and dead ones that were added before a time,
	// at most limit, the oldest first (At, then ID), and says how many.
	DeliveryPrune(before time.Time, limit int) (int, error)
}
