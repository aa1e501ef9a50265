package domain

import "time"

// Subscription says: this advocate wants events like this, until then,
// because of that. It is found by Anchor alone; the event's type and the rest
// of Where are compared afterwards.
type Subscription struct {
	ID      string    `json:"id"`
	Case    string    `json:"case,omitempty"`
	To      string    `json:"to"` // an event type, or a start of one and "*"
	Anchor  Anchor    `json:"anchor"`
	Where   []Anchor  `json:"where,omitempty"` // further equalities on anchor attributes
	Reason  string    `json:"reason,omitempty"`
	Rule    string    `json:"rule,omitempty"`
	Since   time.Time `json:"since"` // events accepted from then on count, from the log if need be
	Expires time.Time `json:"expires"`
	After   int64     `json:"after"` // the event log's last position when it was committed; set by the store

	// What had to be proven for it to be made. It ends with that proof.
	Orders []string `json:"orders,omitempty"` // one of these must be open to the case's identity
	Linked bool     `json:"linked,omitempty"` // the case's identity must be proven to be the customer's
}

// Matches reports whether an event with these anchors fits.
func (s *Subscription) Matches(e *Event, anchors []Anchor) bool {
	return TypeMatches(s.To, e.Type) && hasAnchor(anchors, s.Anchor) && s.restMatches(anchors)
}

func (s *Subscription) restMatches(anchors []Anchor) bool {
	for _, w := range s.Where {
		if !hasAnchor(anchors, w) {
			return false
		}
	}
	return true
}

func hasAnchor(anchors []Anchor, a Anchor) bool {
	for _, x := range anchors {
		if x == a {
			return true
		}
	}
	return false
}

// Same reports whether two subscriptions of one customer ask for the same
// events for the same case.
func (s *Subscription) Same(o *Subscription) bool {
	if s.To != o.To || s.Anchor != o.Anchor || s.Case != o.Case || len(s.Where) != len(o.Where) {
		return false
	}
	for i := range s.Where {
		if s.Where[i] != o.Where[i] {
			return false
		}
	}
	return true
}
