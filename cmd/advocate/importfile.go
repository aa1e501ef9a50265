package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/profile"
)

var orderColumns = []string{
	"id", "customer_ref", "status", "placed_at", "eta", "promised", "delivered_at", "carrier", "tracking", "items", "total",
	"currency", "reason", "area", "email", "postcode", "version", "updated_at",
}

var customerColumns = []string{"ref", "name", "phone", "email", "lang", "time_zone", "tier", "identities", "calls", "messages"}

// unknownField names a field that means nothing, with what would: a typing
// slip in an import must not lose a column in silence.
func unknownField(fields map[string]json.RawMessage, known []string) error {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(known, name) {
			return domain.FieldErrorf(shorten(name, 40), "is not known; accepted are %s", strings.Join(known, ", "))
		}
	}
	return nil
}

// orderOf reads an order.
func orderOf(r row) (domain.Order, error) {
	var o domain.Order
	if r.err != nil {
		return o, r.err
	}
	if err := unknownField(r.fields, orderColumns); err != nil {
		return o, err
	}
	f := fieldReader{fields: r.fields, strict: true}
	f.text("id", &o.ID)
	f.text("customer_ref", &o.CustomerRef)
	f.status(&o.Status)
	f.timeOrDate("placed_at", &o.PlacedAt)
	f.timeOrDate("eta", &o.ETA)
	f.timeOrDate("promised", &o.Promised)
	f.timeOrDate("delivered_at", &o.DeliveredAt)
	f.text("carrier", &o.Carrier)
	f.text("tracking", &o.Tracking)
	f.items(&o.Items)
	f.checked("total", &o.Total, amountOf)
	f.checked("currency", &o.Currency, currencyOf)
	f.text("reason", &o.Reason)
	f.text("area", &o.Area)
	f.checked("email", &o.Email, profile.Email)
	f.text("postcode", &o.Postcode)
	f.number("version", &o.Version)
	f.time("updated_at", &o.UpdatedAt)
	if f.err == nil && domain.FoldRef(o.ID) == "" {
		f.fail("id", "is required")
	}
	return o, f.err
}

// itemForm is "2x Kettle (KET-2)"; the count and the article number may be
// left out.
var itemForm = regexp.MustCompile(`^(?:(\d{1,6})\s*[x×]\s+)?(.*?)(?:\s*\(([^()]+)\))?$`)

// items reads a list of objects, or text with the items divided by ";".
func (f *fieldReader) items(dst *[]domain.OrderItem) {
	raw := f.get("items")
	if raw == nil {
		return
	}
	s, ok := scalar(raw)
	if !ok {
		if err := json.Unmarshal(raw, dst); err != nil {
			f.fail("items", "is %s; want a list of {sku, name, quantity}, or text such as \"2x Kettle (KET-2); Lamp\"", clipJSON(raw))
		}
		return
	}
	for _, part := range strings.Split(s, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		m := itemForm.FindStringSubmatch(part)
		it := domain.OrderItem{Name: strings.TrimSpace(m[2]), SKU: strings.TrimSpace(m[3]), Quantity: 1}
		if m[1] != "" {
			it.Quantity, _ = strconv.Atoi(m[1])
		}
		*dst = append(*dst, it)
	}
}

// customerOf reads a customer.
func customerOf(r row) (engine.CustomerImport, error) {
	var c engine.CustomerImport
	if r.err != nil {
		return c, r.err
	}
	if err := unknownField(r.fields, append(slices.Clone(customerColumns), "consent")); err != nil {
		return c, err
	}
	f := fieldReader{fields: r.fields, strict: true}
	f.text("ref", &c.Ref)
	f.text("name", &c.Name)
	f.checked("phone", &c.Phone, profile.Phone)
	f.checked("email", &c.Email, profile.Email)
	f.checked("lang", &c.Lang, profile.Lang)
	f.checked("time_zone", &c.TimeZone, profile.Zone)
	f.text("tier", &c.Tier)
	f.identities(&c.Identities)
	f.consent(&c)
	if f.err == nil && strings.TrimSpace(c.Ref) == "" {
		f.fail("ref", "is required: the company's own reference for the customer")
	}
	return c, f.err
}

// identities reads a list of objects, or "network/author" and
// "network/account/author", divided by spaces.
func (f *fieldReader) identities(dst *[]domain.Identity) {
	raw := f.get("identities")
	if raw == nil {
		return
	}
	if s, ok := scalar(raw); !ok {
		if err := json.Unmarshal(raw, dst); err != nil {
			f.fail("identities", "is %s; want a list of {network, account, author, handle}, or text such as \"sandbox/maria\"", clipJSON(raw))
		}
	} else {
		for _, part := range strings.Fields(s) {
			k, err := parseIdentity(part)
			if err != nil {
				f.fail("identities", "%v", err)
				return
			}
			*dst = append(*dst, domain.Identity{IdentityKey: k, Handle: k.Author})
		}
	}
	for i := range *dst {
		f.key("identities", (*dst)[i].String())
	}
}

// parseIdentity reads "network/author" or "network/account/author".
func parseIdentity(s string) (domain.IdentityKey, error) {
	parts := strings.Split(s, "/")
	k := domain.IdentityKey{Network: parts[0], Author: parts[len(parts)-1]}
	if len(parts) == 3 {
		k.Account = parts[1]
	}
	if len(parts) < 2 || len(parts) > 3 || !k.Valid() {
		return k, noIdentity(s)
	}
	return k, nil
}

func noIdentity(s string) error {
	return fmt.Errorf("%.60q is no identity; want network/author or network/account/author", s)
}

func (f *fieldReader) consent(c *engine.CustomerImport) {
	var calls, messages string
	f.text("calls", &calls)
	f.text("messages", &messages)
	if raw := f.get("consent"); raw != nil {
		var in domain.Consent
		if err := json.Unmarshal(raw, &in); err != nil {
			f.fail("consent", "is %s; want an object with calls and messages", clipJSON(raw))
			return
		}
		calls, messages = string(in.Calls), string(in.Messages)
	}
	for _, v := range [][2]string{{"calls", calls}, {"messages", messages}} {
		if a := domain.Answer(v[1]); a != domain.Unasked && a != domain.Granted && a != domain.Refused {
			f.fail(v[0], "is %.40q; want \"granted\", \"refused\" or nothing", v[1])
		}
	}
	if calls != "" || messages != "" {
		c.Consent = &domain.Consent{Calls: domain.Answer(calls), Messages: domain.Answer(messages)}
	}
}

// readAll reads every row of a file with one of the functions above. Rows that
// cannot be read are refusals.
func readAll[T any](name string, stdin io.Reader, required, known []string, read func(row) (T, error)) (rows []T, lines []int, bad []badLine, err error) {
	r, err := openRows(name, stdin, required, known)
	if err != nil {
		return nil, nil, nil, err
	}
	defer r.Close()
	return readEvery(r, read)
}

// readAllFrom is readAll of what is in memory; name is for messages, and its
// ending says what it is.
func readAllFrom[T any](name string, in io.Reader, required, known []string, read func(row) (T, error)) (rows []T, lines []int, bad []badLine, err error) {
	r, err := newRows(name, in, io.NopCloser(nil), required, known)
	if err != nil {
		return nil, nil, nil, err
	}
	return readEvery(r, read)
}

func readEvery[T any](r *rowFile, read func(row) (T, error)) (rows []T, lines []int, bad []badLine, err error) {
	for {
		row, err := r.next()
		if errors.Is(err, io.EOF) {
			return rows, lines, bad, nil
		}
		if err != nil {
			return nil, nil, nil, err
		}
		v, err := read(row)
		if err != nil {
			bad = append(bad, badLine{row.line, err})
			continue
		}
		rows, lines = append(rows, v), append(lines, row.line)
	}
}
