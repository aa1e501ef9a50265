package understand

import (
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

func TestEntities(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	for _, c := range []struct{ text, want string }{
		// References.
		{"my order #A-10234 is late", "order=A-10234"},
		{"order 123-4567890-1234567 never came", "order=123-4567890-1234567"},
		{"Order no-408-9697378-6505948", "order=408-9697378-6505948"},
		{"@acme ref GEX8LD please", "order=GEX8LD"},
		{"Yes, GEX8LD", "order=GEX8LD"},
		{"Yes, it's A-10234", "order=A-10234"},
		{"confirmation code: KWJZTR thanks", "order=KWJZTR"},
		{"PNR is X7K2PQ and MPWNC2", "order=X7K2PQ order=MPWNC2"},
		{"case: 00036431, why no refund?", "other=00036431"},
		{"ticket number 27509899 still open", "other=27509899"},
		{"my fan heater from A-10312 arrived with a cracked case, what now?", "order=A-10312"},
		{"00036431 is my case number, any news?", "other=00036431"},
		{"please cancel order 7731", "order=7731"},
		{"order number is: 55812.", "order=55812"},
		{"98765432 is my order number", "order=98765432"},
		{"mi pedido 8834512 no ha llegado", "order=8834512"},
		{"meine Bestellnummer lautet 30288112", "order=30288112"},
		{"ma commande n° 4455667 n'est pas arrivée", "order=4455667"},
		{"ＯＲＤＥＲ Ａ-10234", ""}, // full-width letters in a reference are not trusted
		{"My order is 55812 and postcode 90210", "order=55812 postcode=90210"},
		{"is A-10234 shipped? flight AA123 too", "order=A-10234"},
		// Not references.
		{"flight 4149 is delayed again", ""},
		{"flight AA1234 to DFW cancelled", ""},
		{"error code SU-35931-1 on my ps4", ""},
		{"getting error 503 when I order", ""},
		{"part number 576-8244 is out of stock", ""},
		{"I ordered 3 weeks ago", ""},
		{"order from 2017 still missing", ""},
		{"my order of 20 items", ""},
		{"on 24/9/2017 I ordered", ""},
		{"waited 45 minutes for order", ""},
		// Tracking.
		{"UPS 1Z999AA10123456784 stuck", "tracking=1Z999AA10123456784"},
		{"usps 9400111899223197428490", "tracking=9400111899223197428490"},
		{"9400 1118 9922 3197 4284 90 has not moved", "tracking=9400111899223197428490"},
		{"tracking number 123456789012 says delivered", "tracking=123456789012"},
		{"TBA123456789012 where is it", "tracking=TBA123456789012"},
		{"RR123456789GB lost", "tracking=RR123456789GB"},
		{"tracking: 00340434161094042557", "tracking=00340434161094042557"},
		// Phones.
		{"call me on +1 202 555 0143 please", "phone=+12025550143"},
		{"ring me: (202) 555-0143", "phone=+12025550143"},
		{"my phone number is 2025550143", "phone=+12025550143"},
		{"+44 20 7946 0958", "phone=+442079460958"},
		// E-mails, links.
		{"it's Jo.Bloggs+x@Example.CO.uk, thanks", "email=jo.bloggs+x@example.co.uk"},
		{"see https://example.org/a?b=1.", "url="},
		// Postcodes.
		{"SW1A 1AA", "postcode=SW1A 1AA"},
		{"sw1a1aa", "postcode=SW1A 1AA"},
		{"90210", "postcode=90210"},
		{"10115 Berlin", "postcode=10115"},
		{"@acme 90210-1234", "postcode=90210-1234"},
		{"my zip is 60614", "postcode=60614"},
		{"the postcode on the order is M1 1AE", "postcode=M1 1AE"},
		{"Herndon, VA 20171", "postcode=20171"},
		{"K1A 0B1", "postcode=K1A 0B1"},
		{"PLZ 80331 bitte", "postcode=80331"},
		// Amounts.
		{"you charged me $50 twice", "amount=50 $"},
		{"£1,299.99 gone", "amount=1299.99 GBP"},
		{"12,50 € zurück", "amount=12.50 EUR"},
		{"debited RM676.90", "amount=676.90 MYR"},
		{"20 dollars more", "amount=20 $"},
	} {
		u := r.Understand(c.text, "")
		var got []string
		for _, e := range u.Entities {
			if e.Kind == domain.EntityTime {
				continue
			}
			got = append(got, string(e.Kind)+"="+e.Value)
			if c.text[e.Start:e.End] != e.Text {
				t.Errorf("%q: text %q is not at %d:%d", c.text, e.Text, e.Start, e.End)
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%q: got %q, want %q", c.text, s, c.want)
		}
	}
}

func TestOrderPatterns(t *testing.T) {
	t.Parallel()
	r, err := New(Options{OrderPatterns: []string{`\bWB/(\d{3}[a-z]{2})\b`}})
	if err != nil {
		t.Fatal(err)
	}
	u := r.Understand("my thing WB/123xy is broken", "")
	if v := u.Values(domain.EntityOrder); len(v) != 1 || v[0] != "123XY" {
		t.Errorf("got %v", v)
	}
	for _, c := range []struct {
		opts Options
		want string
	}{
		{Options{OrderPatterns: []string{`ok`, `(`}}, "order pattern 2"},
		{Options{OrderPatterns: []string{`\d*`}}, "matches empty text"},
		{Options{PhoneRegion: "Atlantis"}, "Atlantis"},
	} {
		if _, err := New(c.opts); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want one with %q", c.opts, err, c.want)
		}
	}
}

func TestPhoneRegion(t *testing.T) {
	t.Parallel()
	u := newRules(Options{PhoneRegion: "GB"}).Understand("please call me on 020 7946 0958", "")
	if v := u.Values(domain.EntityPhone); len(v) != 1 || v[0] != "+442079460958" {
		t.Errorf("got %v in %+v", v, u.Entities)
	}
}
