package main

import (
	"net/mail"
	"regexp"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/currency"
	"golang.org/x/text/language"

	"github.com/contact-advocate/advocate/internal/domain"
)

// What the cells of an import may hold. A check returns the value as it is
// kept, or what is accepted instead.

type cellCheck func(string) (value, wanted string)

// checked reads text that must mean something; nothing stays nothing.
func (f *fieldReader) checked(name string, dst *string, check cellCheck) {
	var s string
	if f.text(name, &s); strings.TrimSpace(s) == "" {
		return
	}
	value, wanted := check(strings.TrimSpace(s))
	if wanted != "" {
		f.fail(name, "is %.60q; want %s", s, wanted)
		return
	}
	*dst = value
}

var orderStatuses = []string{
	string(domain.OrderCreated), string(domain.OrderPaid), string(domain.OrderShipped), string(domain.OrderDelayed),
	string(domain.OrderDelivered), string(domain.OrderCanceled), string(domain.OrderRefunded),
}

// status reads where an order stands. Playbooks decide by these words, so
// another one is a slip, or needs to be mapped to one of them first.
func (f *fieldReader) status(dst *domain.OrderStatus) {
	f.checked("status", (*string)(dst), func(s string) (string, string) {
		s = strings.ToLower(s)
		for _, known := range orderStatuses {
			if s == known {
				return s, ""
			}
		}
		wanted := "one of " + strings.Join(orderStatuses, ", ")
		if near := domain.Nearest(s, orderStatuses); near != "" {
			wanted += "; did you mean " + near + "?"
		}
		return "", wanted
	})
}

var amountForm = regexp.MustCompile(`^-?\d{1,15}(\.\d{1,4})?$`)

func amountOf(s string) (string, string) {
	if !amountForm.MatchString(s) {
		return "", "digits with at most one point, such as 129.00"
	}
	return s, ""
}

func currencyOf(s string) (string, string) {
	u, err := currency.ParseISO(s)
	if err != nil {
		return "", "a currency's three letters, such as EUR or USD"
	}
	return u.String(), ""
}

func emailOf(s string) (string, string) {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || !strings.Contains(s[strings.LastIndexByte(s, '@'):], ".") {
		return "", "an address such as ann@example.com"
	}
	return s, ""
}

// minPhoneDigits is the least that a number without its country's code has.
const minPhoneDigits = 6

var phoneForm = regexp.MustCompile(`^\+?[0-9][0-9 ()./-]*$`)

func phoneOf(s string) (string, string) {
	const wanted = "a number with its country's code, such as +12025550101"
	if !phoneForm.MatchString(s) {
		return "", wanted
	}
	if strings.HasPrefix(s, "+") {
		n, err := phonenumbers.Parse(s, "")
		if err != nil || !phonenumbers.IsPossibleNumber(n) {
			return "", wanted
		}
		return s, ""
	}
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	if len(digits) < minPhoneDigits || len(digits) > 15 { // E.164 has no longer ones
		return "", wanted
	}
	return s, ""
}

var langForm = regexp.MustCompile(`^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$`)

func langOf(s string) (string, string) {
	if _, err := language.Parse(s); err != nil || !langForm.MatchString(s) {
		return "", "a language's tag, such as en, de or pt-BR"
	}
	return s, ""
}

func zoneOf(s string) (string, string) {
	if _, err := time.LoadLocation(s); err != nil || s == "Local" {
		return "", "a time zone such as Europe/Berlin or UTC"
	}
	return s, ""
}
