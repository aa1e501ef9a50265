package domain

import (
	"strconv"
	"time"
)

// ReservationState is what became of an offer.
type ReservationState string

const (
	ReservationPending   ReservationState = "pending" // the agent has not answered yet
	ReservationAccepted  ReservationState = "accepted"
	ReservationRejected  ReservationState = "rejected"  // the agent does not want it
	ReservationTimeout   ReservationState = "timeout"   // the agent did not answer in time
	ReservationCanceled  ReservationState = "canceled"  // the work item ended meanwhile
	ReservationRescinded ReservationState = "rescinded" // taken back: the agent went offline, or somebody gave the item elsewhere
	ReservationCompleted ReservationState = "completed" // the work that was accepted is done, or passed on
)

// Reservation is the offer of a work item to one agent. A work item has at
// most one that is pending or accepted, and keeps the last one. Its ID is the
// work item's with "-r" and its number, so the item can be read from it.
type Reservation struct {
	ID        string           `json:"id"`
	Agent     string           `json:"agent"`
	State     ReservationState `json:"state"`
	OfferedAt time.Time        `json:"offered_at"`
	Until     time.Time        `json:"until,omitzero"` // when the offer runs out, while pending
	EndedAt   time.Time        `json:"ended_at,omitzero"`
	Why       string           `json:"why,omitempty"`
}

// Final reports whether nothing more can become of the reservation.
func (s ReservationState) Final() bool {
	return s != ReservationPending && s != ReservationAccepted
}

// MayBecome reports whether a reservation may go from one state to another.
func (s ReservationState) MayBecome(to ReservationState) bool {
	switch s {
	case ReservationPending:
		return to != ReservationPending && to != ReservationCompleted
	case ReservationAccepted:
		return to == ReservationCompleted || to == ReservationCanceled || to == ReservationRescinded
	}
	return false
}

// ReservationID names the n-th offer of a work item.
func ReservationID(workItem string, n int) string {
	return workItem + "-r" + strconv.Itoa(n)
}

// ParseReservationID reads the work item and the number out of what
// ReservationID made, and takes nothing else.
func ParseReservationID(s string) (workItem string, n int, err error) {
	for i := len(s) - 1; i > 1; i-- {
		if s[i] >= '0' && s[i] <= '9' {
			continue
		}
		if s[i] != 'r' || s[i-1] != '-' {
			break
		}
		workItem = s[:i-1]
		n, err = strconv.Atoi(s[i+1:])
		_, kind, _, perr := ParseObjectID(workItem)
		if err != nil || n < 1 || s[i+1] == '0' || perr != nil || kind != KindWorkItem {
			break
		}
		return workItem, n, nil
	}
	return "", 0, Errorf(CodeInvalid, "reservation id %.80q: want a work item's id, \"-r\" and a number", s)
}
