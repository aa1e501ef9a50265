package playbook

import (
	"testing"
	"time"
)

// TestADateIsToldAsADate: to customers in every zone a date is that date,
// without a time of day, and it is ahead until the day has ended there. A time
// at midnight is still a time.
func TestADateIsToldAsADate(t *testing.T) {
	t.Parallel()
	thursday := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, text, want string
		zone             string
		now              time.Time
	}{
		{"by itself", `It comes {order.eta}.`, "It comes Thursday.", "America/New_York", testNow},
		{"by itself in UTC", `It comes {order.eta}.`, "It comes Thursday.", "Etc/UTC", testNow},
		{"as day and date", `{day(order.eta)}, {date(order.eta)}[[if time(order.eta) != ""]] at {time(order.eta)}[[end]]`, "Thursday, 26 November", "America/New_York", testNow},
		{"the evening before", `{order.eta}`, "tomorrow", "America/New_York", thursday.Add(4 * time.Hour)},
		{"on its day", `[[if order.eta > now]]It comes {day(order.eta)}.[[else]]It was to come {day(order.eta)}.[[end]]`, "It comes today.", "America/New_York", thursday.Add(28 * time.Hour)},
		{"the day after", `[[if order.eta > now]]It comes.[[else]]It was to come {date(order.eta)}.[[end]]`, "It was to come 26 November.", "America/New_York", thursday.Add(29 * time.Hour)},
		{"what has happened", `[[if order.placed_at < now]]placed {day(order.placed_at)}[[end]]`, "placed today", "America/New_York", thursday.Add(20 * time.Hour)},
		{"a day later", `{order.eta + duration("24h")}`, "Friday", "America/New_York", testNow},
		{"when a promise is due", `{due}`, "7:00 pm tomorrow", "America/New_York", testNow},
		{"when a promise is due in UTC", `{due}`, "midnight tomorrow", "Etc/UTC", testNow},
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		v := testView()
		v.Zone, v.Now, v.Due = zone, c.now, thursday
		v.Order.ETA, v.Order.PlacedAt = thursday, thursday
		if r, err := templateOf(t, c.text).Render("x", "en", v); err != nil || r.Text != c.want {
			t.Errorf("%s: %q, want %q (%v)", c.name, r.Text, c.want, err)
		}
		v.Snapshot.Customer.TimeZone = ""
		if r, err := templateOf(t, `{order.eta}`).Render("x", "es", v); err != nil || len(r.Text) == 0 || r.Text[len(r.Text)-1] == ')' {
			t.Errorf("%s: to somebody whose zone is not known: %q (%v)", c.name, r.Text, err)
		}
	}
}
