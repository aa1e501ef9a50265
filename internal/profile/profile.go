// Package profile reads what systems say of a customer: what each field of a
// profile may hold, wherever it comes from.
package profile

import (
	"bytes"
	"encoding/json"
	"net/mail"
	"regexp"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/language"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Email returns an address as it is kept, or what is accepted instead.
func Email(s string) (value, wanted string) {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || !strings.Contains(s[strings.LastIndexByte(s, '@'):], ".") {
		return "", "an address such as ann@example.com"
	}
	return s, ""
}

// minPhoneDigits is the least that a number without its country's code has.
const minPhoneDigits = 6

var phoneForm = regexp.MustCompile(`^\+?[0-9][0-9 ()./-]*$`)

// Phone is Email for a telephone number.
func Phone(s string) (value, wanted string) {
	const want = "a number with its country's code, such as +12025550101"
	if !phoneForm.MatchString(s) {
		return "", want
	}
	if strings.HasPrefix(s, "+") {
		n, err := phonenumbers.Parse(s, "")
		if err != nil || !phonenumbers.IsPossibleNumber(n) {
			return "", want
		}
		return s, ""
	}
	digits := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	if digits < minPhoneDigits || digits > 15 { // E.164 has no longer ones
		return "", want
	}
	return s, ""
}

var langForm = regexp.MustCompile(`^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$`)

// Lang is Email for a language.
func Lang(s string) (value, wanted string) {
	if _, err := language.Parse(s); err != nil || !langForm.MatchString(s) {
		return "", "a language's tag, such as en, de or pt-BR"
	}
	return s, ""
}

// Zone is Email for a time zone.
func Zone(s string) (value, wanted string) {
	if _, err := time.LoadLocation(s); err != nil || s == "Local" {
		return "", "a time zone such as Europe/Berlin or UTC"
	}
	return s, ""
}

// FromEvent reads what customer.updated says, either at the top of its data or
// under "customer". A field that means nothing is passed over and named; the
// others count. The reference is the event's and does not change. ok is false
// when the event says nothing of a customer's profile.
func FromEvent(e *domain.Event) (p domain.Profile, passed []*domain.Error, ok bool) {
	if e.Type != Updated || e.CustomerRef == "" || len(e.Data) == 0 {
		return p, nil, false
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(e.Data, &fields) != nil {
		return p, []*domain.Error{domain.FieldErrorf("data", "is no object; want one with the customer's fields; it was passed over")}, false
	}
	prefix := "data."
	if inner := bytes.TrimSpace(fields["customer"]); len(inner) > 0 && inner[0] == '{' {
		prefix, fields = "data.customer.", nil
		if json.Unmarshal(inner, &fields) != nil {
			return p, nil, false
		}
	}
	for _, f := range []struct {
		name  string
		dst   *string
		check func(string) (string, string)
	}{{"name", &p.Name, nil}, {"phone", &p.Phone, Phone}, {"email", &p.Email, Email}, {"lang", &p.Lang, Lang}, {"time_zone", &p.TimeZone, Zone}, {"tier", &p.Tier, nil}} {
		raw := bytes.TrimSpace(fields[f.name])
		if len(raw) == 0 || string(raw) == "null" {
			continue
		}
		var s string
		if json.Unmarshal(raw, &s) != nil {
			passed = append(passed, domain.FieldErrorf(prefix+f.name, "is %s; want text; it was passed over", domain.Clip(string(raw), 60)))
			continue
		}
		s = strings.TrimSpace(domain.CleanText(s))
		switch {
		case s == "":
			continue
		case len(s) > domain.MaxPostField:
			passed = append(passed, domain.FieldErrorf(prefix+f.name, "is %d bytes long; at most %d are accepted; it was passed over", len(s), domain.MaxPostField))
			continue
		case f.check != nil:
			value, wanted := f.check(s)
			if wanted != "" {
				passed = append(passed, domain.FieldErrorf(prefix+f.name, "is %q; want %s; it was passed over", domain.Clip(s, 60), wanted))
				continue
			}
			s = value
		}
		*f.dst = s
	}
	p.Ref = e.CustomerRef
	p.Normalize()
	return p, passed, true
}

// Updated is the type of events that say what a customer's profile is.
const Updated = "customer.updated"

// PassedOver names the fields of an event about a customer that mean nothing
// and were not taken; none for other events.
func PassedOver(e *domain.Event) []*domain.Error {
	_, passed, _ := FromEvent(e)
	return passed
}
