package advocate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Point is something that an agent who calls should know or say. Kind and the
// fields are for programs, Text says it in English.
type Point struct {
	Kind  string    `json:"kind" enum:"care,order,unproven,promise_broken,promise,said,again,mood,unanswered,call,checked" doc:"What it is about. care comes first: somebody's safety or rights, or a refusal."`
	Text  string    `json:"text"`
	Order string    `json:"order,omitempty"`
	Ref   string    `json:"ref,omitempty" doc:"The promise, or whatever else it rests on."`
	At    time.Time `json:"at,omitzero"`
}

// maxPoints is how many an agent can take in before a call.
const maxPoints = 12

// TalkingPoints gathers what the facts of a case say to whoever calls its
// customer, the weightiest first: who to be careful with, where the orders
// stand, what was promised and said, how the customer feels. said are our
// latest messages, newest first. Of an order that is not proven for the
// writing identity it only says that nothing may be told.
func TalkingPoints(policy *domain.Policy, snap *domain.Snapshot, c *domain.Case, said []domain.Entry, now time.Time) []Point {
	p := points{snap: snap, c: c, now: now, zone: domain.Zone(snap.Customer.TimeZone, policy.TimeZone)}
	p.care()
	p.orders()
	p.promises()
	p.course(said)
	p.facts()
	p.calling()
	if len(p.out) > maxPoints {
		p.out = p.out[:maxPoints]
	}
	return p.out
}

type points struct {
	snap *domain.Snapshot
	c    *domain.Case
	now  time.Time
	zone *time.Location
	out  []Point
}

func (p *points) add(kind, text string, args ...any) *Point {
	p.out = append(p.out, Point{Kind: kind, Text: fmt.Sprintf(text, args...)})
	return &p.out[len(p.out)-1]
}

func (p *points) at(t time.Time) string { return t.In(p.zone).Format("Mon 2 Jan 15:04") }

func (p *points) care() {
	for _, t := range p.c.Topics {
		if t.Grave() {
			p.add("care", "Be careful: the customer writes about %s.", strings.ReplaceAll(string(t), "_", " "))
		}
	}
	switch {
	case p.c.CallConsent == domain.Refused || p.snap.Customer.Consent.Calls == domain.Refused && p.c.CallConsent != domain.Granted:
		p.add("care", "The customer does not want to be called.")
	case p.snap.Customer.Consent.Stopped:
		p.add("care", "The customer asked us to stop writing.")
	}
}

// orders tells of the order in focus first, then of the others that were named.
func (p *points) orders() {
	refs := slices.Clone(p.c.OrderRefs)
	slices.Reverse(refs)
	if p.c.Focus != "" {
		refs = append([]string{p.c.Focus}, slices.DeleteFunc(refs, func(r string) bool { return r == p.c.Focus })...)
	}
	for i, ref := range refs {
		if i == 3 {
			return
		}
		p.order(ref)
	}
}

func (p *points) order(ref string) {
	o := p.snap.Order(ref)
	who := p.snap.Customer.Identity(p.c.Identity)
	switch {
	case o == nil || !o.Found:
		p.add("unproven", "The customer names order %s; nothing is known of it.", ref).Order = ref
		return
	case !o.Open || who == nil || !p.snap.Customer.MayHear(p.c.Identity, &o.Order):
		p.add("unproven", "Order %s is not proven for this writer: say nothing about it before you have checked who it is.", ref).Order = ref
		return
	}
	text := fmt.Sprintf("Order %s is %s", o.ID, strings.ReplaceAll(string(o.Status), "_", " "))
	switch {
	case o.Status == domain.OrderDelivered && !o.DeliveredAt.IsZero():
		text += " since " + o.DeliveredAt.In(p.zone).Format("Mon 2 Jan")
	case !o.Status.Final() && !o.ETA.IsZero():
		text += ", expected " + o.ETA.In(p.zone).Format("Mon 2 Jan")
	}
	if o.Late(p.now) && !o.Promised.IsZero() {
		text += fmt.Sprintf(", promised for %s: %s late", o.Promised.In(p.zone).Format("Mon 2 Jan"), counted(max(1, int(p.now.Sub(o.Promised).Hours()/24)), "day", "days"))
	}
	if o.Reason != "" {
		text += " (" + o.Reason + ")"
	}
	x := p.add("order", "%s.", text)
	x.Order, x.At = o.ID, o.At
}

func (p *points) promises() {
	open := []domain.Promise{}
	for _, x := range p.c.Promises {
		switch x.State {
		case domain.PromiseBroken:
			y := p.add("promise_broken", "We promised a %s by %s and did not keep it: say sorry for that first.", words(x.What), p.at(x.Due))
			y.Ref, y.At = x.ID, x.Due
		case domain.PromiseOpen:
			open = append(open, x)
		}
	}
	slices.SortStableFunc(open, func(a, b domain.Promise) int { return a.Due.Compare(b.Due) })
	for _, x := range open {
		y := p.add("promise", "The customer was promised a %s by %s.", words(x.What), p.at(x.Due))
		y.Ref, y.At = x.ID, x.Due
	}
}

// course is how it went so far.
func (p *points) course(said []domain.Entry) {
	if p.c.Reopened > 0 {
		p.add("again", "The customer has come back %s about this: what was said before did not settle it.", counted(p.c.Reopened, "time", "times"))
	} else if n := countFrom(p.c, domain.FromCustomer); n > 2 {
		p.add("again", "The customer has written %d times about this.", n)
	}
	switch first, last := p.c.FirstSentiment, p.c.Sentiment; {
	case last == domain.Negative && first != domain.Negative && first != "":
		p.add("mood", "The customer has become unhappy on the way.")
	case last == domain.Negative:
		p.add("mood", "The customer is unhappy.")
	case first == domain.Negative && last != "":
		p.add("mood", "The customer was unhappy at first and is calmer now.")
	}
	if !p.c.Answered && p.c.Replies == 0 && p.c.RepliedAt.IsZero() {
		p.add("unanswered", "Nobody has answered the customer yet.")
	}
	for i, e := range said {
		if i == 2 {
			break
		}
		x := p.add("said", "We wrote on %s: “%s”", p.at(e.At), clip(strings.Join(strings.Fields(e.Text), " "), 200))
		x.Ref, x.At = e.Ref, e.At
	}
}

func (p *points) facts() {
	for i := range p.c.Known {
		f := &p.c.Known[i]
		switch {
		case f.Error != "":
			p.add("checked", "%s could not be asked: %s.", words(f.Name), f.Error).At = f.At
		case f.Name == "notices" && f.Found:
			p.add("checked", "There is an open notice (an outage or a recall) that fits.").At = f.At
		}
	}
	if v := p.c.Verify; v != nil && v.Failed {
		p.add("checked", "The customer could not prove order %s in writing; check who it is.", v.Order).Order = v.Order
	}
}

func (p *points) calling() {
	if t := p.c.Preferred; t != nil && t.Text != "" {
		p.add("call", "The customer named a time for calls: “%s”.", clip(t.Text, 100))
	}
	if hour := p.now.In(p.zone).Hour(); p.snap.Customer.TimeZone != "" && (hour < 8 || hour >= 20) {
		p.add("call", "It is %s where the customer is.", p.now.In(p.zone).Format("15:04"))
	}
}

func words(s string) string { return strings.ReplaceAll(s, "_", " ") }
