package profile

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

// TestAProfileFieldPassedOver: a field that means nothing costs no other, and
// is named.
func TestAProfileFieldPassedOver(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3000)
	for data, want := range map[string]string{
		`{"time_zone":"Asia/Tokio","tier":"gold"}`:                           "data.time_zone",
		`{"phone":"ask the neighbour","tier":"gold"}`:                        "data.phone",
		`{"lang":"zz-evil; drop","tier":"gold"}`:                             "data.lang",
		`{"customer":{"name":"` + long + `","tier":"gold"}}`:                 "data.customer.name",
		`{"name":7,"email":"no","tier":"gold"}`:                              "data.name data.email",
		`{"name":null,"phone":"","customer":"?","mood":3,"tier":" gold "}`:   "",
		`{"customer":{"phone":["+12025550101"],"tier":"gold"},"tier":"bad"}`: "data.customer.phone",
	} {
		e := domain.Event{Type: Updated, CustomerRef: "C-1", Data: json.RawMessage(data)}
		p, passed, ok := FromEvent(&e)
		var names []string
		for _, x := range passed {
			names = append(names, x.Field)
		}
		if got := strings.Join(names, " "); !ok || got != want || p != (domain.Profile{Ref: "C-1", Tier: "gold"}) {
			t.Errorf("%.80s: passed over %q, want %q; profile %+v", data, got, want, p)
		}
	}
	good := domain.Event{Type: Updated, CustomerRef: "C-1", Data: json.RawMessage(`{"name":"Ann","phone":"+12025550101","email":"Ann@Example.com","lang":"pt-BR","time_zone":"Asia/Tokyo","tier":"gold"}`)}
	p, passed, ok := FromEvent(&good)
	if want := (domain.Profile{Ref: "C-1", Name: "Ann", Phone: "+12025550101", Email: "ann@example.com", Lang: "pt-BR", TimeZone: "Asia/Tokyo", Tier: "gold"}); !ok || len(passed) > 0 || p != want {
		t.Errorf("%+v %v", p, passed)
	}
}

func FuzzFromEvent(f *testing.F) {
	for _, seed := range []string{`{}`, `[]`, `{"customer":{"phone":"+1"}}`, `{"lang":"-","time_zone":"../etc"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, _, _ := FromEvent(&domain.Event{Type: Updated, CustomerRef: "C-1", Data: data})
		for i, s := range []string{p.Name, p.Phone, p.Email, p.Lang, p.TimeZone, p.Tier} {
			if len(s) > domain.MaxPostField {
				t.Errorf("field %d has %d bytes", i, len(s))
			}
		}
		if _, wanted := Zone(p.TimeZone); p.TimeZone != "" && wanted != "" || slices.Contains([]string{"Local"}, p.TimeZone) {
			t.Errorf("time zone %q", p.TimeZone)
		}
	})
}
