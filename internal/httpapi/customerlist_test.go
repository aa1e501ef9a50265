package httpapi

import (
	"slices"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// TestAnAuthorWithASlash: a bridge's ids may have one, and stand for an account
// and an author too. A search finds whoever is written so.
func TestAnAuthorWithASlash(t *testing.T) {
	t.Parallel()
	f := newFixture(t, nil)
	for i, k := range []domain.IdentityKey{
		{Network: "forum", Author: "a/b"}, {Network: "forum", Account: "a", Author: "c/d"}, {Network: "forum", Account: "a", Author: "e"}, {Network: "forum", Account: "a", Author: "b"},
	} {
		id := domain.CustomerID(i + 1)
		s := domain.Snapshot{Customer: domain.Customer{ID: id, Identities: []domain.Identity{{IdentityKey: k}}}}
		if err := f.store.Update(t.Context(), func(tx store.Tx) error {
			if err := tx.AdvocateInsert([]store.Advocate{{ID: id, State: wire.Marshal(&s), CreatedAt: testNow}}); err != nil {
				return err
			}
			return tx.IdentitySet([]store.IdentityRow{{Key: k, Customer: id}})
		}); err != nil {
			t.Fatal(err)
		}
	}
	for q, want := range map[string][]domain.CustomerID{
		"forum/a/b": {1, 4}, "forum/a/c/d": {2}, " forum/a/e ": {3}, "forum/e": nil, "forum/": nil, "forum//b": nil, "forum": nil,
	} {
		a := f.want(f.call("GET", "/v1/customers?q="+strings.ReplaceAll(q, " ", "+"), "", f.as(auth.RoleAdmin)), 200).json(t)
		var got []string
		for _, c := range a["items"].([]any) {
			got = append(got, c.(map[string]any)["id"].(string))
		}
		var ids []string
		for _, id := range want {
			ids = append(ids, id.String())
		}
		if !slices.Equal(got, ids) {
			t.Errorf("%q finds %v, want %v", q, got, ids)
		}
	}
}
