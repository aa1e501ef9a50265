package domain

import (
	"slices"
	"strings"
	"time"
)

// IdentityKey names an author on one network as seen by one of our accounts.
type IdentityKey struct {
	Network string `json:"network"`
	Account string `json:"account,omitempty"`
	Author  string `json:"author"`
}

// Valid reports whether the key names anybody. An empty key matches nobody.
func (k IdentityKey) Valid() bool { return k.Network != "" && k.Author != "" }

func (k IdentityKey) String() string {
	if k.Account == "" {
		return k.Network + "/" + k.Author
	}
	return k.Network + "/" + k.Account + "/" + k.Author
}

// EvidenceKind says what a link or a proof rests on.
type EvidenceKind string

const (
	EvidenceFirstContact EvidenceKind = "first_contact"  // the identity's own first post made the customer; proves nothing
	EvidenceSystem       EvidenceKind = "trusted_system" // an import or a component that the operator trusts said so
	EvidencePerson       EvidenceKind = "person"         // an agent or operator said so
	EvidenceOrderSecret  EvidenceKind = "order_secret"   // the writer knew the order's e-mail or postcode; opens that order only
)

// Evidence is why we believe something about an identity.
type Evidence struct {
	Kind  EvidenceKind `json:"kind"`
	At    time.Time    `json:"at"`
	By    string       `json:"by,omitempty"`    // the person or system
	Order string       `json:"order,omitempty"` // with order_secret
}

// Identity is an author on a network, linked to a customer by evidence.
type Identity struct {
	IdentityKey
	Handle   string     `json:"handle,omitempty"`
	Name     string     `json:"name,omitempty"`
	Evidence []Evidence `json:"evidence,omitempty"`
	Ignored  bool       `json:"ignored,omitempty"` // on the operator's ignore list
	Blocked  time.Time  `json:"blocked,omitzero"`  // since when they block us there; writing to us ends it
	Shown    []string   `json:"shown,omitempty"`   // digests of what it wrote in public that could be an order's secret
}

// Proven reports whether a trusted system or a person says that this identity
// is the customer. Only then may the customer's profile and all of the
// customer's orders be spoken of.
func (i *Identity) Proven() bool {
	return slices.ContainsFunc(i.Evidence, func(e Evidence) bool {
		return e.Kind == EvidenceSystem || e.Kind == EvidencePerson
	})
}

// KnowsSecretOf reports whether the identity has proven one order by its secret.
func (i *Identity) KnowsSecretOf(order string) bool {
	return order != "" && slices.ContainsFunc(i.Evidence, func(e Evidence) bool {
		return e.Kind == EvidenceOrderSecret && e.Order == order
	})
}

// Answer is a yes or no that a customer may not have given.
type Answer string

const (
	Unasked Answer = ""
	Granted Answer = "granted"
	Refused Answer = "refused"
)

// Consent is what the customer allows. Stopped holds for everything that the
// customer did not ask for in the conversation at hand.
type Consent struct {
	Calls     Answer    `json:"calls,omitempty"`
	CallsAt   time.Time `json:"calls_at,omitzero"`
	Messages  Answer    `json:"messages,omitempty"`
	Stopped   bool      `json:"stopped,omitempty"` // "stop": no message at all until the customer writes again about a matter
	StoppedAt time.Time `json:"stopped_at,omitzero"`
}

// Stricter combines two consents so that every refusal stands.
func (c Consent) Stricter(o Consent) Consent {
	pick := func(a, b Answer) Answer {
		switch {
		case a == Refused || b == Refused:
			return Refused
		case a == Unasked:
			return b
		}
		return a
	}
	out := Consent{Calls: pick(c.Calls, o.Calls), Messages: pick(c.Messages, o.Messages), Stopped: c.Stopped || o.Stopped}
	out.CallsAt, out.StoppedAt = later(c.CallsAt, o.CallsAt), later(c.StoppedAt, o.StoppedAt)
	return out
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Profile is what the company's systems or the customer said about the person.
type Profile struct {
	Ref      string `json:"ref,omitempty"` // the company's own reference; "customerid" in events
	Name     string `json:"name,omitempty"`
	Phone    string `json:"phone,omitempty"` // E.164
	Email    string `json:"email,omitempty"`
	Lang     string `json:"lang,omitempty"`      // BCP 47
	TimeZone string `json:"time_zone,omitempty"` // IANA name
	Tier     string `json:"tier,omitempty"`
}

// ProfileTimes are the times of the facts that a profile's fields hold: an
// older one changes nothing. Zero is one of which no time is known.
type ProfileTimes struct {
	Name     time.Time `json:"name,omitzero"`
	Phone    time.Time `json:"phone,omitzero"`
	Email    time.Time `json:"email,omitzero"`
	Lang     time.Time `json:"lang,omitzero"`
	TimeZone time.Time `json:"time_zone,omitzero"`
	Tier     time.Time `json:"tier,omitzero"`
}

// Fill takes over the times of the fields that were empty in had.
func (t *ProfileTimes) Fill(had *Profile, from *ProfileTimes) {
	for _, f := range []struct {
		was string
		dst *time.Time
		src time.Time
	}{
		{had.Name, &t.Name, from.Name}, {had.Phone, &t.Phone, from.Phone}, {had.Email, &t.Email, from.Email},
		{had.Lang, &t.Lang, from.Lang}, {had.TimeZone, &t.TimeZone, from.TimeZone}, {had.Tier, &t.Tier, from.Tier},
	} {
		if f.was == "" {
			*f.dst = f.src
		}
	}
}

// Learn takes over what p says, as of a time, and returns the names of the
// fields of which something newer is known. Nothing is not said.
func (c *Customer) Learn(p *Profile, at time.Time) (older []string) {
	if p.Ref != "" {
		c.Ref = p.Ref
	}
	for _, f := range []struct {
		name string
		dst  *string
		said string
		when *time.Time
	}{
		{"name", &c.Name, p.Name, &c.Facts.Name}, {"phone", &c.Phone, p.Phone, &c.Facts.Phone}, {"email", &c.Email, p.Email, &c.Facts.Email},
		{"lang", &c.Lang, p.Lang, &c.Facts.Lang}, {"time_zone", &c.TimeZone, p.TimeZone, &c.Facts.TimeZone}, {"tier", &c.Tier, p.Tier, &c.Facts.Tier},
	} {
		switch {
		case f.said == "":
		case at.Before(*f.when):
			older = append(older, f.name)
		default:
			*f.dst, *f.when = f.said, at
		}
	}
	return older
}

// Normalize trims and cleans every field.
func (p *Profile) Normalize() {
	p.Ref = cleanKey(p.Ref)
	for _, s := range []*string{&p.Name, &p.Phone, &p.Email, &p.Lang, &p.TimeZone, &p.Tier} {
		*s = strings.TrimSpace(CleanText(*s))
	}
	p.Name = CleanName(p.Name)
	p.Email = strings.ToLower(p.Email)
}

// Customer is the person behind an advocate.
type Customer struct {
	ID CustomerID `json:"id"`
	Profile
	Facts      ProfileTimes `json:"facts,omitzero"`
	Consent    Consent      `json:"consent,omitzero"`
	Identities []Identity   `json:"identities,omitempty"`
}

// Identity finds one of the customer's identities; nil if there is none.
func (c *Customer) Identity(k IdentityKey) *Identity {
	if !k.Valid() {
		return nil
	}
	for i := range c.Identities {
		if c.Identities[i].IdentityKey == k {
			return &c.Identities[i]
		}
	}
	return nil
}

// MayHear reports whether details of an order may be told to an identity:
// the identity is proven and the order is the customer's own, or the identity
// knows the order's secret.
func (c *Customer) MayHear(k IdentityKey, o *Order) bool {
	id := c.Identity(k)
	if id == nil || o == nil || o.ID == "" {
		return false
	}
	if id.KnowsSecretOf(o.ID) {
		return true
	}
	return id.Proven() && o.CustomerRef != "" && o.CustomerRef == c.Ref
}
