package advocate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/domain"
)

// TestADateIsTheSameToAll: the day that an order is expected on is the same one
// in the message, in the agent's work and before a call, wherever the customer
// is.
func TestADateIsTheSameToAll(t *testing.T) {
	t.Parallel()
	source := strings.NewReplacer(`Your order {order.id} is {order.status}.`, `It comes {day(order.eta)}, that is {order.eta}.`,
		`We will call you by {time(due)}.`, `It comes {day(order.eta)}, that is {order.eta}.`).Replace(book)
	for _, zone := range []string{"America/New_York", "Etc/UTC", "Pacific/Auckland"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			k := newKit(t, source).known()
			k.snap.Customer.TimeZone = zone
			k.decide(k.post("maria", "where is A-10234", domain.Private, about("A-10234", domain.Negative)))
			o := lateOrder()
			o.Promised, o.ETA = time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)
			k.decide(k.answer(k.lookup(), o))
			k.contains(k.onlyReply().Text, "It comes Thursday, that is Thursday.")
			if len(k.snap.WorkItems) != 1 {
				t.Fatalf("the work is %s", mustJSON(t, k.snap.WorkItems))
			}
			k.contains(k.snap.WorkItems[0].Summary, "expected 2026-03-05")
			points := advocate.TalkingPoints(k.pb.Policy(), &k.snap, k.oneCase(), nil, k.now)
			days := map[bool]string{true: "3 days late", false: "2 days late"}[zone == "Pacific/Auckland"]
			if !says(points, "order", "expected Thu 5 Mar") || !says(points, "order", "promised for Sat 28 Feb: "+days) {
				t.Errorf("before a call is said %s", mustJSON(t, points))
			}
		})
	}
}
