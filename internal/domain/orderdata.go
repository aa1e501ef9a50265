package domain

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// orderData reads what an event's data says about its order, at the top or
// under "order". A field that means nothing, such as a time in words or a
// version that no whole number holds, is passed over and named; the others
// count.
func orderData(data json.RawMessage) (o Order, passed []*Error) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil {
		return Order{}, nil
	}
	prefix := ""
	if inner := bytes.TrimSpace(fields["order"]); len(inner) > 0 && inner[0] == '{' {
		data, fields, prefix = inner, nil, "order."
		if json.Unmarshal(data, &fields) != nil {
			return Order{}, nil
		}
	}
	if json.Unmarshal(data, &o) != nil {
		o, passed = fieldByField(fields, prefix)
	}
	if CheckKey("", o.CustomerRef) != nil {
		passed = append(passed, FieldErrorf("data."+prefix+"customer_ref", "holds U+FFFD, U+0000 or bytes that are not UTF-8, and could be mistaken for another; it was passed over"))
		o.CustomerRef = ""
	}
	return o, passed
}

// fieldByField reads an order's data without the fields that mean nothing.
func fieldByField(fields map[string]json.RawMessage, prefix string) (o Order, passed []*Error) {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		one, err := json.Marshal(map[string]json.RawMessage{name: asTime(name, fields[name])})
		if err != nil {
			continue
		}
		next := o
		if json.Unmarshal(one, &next) != nil {
			passed = append(passed, FieldErrorf("data."+prefix+Clip(name, 40), "is %s; want %s; it was passed over", Clip(string(fields[name]), 60), orderFieldWant(name)))
			continue
		}
		o = next
	}
	return o, passed
}

// asTime is a field's value, of one that holds a time of the order also a date
// as the time that it stands as (see [TimeOrDate]).
func asTime(name string, value json.RawMessage) json.RawMessage {
	switch name {
	case "placed_at", "eta", "promised", "delivered_at":
		var s string
		if json.Unmarshal(value, &s) != nil {
			return value
		}
		if t, err := time.Parse(time.DateOnly, s); err == nil {
			return json.RawMessage(`"` + t.Format(time.RFC3339) + `"`)
		}
	}
	return value
}

func orderFieldWant(name string) string {
	switch name {
	case "placed_at", "eta", "promised", "delivered_at":
		return "a time such as 2026-06-15T12:00:00Z, or a date"
	case "updated_at":
		return "a time such as 2026-06-15T12:00:00Z"
	case "version":
		return "a whole number"
	case "items":
		return "a list of {sku, name, quantity}"
	}
	return "text"
}

// PassedOver names the fields of an order's event that mean nothing and were
// not taken; none for other events.
func PassedOver(e *Event) []*Error {
	if _, ok := OrderFromEvent(e); !ok || len(e.Data) == 0 {
		return nil
	}
	_, passed := orderData(e.Data)
	return passed
}
