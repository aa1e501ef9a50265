package wire_test

import (
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/wire"
)

// TestStoredTypes writes each type that is stored in this form: two fields of
// one type whose names have the same key end it with a panic, which must not
// wait for a customer.
func TestStoredTypes(t *testing.T) {
	t.Parallel()
	for _, v := range []any{domain.Snapshot{}, domain.Record{}, domain.Input{}, domain.WorkItem{}, domain.Case{}, domain.Effect{}, domain.Event{}, domain.Order{}, domain.Subscription{}} {
		if b := wire.Marshal(v); len(b) == 0 {
			t.Errorf("%T is written as nothing", v)
		}
	}
}
