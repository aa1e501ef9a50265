package httpapi

import (
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// TestWhatWasWrittenInPublicStaysInside: an advocate remembers digests of
// postcodes and e-mails that stood in public posts. No answer holds them.
func TestWhatWasWrittenInPublicStaysInside(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("ana", "@advocate where is my order A-10234? My postcode is 30303, my mail ana@example.com", "public")
	s.settle()
	var digests []string
	err := s.store.View(t.Context(), func(r store.Reader) error {
		ids, err := r.RefFind([]string{"C-1"})
		if err != nil {
			return err
		}
		rows, err := r.AdvocateGet(ids)
		if err != nil {
			return err
		}
		snap, err := decodeState(rows[0])
		if id := snap.Customer.Identity(domain.IdentityKey{Network: "sandbox", Author: "ana"}); id != nil {
			digests = id.Shown
		}
		return err
	})
	if err != nil || len(digests) < 2 {
		t.Fatalf("the advocate remembers %v (%v): this test shows nothing", digests, err)
	}
	kase := s.items("/v1/customers/C-1/cases")[0]["id"].(string)
	for _, path := range []string{"/v1/customers", "/v1/customers/C-1", "/v1/customers/C-1/cases", "/v1/customers/C-1/decisions",
		"/v1/customers/C-1/history", "/v1/cases/" + kase, "/v1/explain/" + kase} {
		body := s.want(s.call("GET", path, "", s.as(auth.RoleAdmin)), 200).body
		for _, d := range digests {
			if strings.Contains(body, d) {
				t.Errorf("%s shows the digest %s", path, d)
			}
		}
		for _, field := range []string{`"shown"`, `"told_order"`, `"unsent"`, `"asked"`} {
			if strings.Contains(body, field) {
				t.Errorf("%s shows %s: %s", path, field, body)
			}
		}
	}
}
