package understand

import (
	"testing"

	"github.com/contact-advocate/advocate/internal/domain"
)

// What a customer says about the call that was offered: yes, no, when, when
// not, and at which number.
func TestAboutTheCall(t *testing.T) {
	t.Parallel()
	r := newRules(Options{})
	at := func(from, to, weekday, day int, not bool) *domain.PreferredTime {
		return &domain.PreferredTime{FromHour: from, ToHour: to, Weekday: weekday, DayOffset: day, Not: not}
	}
	for _, c := range []struct {
		text    string
		consent domain.Answer
		want    *domain.PreferredTime
		phone   string
	}{
		{"I'd rather not be called", domain.Refused, nil, ""},
		{"Sorry, don't call. Write to me", domain.Refused, nil, ""},
		{"No need to call, just write", domain.Refused, nil, ""},
		{"I prefer email", domain.Refused, nil, ""},
		{"not by phone please", domain.Refused, nil, ""},
		{"don't call me, tomorrow I am away", domain.Refused, nil, ""},
		{"Bitte rufen Sie mich nicht an", domain.Refused, nil, ""},
		{"Ich möchte lieber nicht angerufen werden", domain.Refused, nil, ""},
		{"bitte keine Anrufe, lieber schriftlich", domain.Refused, nil, ""},
		{"prefiero que no me llamen", domain.Refused, nil, ""},
		{"no quiero llamadas", domain.Refused, nil, ""},
		{"je préfère ne pas être appelé", domain.Refused, nil, ""},
		// A limit on the hours is no refusal.
		{"and do not call in the morning", "", at(8, 12, -1, 0, true), ""},
		{"mornings don't work for me", "", at(8, 12, -1, 0, true), ""},
		{"don't call before 10", "", at(0, 10, -1, 0, true), ""},
		{"no calls before noon", "", at(0, 12, -1, 0, true), ""},
		{"don't call me after 5pm", "", at(17, 24, -1, 0, true), ""},
		{"not on Mondays", "", at(0, 0, 1, 0, true), ""},
		{"anytime but Monday", "", at(0, 0, 1, 0, true), ""},
		{"Bitte nicht vormittags anrufen", "", at(8, 12, -1, 0, true), ""},
		{"vormittags kann ich nicht", "", at(8, 12, -1, 0, true), ""},
		{"Nicht morgen bitte", "", at(0, 0, -1, 1, true), ""},
		{"no me llamen por la mañana", "", at(8, 13, -1, 0, true), ""},
		{"ne m'appelez pas le matin", "", at(8, 12, -1, 0, true), ""},
		{"pas avant 18h", "", at(0, 18, -1, 0, true), ""},
		// What is ruled out gives way to what is asked for.
		{"not today, tomorrow after 5", "", at(17, 24, -1, 1, false), ""},
		{"don't call me now, call me after 6pm", domain.Granted, at(18, 24, -1, 0, false), ""},
		{"tomorrow after 5, not before", "", at(17, 24, -1, 1, false), ""},
		{"please call me tomorrow after 5pm", domain.Granted, at(17, 24, -1, 1, false), ""},
		{"can you ring later in the evening?", domain.Granted, at(17, 21, -1, 0, false), ""},
		{"rufen Sie mich morgen nach 17 Uhr an", domain.Granted, at(17, 24, -1, 1, false), ""},
		{"plutôt demain après 17h", "", at(17, 24, -1, 1, false), ""},
		{"mejor por la tarde", "", at(13, 20, -1, 0, false), ""},
		// Numbers without a country code, of other countries than the operator's.
		{"0151 23456789", "", nil, "+4915123456789"},
		{"mein Handy: 0171 1234567", "", nil, "+491711234567"},
		{"06 12 34 56 78", "", nil, "+33612345678"},
		{"+1 202 555 0177", "", nil, "+12025550177"},
		{"202-555-0177", "", nil, "+12025550177"},
	} {
		u := r.Understand(c.text, "")
		if u.CallConsent != c.consent {
			t.Errorf("%q: consent %q, want %q", c.text, u.CallConsent, c.consent)
		}
		switch got := u.Preferred; {
		case (got == nil) != (c.want == nil):
			t.Errorf("%q: preferred %+v, want %+v", c.text, got, c.want)
		case got != nil:
			p := *got
			p.Text = ""
			if p != *c.want {
				t.Errorf("%q: preferred %+v, want %+v", c.text, p, *c.want)
			}
		}
		phone := ""
		if v := u.Values(domain.EntityPhone); len(v) > 0 {
			phone = v[0]
		}
		if phone != c.phone || len(u.Values(domain.EntityOrder)) > 0 {
			t.Errorf("%q: phone %q, want %q; orders %v", c.text, phone, c.phone, u.Values(domain.EntityOrder))
		}
	}
}
