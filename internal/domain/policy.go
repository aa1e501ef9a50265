package domain

import (
	"maps"
	"slices"
	"time"
)

// Policy is the operator's settings that decisions rest on and that no
// playbook may loosen. It is hashed together with the playbook.
type Policy struct {
	Company          string            `json:"company"`           // as messages sign
	Contact          string            `json:"contact,omitempty"` // where customers reach us directly: an address of ours that may stand in public
	DefaultLang      string            `json:"default_lang"`
	TimeZone         string            `json:"time_zone"`            // where the customer's is unknown
	PhoneRegion      string            `json:"phone_region"`         // ISO 3166 country of numbers written without "+"
	AnswerWithin     time.Duration     `json:"answer_within"`        // every post ends in something by then
	VerifyWithin     time.Duration     `json:"verify_within"`        // an unanswered question for a secret goes to a person
	NumberWithin     time.Duration     `json:"number_within"`        // a call is offered without a number after that
	LookupWithin     time.Duration     `json:"lookup_within"`        // an answer that has not come by then has failed
	ReplyValid       time.Duration     `json:"reply_valid"`          // default valid_for
	QuietClose       time.Duration     `json:"quiet_close"`          // an answered case resolves after that long a silence
	JoinWithin       time.Duration     `json:"join_within"`          // a post about the same matter joins its case for that long
	QuietFrom        int               `json:"quiet_from"`           // clock hour in the customer's zone from which nothing proactive leaves …
	QuietTo          int               `json:"quiet_to"`             // … until this one
	MaxContacts      int               `json:"max_contacts"`         // proactive messages per customer and day
	MaxReplies       int               `json:"max_replies"`          // automated messages per case
	MaxRepliesHour   int               `json:"max_replies_hour"`     // automated messages per customer and hour
	MaxVerify        int               `json:"max_verify"`           // attempts per question
	MaxVerifyDay     int               `json:"max_verify_day"`       // failed attempts per customer and day
	MaxVerifyOrder   int               `json:"max_verify_order"`     // failed attempts per order and hour, by anyone
	MaxVerifyNetwork int               `json:"max_verify_network"`   // failed attempts per network and hour
	AnswerAll        bool              `json:"answer_all,omitempty"` // also posts that are not addressed to us
	Disclosure       map[string]string `json:"disclosure,omitempty"` // per language: "Automated message from …"; prefixed to a case's first reply
	Queues           map[string]Queue  `json:"queues"`
	DefaultQueue     string            `json:"default_queue"`
}

// Queue is where work waits. Hours are in its own time zone.
type Queue struct {
	Name     string   `json:"name"`
	TimeZone string   `json:"time_zone,omitempty"`
	Hours    []Hours  `json:"hours,omitempty"`    // none: always open
	Holidays []string `json:"holidays,omitempty"` // dates, 2006-01-02

	Target       time.Duration `json:"target,omitempty"`        // service level: work should be accepted within …
	TargetShare  int           `json:"target_share,omitempty"`  // … in this many of 100 cases
	OfferFor     time.Duration `json:"offer_for,omitempty"`     // an offer runs out after
	WrapFor      time.Duration `json:"wrap_for,omitempty"`      // after-contact work ends by itself after
	StickyFor    time.Duration `json:"sticky_for,omitempty"`    // how long the customer's last agent is waited for
	Relax        []Relaxation  `json:"relax,omitempty"`         // how what is asked of an agent weakens; ascending
	Overflow     []Overflow    `json:"overflow,omitempty"`      // whose agents help out; ascending
	StaleAfter   time.Duration `json:"stale_after,omitempty"`   // an accepted item that nobody moves for that long raises an alarm
	Dispositions []Disposition `json:"dispositions,omitempty"`  // how work may end; none: the engine's own
	CallAttempts int           `json:"call_attempts,omitempty"` // calls about one matter before a person decides
	CallSpacing  time.Duration `json:"call_spacing,omitempty"`  // least time between two of them
}

// Relaxation weakens what is asked of an agent once an item has waited: skills
// may be lower by Levels, but never below 1; with Any the level and then the
// skills themselves do not count; with AnyLang neither does the language.
type Relaxation struct {
	After   time.Duration `json:"after"`
	Levels  int           `json:"levels,omitempty"`
	Any     bool          `json:"any_skill,omitempty"`
	AnyLang bool          `json:"any_lang,omitempty"`
}

// Overflow lets another queue's agents help once an item has waited.
type Overflow struct {
	After time.Duration `json:"after"`
	Queue string        `json:"queue"`
}

// What a queue does that says nothing else.
const (
	DefaultTarget       = 2 * time.Minute
	DefaultTargetShare  = 80
	DefaultOfferFor     = 30 * time.Second
	DefaultWrapFor      = 5 * time.Minute
	DefaultStickyFor    = time.Minute
	DefaultStaleAfter   = 2 * time.Hour
	DefaultCallAttempts = 3
	DefaultCallSpacing  = time.Hour
)

// Queue returns a queue's settings with the defaults filled in. One that is
// not there any more works by the defaults alone.
func (p *Policy) Queue(name string) Queue {
	q := p.Queues[name]
	q.Name = name
	for _, d := range []struct {
		have *time.Duration
		or   time.Duration
	}{
		{&q.Target, DefaultTarget}, {&q.OfferFor, DefaultOfferFor}, {&q.WrapFor, DefaultWrapFor}, {&q.StickyFor, DefaultStickyFor},
		{&q.StaleAfter, DefaultStaleAfter}, {&q.CallSpacing, DefaultCallSpacing},
	} {
		if *d.have <= 0 {
			*d.have = d.or
		}
	}
	if q.TargetShare <= 0 {
		q.TargetShare = DefaultTargetShare
	}
	if q.CallAttempts <= 0 {
		q.CallAttempts = DefaultCallAttempts
	}
	return q
}

// Hours are one weekday's opening, in minutes after midnight; To may be 1440.
type Hours struct {
	Weekday time.Weekday `json:"weekday"`
	From    int          `json:"from"`
	To      int          `json:"to"`
}

// DefaultCompany is who writes, until the operator says a name.
const DefaultCompany = "our team"

// DefaultPolicy is what an operator gets without asking.
func DefaultPolicy() Policy {
	return Policy{
		Company: DefaultCompany, DefaultLang: "en", TimeZone: "UTC", PhoneRegion: "US",
		AnswerWithin: 15 * time.Minute, VerifyWithin: 4 * time.Hour, NumberWithin: 30 * time.Minute,
		LookupWithin: 2 * time.Minute, ReplyValid: 24 * time.Hour, QuietClose: 72 * time.Hour,
		JoinWithin: 7 * 24 * time.Hour, QuietFrom: 21, QuietTo: 8,
		MaxContacts: 3, MaxReplies: 12, MaxRepliesHour: 8,
		MaxVerify: 3, MaxVerifyDay: 5, MaxVerifyOrder: 5, MaxVerifyNetwork: 200,
		Disclosure: map[string]string{
			"en": "Automated message from {company}.",
			"es": "Mensaje automático de {company}.",
			"de": "Automatische Nachricht von {company}.",
			"fr": "Message automatique de {company}.",
		},
		Queues:       map[string]Queue{"care": {Name: "care"}, "urgent": {Name: "urgent"}},
		DefaultQueue: "care",
	}
}

// QueueNames are the queues there are, by name.
func (p *Policy) QueueNames() []string { return slices.Sorted(maps.Keys(p.Queues)) }
