package engine_test

import (
	"testing"

	"github.com/contact-advocate/advocate/internal/caseload"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// documents is how many documents of a kind there are.
func (k *kit) documents(kind string) (n int) {
	k.t.Helper()
	if err := k.store.View(k.ctx, func(r store.Reader) error {
		docs, err := r.DocumentList(store.DocumentListParams{Kind: kind, Limit: 1000})
		n = len(docs)
		return err
	}); err != nil {
		k.t.Fatal(err)
	}
	return n
}

// TestALabelComesAndGoesWithItsCustomer: it is written with the correction
// itself, and an erasure leaves nothing of it, nor of what lists the cases, of
// those who were merged neither.
func TestALabelComesAndGoesWithItsCustomer(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := newKit(t, open(t), setup{})
		ann, bob, eve := k.take(k.post("ann", "where is my order A-1000")), k.take(k.post("bob", "where is my order A-1001")), k.take(k.post("eve", "where is my order A-1002"))
		k.settle()
		for _, id := range []domain.CustomerID{ann, bob, eve} {
			c := k.snapshot(id).Cases[0].ID
			for _, intent := range []domain.Intent{domain.IntentBilling, domain.IntentTechnical} {
				if err := k.engine.Command(k.ctx, id, domain.Command{Kind: domain.CommandIntent, Case: c, Intent: intent, By: "kim"}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if n := k.documents(store.LabelKind); n != 3 {
			t.Fatalf("%d labels, want one of each post", n)
		}
		if err := k.store.View(k.ctx, func(r store.Reader) error {
			docs, err := r.DocumentList(store.DocumentListParams{Kind: store.LabelKind, Prefix: ann.String(), Limit: 1})
			if err != nil {
				return err
			}
			l, ok, err := store.LabelOf(&docs[0], k.clock.Now())
			if !ok || l.Was != domain.IntentOrderStatus || l.Intent != domain.IntentTechnical || l.By != "kim" || docs[0].ExpiresAt.IsZero() {
				t.Errorf("the label is %+v until %v", l, docs[0].ExpiresAt)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := caseload.CatchUp(k.ctx, k.store, k.clock.Now); err != nil {
			t.Fatal(err)
		}
		if _, err := k.engine.Merge(k.ctx, ann, bob, "kim"); err != nil {
			t.Fatal(err)
		}
		if n := k.documents(store.CaseIndexKind); n != 3 {
			t.Fatalf("%d cases are listed", n)
		}
		for _, id := range []domain.CustomerID{ann, eve} { // with ann bob goes, whom she was made one with
			if err := k.engine.Erase(k.ctx, id, "kim"); err != nil {
				t.Fatal(err)
			}
			left := 1
			if id == eve {
				left = 0
			}
			if labels, cases := k.documents(store.LabelKind), k.documents(store.CaseIndexKind); labels != left || cases != left {
				t.Errorf("after an erasure there are %d labels and %d cases, want %d", labels, cases, left)
			}
		}
		if err := caseload.CatchUp(k.ctx, k.store, k.clock.Now); err != nil {
			t.Fatal(err)
		}
		if n := k.documents(store.CaseIndexKind); n != 0 {
			t.Errorf("%d cases came back", n)
		}
	})
}
