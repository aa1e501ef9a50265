package engine_test

import (
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
	"github.com/contact-advocate/advocate/internal/store"
)

// Several new customers of one import have no id yet; that must not look like
// several commands for one customer.
func TestImportSeveralNewCustomers(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		r, err := k.engine.CustomersImport(k.ctx, []engine.CustomerImport{
			{Profile: domain.Profile{Ref: "N-1", Name: "Ann"}}, {Profile: domain.Profile{Ref: "N-2", Name: "Ben"}}, {Profile: domain.Profile{Ref: "N-3"}},
		})
		if err != nil || r.Added != 3 {
			t.Fatalf("%+v, %v", r, err)
		}
	})
}
