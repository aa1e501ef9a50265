package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/memory"
)

// shownKit has an order whose secrets somebody is about to post.
func shownKit(t *testing.T, s store.Store) *kit {
	t.Helper()
	k := newKit(t, s, setup{playbook: string(playbook.Default()), settle: 5 * time.Second})
	_, err := k.engine.OrdersImport(k.ctx, []domain.Order{{
		ID: "T-10005", CustomerRef: "C-1", Status: domain.OrderShipped, ETA: start.Add(48 * time.Hour), Tracking: "1Z999AA10123456784",
		Email: "maria@example.com", Postcode: "44444",
	}})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// says is a post, with a minute for it to be answered.
func (k *kit) says(author string, v domain.Visibility, text string) domain.CustomerID {
	k.t.Helper()
	p := k.post(author, text)
	p.Visibility = v
	id := k.take(p)
	k.advance(time.Minute)
	return id
}

func (k *kit) knows(id domain.CustomerID) bool {
	snap := k.snapshot(id)
	return snap.Customer.Identities[0].KnowsSecretOf("T-10005")
}

// TestASecretPostedInPublicProvesNothing: whoever offers it, however it came to
// be public. Without it, the same answer proves the order.
func TestASecretPostedInPublicProvesNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		public []said
		offers string
		proves bool
	}{
		"nobody showed it":      {nil, "44444", true},
		"with the order":        {[]said{{"victim", "where is my order T-10005? my postcode is 44444"}}, "44444", false},
		"in words":              {[]said{{"victim", "where is my order T-10005? my postcode is 44444"}}, "it is 44444", false},
		"in two halves":         {[]said{{"victim", "where is my order T-10005? my postcode is 44444"}}, "44 444", false},
		"afterwards":            {[]said{{"victim", "where is my order T-10005?"}, {"victim", "my postcode is 44444"}}, "44444", false},
		"before":                {[]said{{"victim", "my postcode is 44444, where is my parcel?"}, {"victim", "it is order T-10005"}}, "44444", false},
		"in another's thread":   {[]said{{"other", "I know that T-10005 goes to 44444!"}}, "44444", false},
		"by its tracking":       {[]said{{"victim", "where is my parcel 1Z999AA10123456784? it goes to 44444"}}, "44444", false},
		"the address":           {[]said{{"victim", "where is order T-10005? write to Maria@Example.com"}}, "maria@example.com", false},
		"the other of the two":  {[]said{{"victim", "where is my order T-10005? my postcode is 44444"}}, "maria@example.com", true},
		"of another order":      {[]said{{"victim", "where is my order T-20006? my postcode is 44444"}}, "44444", true},
		"a list of every one":   {[]said{{"other", "T-10005 " + numbers(60000, domain.MaxShown+1)}}, "44444", false},
		"little by little":      {lists("other", 6), "44444", false},
		"shown by a bare guess": {[]said{{"victim", "where is my order T-10005?"}, {"victim", "44444"}}, "44444", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := shownKit(t, memory.New())
			for _, s := range c.public {
				k.says(s.by, domain.Public, s.text)
			}
			thief := k.says("thief", domain.Private, "where is my order T-10005?")
			k.says("thief", domain.Private, c.offers)
			if k.knows(thief) != c.proves {
				t.Errorf("proved: %v, want %v; it heard %q", !c.proves, c.proves, k.heard(thief))
			}
			if snap := k.snapshot(thief); !c.proves && (!snap.Cases[0].HandedOver || len(snap.Attempts) > 0) {
				t.Errorf("handed over %v, attempts %v; it heard %q", snap.Cases[0].HandedOver, snap.Attempts, k.heard(thief))
			}
		})
	}
}

// TestAPublicSecretIsVoidForItsOwnerToo: and for a second stranger, also where
// the post has not been decided on yet, and until it is forgotten.
func TestAPublicSecretIsVoidForItsOwnerToo(t *testing.T) {
	onStores(t, func(t *testing.T, open func(*testing.T) store.Store) {
		k := shownKit(t, open(t))
		thief := k.says("thief", domain.Private, "where is my order T-10005?")
		p := k.post("victim", "where is my order T-10005? my postcode is 44444")
		p.Visibility = domain.Public
		victim := k.take(p)
		k.says("thief", domain.Private, "44444")
		if k.knows(thief) {
			t.Error("it proved the order to who read it at once")
		}
		k.says("victim", domain.Private, "44444")
		if k.knows(victim) {
			t.Error("it proved the order to who posted it")
		}
		k.says("victim", domain.Private, "maria@example.com")
		if !k.knows(victim) {
			t.Errorf("the other secret does not prove the order to its owner, who heard %q", k.heard(victim))
		}
		second := k.says("second", domain.Private, "where is my order T-10005?")
		k.says("second", domain.Private, "my postcode is 44444")
		if k.knows(second) {
			t.Error("it proved the order to a second stranger")
		}
		// What is no match ends as every wrong answer does.
		third := k.says("third", domain.Private, "where is my order T-10005?")
		k.says("third", domain.Private, "55555")
		if snap := k.snapshot(third); len(snap.Attempts) != 1 {
			t.Errorf("a wrong answer is no attempt; it heard %q", k.heard(third))
		}
	})
}

// TestWhoShowedTooMuchProvesNothing: an identity's memory does not forget the
// oldest, it is full.
func TestWhoShowedTooMuchProvesNothing(t *testing.T) {
	t.Parallel()
	k := shownKit(t, memory.New())
	id := k.says("victim", domain.Public, "hello, I am at 44444")
	for i := range 6 {
		k.says("victim", domain.Public, "the numbers are "+numbers(60000+1000*i, 40))
	}
	k.says("victim", domain.Private, "where is my order T-10005?")
	k.says("victim", domain.Private, "44444")
	if k.knows(id) {
		t.Error("the oldest word counts again")
	}
	if snap := k.snapshot(id); len(snap.Customer.Identities[0].Shown) > domain.MaxShown {
		t.Errorf("%d words are remembered", len(snap.Customer.Identities[0].Shown))
	}
}

func numbers(from, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d ", from+i)
	}
	return b.String()
}

type said struct{ by, text string }

func lists(by string, n int) (out []said) {
	for i := range n {
		out = append(out, said{by, "T-10005 is one of " + numbers(60000+1000*i, 40)})
	}
	return out
}

// heard is what a customer was told.
func (k *kit) heard(id domain.CustomerID) (out []string) {
	for _, r := range k.records(id) {
		for _, e := range r.Entries {
			if e.Kind == domain.EntryReply {
				out = append(out, e.Text)
			}
		}
	}
	return out
}
