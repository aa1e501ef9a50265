package httpapi

import (
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
)

// TestOrdersSayWhetherTheyAreLate: by the day where the customer is.
func TestOrdersSayWhetherTheyAreLate(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	today := testNow.Truncate(24 * time.Hour) // a day without a time
	for ref, zone := range map[string]string{"C-2": "Europe/Berlin", "C-3": "Pacific/Kiritimati"} {
		if _, err := s.real.CustomersImport(t.Context(), []engine.CustomerImport{{
			Profile:    domain.Profile{Ref: ref, Name: ref, TimeZone: zone},
			Identities: []domain.Identity{{IdentityKey: domain.IdentityKey{Network: "sandbox", Author: strings.ToLower(ref)}}},
		}}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.real.OrdersImport(t.Context(), []domain.Order{
			{ID: "DUE-" + ref, CustomerRef: ref, Status: domain.OrderShipped, Promised: today, UpdatedAt: testNow.Add(-time.Hour)},
			{ID: "CAME-" + ref, CustomerRef: ref, Status: domain.OrderDelivered, Promised: today.AddDate(0, 0, -9), UpdatedAt: testNow.Add(-time.Hour)},
		}); err != nil {
			t.Fatal(err)
		}
	}
	s.settle()
	for ref, late := range map[string]map[string]bool{
		"C-1": {"A-10234": true},
		"C-2": {"DUE-C-2": false, "CAME-C-2": false},
		"C-3": {"DUE-C-3": true, "CAME-C-3": false}, // there the day is over
	} {
		orders := s.items("/v1/customers/" + ref + "/orders")
		if len(orders) != len(late) {
			t.Fatalf("%s: %v", ref, orders)
		}
		for _, o := range orders {
			if is, _ := o["late"].(bool); is != late[o["id"].(string)] {
				t.Errorf("%s: late is %v", o["id"], o["late"])
			}
		}
	}
}
