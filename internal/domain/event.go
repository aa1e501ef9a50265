package domain

import (
	"encoding/json"
	"strings"
	"time"
)

// Limits on an event.
const (
	MaxEventData  = 64 << 10 // bytes
	MaxEventField = 512      // bytes in an attribute
	MaxHops       = 8        // how often an event may lead to an emitted event
)

// Anchor attributes: what a subscription can be found by.
const (
	AnchorOrder    = "orderid"
	AnchorCustomer = "customerid"
	AnchorSKU      = "sku"
	AnchorArea     = "area"
	AnchorCase     = "caseid"
	AnchorWorkItem = "workitemid"
)

// AnchorAttributes lists them in the order in which events are looked up.
var AnchorAttributes = []string{AnchorOrder, AnchorCustomer, AnchorSKU, AnchorArea, AnchorCase, AnchorWorkItem}

// Event is something that happened in the contact center: a CloudEvent 1.0
// whose anchors were read once.
type Event struct {
	Seq         int64           `json:"seq,omitempty"` // the store's position in the event log; 0 before that
	Source      string          `json:"source"`
	ID          string          `json:"id"`
	Type        string          `json:"type"`
	Subject     string          `json:"subject,omitempty"`
	Time        time.Time       `json:"time"`
	OrderID     string          `json:"orderid,omitempty"`
	CustomerRef string          `json:"customerid,omitempty"`
	SKU         string          `json:"sku,omitempty"`
	Area        string          `json:"area,omitempty"`
	CaseID      string          `json:"caseid,omitempty"`
	WorkItemID  string          `json:"workitemid,omitempty"`
	Hops        int             `json:"hops,omitempty"`
	Data        json.RawMessage `json:"data,omitempty"`
	Accepted    time.Time       `json:"accepted,omitzero"` // when intake took it; Normalize sets it, never the sender
}

// Anchor is one equality an event satisfies and a subscription asks for.
type Anchor struct {
	Attr  string `json:"attr"`
	Value string `json:"value"`
}

func (a Anchor) String() string { return a.Attr + "=" + a.Value }

// NormalizeAnchor folds a value the way events and subscriptions both do.
// It returns false when nothing is left to match on.
func NormalizeAnchor(a Anchor) (Anchor, bool) {
	a.Value = cleanKey(a.Value)
	switch a.Attr {
	case AnchorOrder:
		a.Value = FoldRef(a.Value)
	case AnchorSKU, AnchorArea:
		a.Value = strings.ToLower(a.Value)
	}
	return a, a.Value != "" && len(a.Value) <= MaxEventField
}

// anchorValues are the values of AnchorAttributes, in that order.
func (e *Event) anchorValues() [6]string {
	return [...]string{e.OrderID, e.CustomerRef, e.SKU, e.Area, e.CaseID, e.WorkItemID}
}

// Anchors returns the event's anchors, in the order of AnchorAttributes.
func (e *Event) Anchors() []Anchor {
	out := make([]Anchor, 0, 2)
	for i, v := range e.anchorValues() {
		if v == "" {
			continue
		}
		if a, ok := NormalizeAnchor(Anchor{AnchorAttributes[i], v}); ok {
			out = append(out, a)
		}
	}
	return out
}

// Normalize cleans the attributes, reads anchors that stand in data and
// fills a missing time with the time of receipt. Keys are left for Validate to
// refuse.
func (e *Event) Normalize(now time.Time) {
	if (e.OrderID == "" || e.CustomerRef == "" || e.SKU == "" || e.Area == "") && len(e.Data) > 1 && e.Data[0] == '{' {
		var in struct {
			OrderID     any `json:"orderid"`
			CustomerRef any `json:"customerid"`
			SKU         any `json:"sku"`
			Area        any `json:"area"`
		}
		if json.Unmarshal(e.Data, &in) == nil {
			take := func(dst *string, v any) {
				if s, ok := scalar(v); ok && *dst == "" {
					*dst = s
				}
			}
			take(&e.OrderID, in.OrderID)
			take(&e.CustomerRef, in.CustomerRef)
			take(&e.SKU, in.SKU)
			take(&e.Area, in.Area)
		}
	}
	for _, s := range []*string{&e.Source, &e.ID, &e.Type, &e.CustomerRef, &e.SKU, &e.Area, &e.CaseID, &e.WorkItemID} {
		*s = cleanKey(*s)
	}
	e.Subject = strings.TrimSpace(CleanText(e.Subject))
	e.OrderID = FoldRef(e.OrderID)
	e.SKU, e.Area = strings.ToLower(e.SKU), strings.ToLower(e.Area)
	if e.Time.IsZero() || e.Time.After(now.Add(MaxClockAhead)) {
		e.Time = now
	}
	e.Time = e.Time.UTC().Truncate(time.Microsecond)
	e.Accepted = now.UTC().Truncate(time.Microsecond)
}

// AcceptedAt is when intake took the event, as far as it is known.
func (e *Event) AcceptedAt() time.Time {
	if e.Accepted.IsZero() {
		return e.Time
	}
	return e.Accepted
}

func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case float64:
		b, _ := json.Marshal(v)
		return string(b), true
	}
	return "", false
}

// Validate reports the first thing wrong with a normalised event.
func (e *Event) Validate() error {
	for _, f := range [...]struct{ name, value string }{{"source", e.Source}, {"id", e.ID}, {"type", e.Type}} {
		if f.value == "" {
			return FieldErrorf(f.name, "is required and must not be empty")
		}
		if err := checkAttribute(f.name, f.value); err != nil {
			return err
		}
	}
	if err := shortEnough("subject", e.Subject); err != nil {
		return err
	}
	for i, v := range e.anchorValues() {
		if err := checkAttribute(AnchorAttributes[i], v); err != nil {
			return err
		}
	}
	if len(e.Data) > MaxEventData {
		return &Error{Code: CodeTooLarge, Field: "data", Message: "is larger than 64 KiB"}
	}
	if len(e.Data) > 0 && !json.Valid(e.Data) {
		return FieldErrorf("data", "is not valid JSON")
	}
	if e.Hops < 0 || e.Hops > MaxHops {
		return FieldErrorf("hops", "is %d; at most %d are accepted, so that emitted events end", e.Hops, MaxHops)
	}
	return nil
}

// checkAttribute is for those by which events are known and found.
func checkAttribute(field, value string) error {
	if err := shortEnough(field, value); err != nil {
		return err
	}
	return CheckKey(field, value)
}

func shortEnough(field, value string) error {
	if len(value) > MaxEventField {
		return FieldErrorf(field, "is %d bytes long; at most %d are accepted", len(value), MaxEventField)
	}
	return nil
}

// DedupeKey is source and id (CloudEvents 1.0 §3.1: together they are unique).
func (e *Event) DedupeKey() Key { return MakeKey("event", e.Source, e.ID) }

// BodyHash is a digest of what must not differ between repeats.
func (e *Event) BodyHash() uint64 {
	anchors := e.anchorValues()
	k := MakeKey(append([]string{e.Type, e.Subject, string(e.Data)}, anchors[:]...)...)
	var v uint64
	for _, b := range k[:8] {
		v = v<<8 | uint64(b)
	}
	return v
}

// TypeMatches reports whether an event type fits a pattern: the same word, or
// a pattern whose last letter is "*" and whose start is the type's start.
func TypeMatches(pattern, eventType string) bool {
	if head, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(eventType, head)
	}
	return pattern == eventType
}
