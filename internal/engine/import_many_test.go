package engine_test

import (
	"fmt"
	"sync"
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

// The same customers from several imports at once are one customer each, and
// nobody is refused or left behind without a name.
func TestImportSameCustomersAtOnce(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		const imports, customers = 3, 300
		k := newKit(t, open(t), setup{})
		rows := make([]engine.CustomerImport, customers)
		for i := range rows {
			if i%3 > 0 {
				rows[i].Ref = fmt.Sprintf("N-%d", i)
			}
			if i%3 < 2 {
				author := fmt.Sprintf("a%d", i)
				rows[i].Identities = []domain.Identity{{IdentityKey: domain.IdentityKey{Network: "sandbox", Author: author}}}
			}
		}
		reports := make([]engine.ImportReport, imports)
		var all sync.WaitGroup
		for i := range reports {
			all.Go(func() {
				var err error
				if reports[i], err = k.engine.CustomersImport(k.ctx, rows); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		added := 0
		for _, r := range reports {
			if added += r.Added; len(r.Refused) > 0 {
				t.Errorf("refused: %+v", r.Refused[0])
			}
		}
		k.view(func(r store.Reader) error {
			c, err := r.Counts()
			if added != customers || c.Customers != customers {
				t.Errorf("%d were added and %d are there; want %d", added, c.Customers, customers)
			}
			return err
		})
	})
}

// A new customer whose row is refused does not come to be, and what it would
// have had is free for the next row.
func TestImportRefusedMakesNobody(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		identity := []domain.Identity{{IdentityKey: domain.IdentityKey{Network: "sandbox", Author: "ann"}}}
		var all sync.WaitGroup
		for i := range 20 { // different customers claim one identity
			all.Go(func() {
				row := engine.CustomerImport{Profile: domain.Profile{Ref: fmt.Sprintf("N-%d", i)}, Identities: identity}
				if _, err := k.engine.CustomersImport(k.ctx, []engine.CustomerImport{row}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		k.view(func(r store.Reader) error {
			c, err := r.Counts()
			if c.Customers != 1 {
				t.Errorf("%d customers share an identity", c.Customers)
			}
			return err
		})
	})
}
