package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

// TestLabelsAreBounded in number and in time.
func TestLabelsAreBounded(t *testing.T) {
	t.Parallel()
	st := memory.New()
	t.Cleanup(func() { st.Close() })
	at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	put := func(owner domain.CustomerID, post int) {
		t.Helper()
		at = at.Add(time.Second)
		if err := st.Update(t.Context(), func(tx store.Tx) error {
			return store.LabelPut(tx, store.Label{Case: domain.ObjectID(owner, domain.KindCase, 1), Post: fmt.Sprint(post), At: at})
		}); err != nil {
			t.Fatal(err)
		}
	}
	put(2, 0)
	for i := range store.MaxLabels + 20 {
		put(1, i)
		put(1, 0) // again and again: it stays, and takes no room
	}
	if err := st.View(t.Context(), func(r store.Reader) error {
		docs, err := r.DocumentList(store.DocumentListParams{Kind: store.LabelKind, Limit: 1000})
		posts := map[string]bool{}
		for i := range docs {
			l, ok, err := store.LabelOf(&docs[i], at)
			if posts[l.Post] = true; !ok || err != nil {
				t.Errorf("%+v has ended: %v", l, err)
			}
			if _, ok, _ := store.LabelOf(&docs[i], at.Add(store.LabelsKeptFor)); ok {
				t.Errorf("%+v does not end", l)
			}
		}
		if len(docs) != store.MaxLabels+1 || !posts["0"] || posts["1"] || !posts[fmt.Sprint(store.MaxLabels)] {
			t.Errorf("%d labels are kept", len(docs))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
