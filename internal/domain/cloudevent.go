package domain

import "encoding/json"

// CloudEvent is the event as others may read it, in CloudEvents 1.0's JSON
// format. What is ours beside (seq, accepted) are extension attributes; what
// proves an order is left out, see WithoutProofs.
func (e Event) CloudEvent() ([]byte, error) {
	e.Data = WithoutProofs(e.Data)
	return json.Marshal(struct {
		SpecVersion string `json:"specversion"`
		Event
	}{"1.0", e})
}

// WithoutProofs drops what opens an order, "email" and "postcode", from an
// object and from its "order" or "orders": they are for comparing, never for
// reading.
func WithoutProofs(raw json.RawMessage) json.RawMessage {
	var m map[string]json.RawMessage
	if len(raw) == 0 || json.Unmarshal(raw, &m) != nil {
		return raw
	}
	changed := false
	for _, k := range []string{"email", "postcode"} {
		if _, ok := m[k]; ok {
			delete(m, k)
			changed = true
		}
	}
	if inner, ok := m["order"]; ok {
		m["order"], changed = WithoutProofs(inner), true
	}
	var items []json.RawMessage
	if json.Unmarshal(m["orders"], &items) == nil && len(items) > 0 {
		for i := range items {
			items[i] = WithoutProofs(items[i])
		}
		if b, err := json.Marshal(items); err == nil {
			m["orders"], changed = b, true
		}
	}
	if !changed {
		return raw
	}
	out, err := json.Marshal(m) // keys come out sorted
	if err != nil {
		return nil
	}
	return out
}
