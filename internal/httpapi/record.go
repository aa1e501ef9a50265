package httpapi

import (
	"encoding/json"
	"fmt"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// recordView is a decision's record without what opens an order: the e-mail
// and postcode that prove it are for comparing, never for reading.
type recordView struct {
	domain.Record
}

func decodeRecord(row store.JournalRow) (domain.Record, error) {
	var rec domain.Record
	if err := wire.Unmarshal(row.Record, &rec); err != nil {
		return rec, fmt.Errorf("record %d of customer %s: %w", row.Version, row.Customer, err)
	}
	return rec, nil
}

// viewRecord takes the secrets out of a record. It works on a copy.
func viewRecord(rec domain.Record) recordView {
	inputs := make([]domain.Input, len(rec.Inputs))
	for i, in := range rec.Inputs {
		if in.Order != nil {
			o := in.Order.Public()
			in.Order = &o
		}
		if in.Answer != nil {
			ans := *in.Answer
			ans.Orders = make([]domain.Order, len(in.Answer.Orders))
			for j, o := range in.Answer.Orders {
				ans.Orders[j] = o.Public()
			}
			ans.Data = withoutSecrets(ans.Data)
			in.Answer = &ans
		}
		if in.Event != nil {
			e := viewEvent(*in.Event)
			in.Event = &e
		}
		inputs[i] = in
	}
	rec.Inputs = inputs
	return recordView{rec}
}

// viewEvent is an event without an order's secrets in its data.
func viewEvent(e domain.Event) domain.Event {
	e.Data = withoutSecrets(e.Data)
	return e
}

// withoutSecrets drops "email" and "postcode" from an object and from its
// "order" or "orders".
func withoutSecrets(raw json.RawMessage) json.RawMessage {
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
		m["order"], changed = withoutSecrets(inner), true
	}
	var items []json.RawMessage
	if json.Unmarshal(m["orders"], &items) == nil && len(items) > 0 {
		for i := range items {
			items[i] = withoutSecrets(items[i])
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
