package outbound

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

func TestEventsArriveSigned(t *testing.T) {
	stores(t, func(t *testing.T, st store.Store) {
		k, r := newKit(t, st), newReceiver(t)
		k.happen(k.hooks, domain.Event{ID: "before", Type: "order.paid"})
		e, secret := k.create(Settings{URL: r.URL, Types: []string{"order.*", "advocate.case.opened"}})
		k.run(k.hooks)
		k.happen(k.hooks,
			domain.Event{ID: "1", Type: "order.paid", OrderID: "A1", Data: json.RawMessage(`{"status":"paid","email":"a@b.example","order":{"postcode":"1"}}`)},
			domain.Event{ID: "2", Type: "parcel.scanned"},
			domain.Event{ID: "3", Type: "advocate.case.opened"})
		k.until("both arrive", func() bool { return len(r.messages()) >= 2 })
		k.until("both are done", func() bool { return len(k.deliveries(e.ID, store.DeliveryDone)) == 2 })
		if got := r.ids(); len(got) != 2 || got["1"] != 1 || got["3"] != 1 {
			t.Fatalf("these came: %v", got)
		}
		for _, m := range r.messages() {
			if !m.verified(secret) {
				t.Errorf("%+v is not signed", m)
			}
			m.body = append(m.body, ' ')
			if m.verified(secret) {
				t.Error("another body has the same signature")
			}
			if m.kind != "application/cloudevents+json" || !bytes.Contains(m.body, []byte(`"specversion":"1.0"`)) {
				t.Errorf("no CloudEvent: %s %s", m.kind, m.body)
			}
			if bytes.Contains(m.body, []byte("example")) || bytes.Contains(m.body, []byte("postcode")) {
				t.Errorf("it has what opens an order: %s", m.body)
			}
			if strings.ContainsAny(m.id, "./ ") {
				t.Errorf("webhook-id %q", m.id)
			}
		}
	})
}

// TestASecretIsSealed: whoever has the database alone cannot sign.
func TestASecretIsSealed(t *testing.T) {
	t.Parallel()
	k := newKit(t, memory.New())
	e, secret := k.create(Settings{URL: "https://example.com/x"})
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(raw) != 32 {
		t.Fatalf("secret %q", secret)
	}
	err = k.store.View(t.Context(), func(r store.Reader) error {
		docs, err := r.DocumentGet(kindEndpoint, []string{e.ID})
		if bytes.Contains(docs[0].Body, []byte(strings.TrimPrefix(secret, "whsec_"))) || bytes.Contains(docs[0].Body, raw) {
			t.Error("the secret stands in the database")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.vault.Rotate(t.Context(), k.hooks.Reseal); err != nil {
		t.Fatal(err)
	}
	if n, err := k.hooks.Reseal(t.Context()); n != 0 || err != nil {
		t.Errorf("%d still under the old key, %v", n, err)
	}
	is := k.get(e.ID)
	got, err := k.hooks.secrets(&is, begin)
	if err != nil || len(got) != 1 || !bytes.Equal(got[0], raw) {
		t.Errorf("after a rotation of the vault: %v", err)
	}
}

func TestTwoSecretsSignWhileOneReplacesTheOther(t *testing.T) {
	stores(t, func(t *testing.T, st store.Store) {
		k, r := newKit(t, st), newReceiver(t)
		e, old := k.create(Settings{URL: r.URL})
		_, fresh, err := k.hooks.Rotate(t.Context(), e.ID, 24*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		k.run(k.hooks)
		k.happen(k.hooks, domain.Event{ID: "1", Type: "t"})
		// Done, not only received: a day later what is not written down is sent again.
		k.until("the first is done", func() bool { return len(k.deliveries(e.ID, store.DeliveryDone)) == 1 })
		if m := r.messages()[0]; old == fresh || !m.verified(old) || !m.verified(fresh) {
			t.Errorf("%+v does not verify with both", m)
		}
		k.clock.Advance(25 * time.Hour)
		k.happen(k.hooks, domain.Event{ID: "2", Type: "t"})
		k.until("the second came", func() bool { return len(r.messages()) >= 2 })
		if m := r.messages()[1]; m.verified(old) || !m.verified(fresh) {
			t.Errorf("a day later: %+v", m)
		}
		if _, last, err := k.hooks.Rotate(t.Context(), e.ID, 0); err != nil || k.get(e.ID).Secrets != 1 || last == fresh {
			t.Errorf("rotated at once: %+v %v", k.get(e.ID), err)
		}
	})
}
