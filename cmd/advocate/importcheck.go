package main

import (
	"regexp"
	"strings"

	"golang.org/x/text/currency"

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
