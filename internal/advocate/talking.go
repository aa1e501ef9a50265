package advocate

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// Point is something that an agent who calls should know or say. Text says it
// in English, Said to programs that say it in another language.
type Point struct {
	Kind  string      `json:"kind" enum:"care,order,unproven,promise_broken,promise,said,again,mood,unanswered,call,checked" doc:"What it is about. care comes first: somebody's safety or rights, or a refusal."`
	Text  string      `json:"text"`
	Said  []said.Part `json:"text_said" doc:"The sentences of the text."`
	Order string      `json:"order,omitempty"`
	Ref   string      `json:"ref,omitempty" doc:"The promise, or whatever else it rests on."`
	At    time.Time   `json:"at,omitzero"`
}

// maxPoints is how many an agent can take in before a call.
const maxPoints = 12

// TalkingPoints gathers what the facts of a case say to whoever calls its
// customer, the weightiest first: who to be careful with, where the orders
// stand, what was promised and said, how the customer feels. lately is what the
// history has of our messages and of how their sending ended, newest first. Of an order that is not proven for the
// writing identity it only says that nothing may be told.
func TalkingPoints(policy *domain.Policy, snap *domain.Snapshot, c *domain.Case, lately []domain.Entry, now time.Time) []Point {
	p := points{snap: snap, c: c, now: now, zone: domain.Zone(snap.Customer.TimeZone, policy.TimeZone)}
	p.care()
	p.orders()
	p.promises()
	p.course(lately)
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

func (p *points) add(kind string, s *said.Sentence, values ...string) *Point {
	return p.tell(kind, s.Say(p.zone, values...))
}

func (p *points) tell(kind string, parts ...said.Part) *Point {
	p.out = append(p.out, Point{Kind: kind, Text: said.Join(parts), Said: parts})
	return &p.out[len(p.out)-1]
}

// day is the day of an order's time where the customer is.
func (p *points) day(t time.Time) string { return domain.DateIn(t, p.zone) }

func (p *points) care() {
	for _, t := range p.c.Topics {
		if t.Grave() {
			p.add("care", said.PointTopic, string(t))
		}
	}
	switch {
	case p.c.CallConsent == domain.Refused || p.snap.Customer.Consent.Calls == domain.Refused && p.c.CallConsent != domain.Granted:
		p.add("care", said.PointNoCall)
	case p.snap.Customer.Consent.Stopped:
		p.add("care", said.PointStopped)
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
		p.add("unproven", said.PointOrderUnknown, ref).Order = ref
		return
	case !o.Open || who == nil || !p.snap.Customer.MayHear(p.c.Identity, &o.Order):
		p.add("unproven", said.PointOrderUnproven, ref).Order = ref
		return
	}
	x := p.tell("order", p.state(&o.Order)...)
	x.Order, x.At = o.ID, o.At
}

// state says where an order stands, how late it is and why.
func (p *points) state(o *domain.Order) []said.Part {
	var parts []said.Part
	say := func(s *said.Sentence, values ...string) { parts = append(parts, s.Say(p.zone, values...)) }
	switch {
	case o.Status == domain.OrderDelivered && !o.DeliveredAt.IsZero():
		say(said.PointOrderSince, o.ID, string(o.Status), p.day(o.DeliveredAt))
	case !o.Status.Final() && !o.ETA.IsZero():
		say(said.PointOrderExpected, o.ID, string(o.Status), p.day(o.ETA))
	default:
		say(said.PointOrder, o.ID, string(o.Status))
	}
	here := p.now.In(p.zone)
	if days := o.DaysLate(here); days > 0 && o.Late(here) && !o.Promised.IsZero() {
		say(said.PointOrderLate, p.day(o.Promised), strconv.Itoa(days))
	}
	if o.Reason != "" {
		say(said.PointOrderReason, o.Reason)
	}
	return parts
}

func (p *points) promises() {
	open := []domain.Promise{}
	for _, x := range p.c.Promises {
		switch x.State {
		case domain.PromiseBroken:
			s := said.PointPromiseBroken
			if p.c.Heard(&x) != domain.HeardIt {
				s = said.PointBrokenUntold
			}
			y := p.add("promise_broken", s, x.What, stamp(x.Due))
			y.Ref, y.At = x.ID, x.Due
		case domain.PromiseOpen:
			open = append(open, x)
		}
	}
	slices.SortStableFunc(open, func(a, b domain.Promise) int { return a.Due.Compare(b.Due) })
	for _, x := range open {
		s := said.PointPromise
		switch p.c.Heard(&x) {
		case domain.HeardNotYet:
			s = said.PointPromiseWaits
		case domain.HeardNothing:
			s = said.PointPromiseUntold
		}
		y := p.add("promise", s, x.What, stamp(x.Due))
		y.Ref, y.At = x.ID, x.Due
	}
}

// course is how it went so far.
func (p *points) course(lately []domain.Entry) {
	if p.c.Reopened > 0 {
		p.add("again", said.PointReopened, strconv.Itoa(p.c.Reopened))
	} else if n := countFrom(p.c, domain.FromCustomer); n > 2 {
		p.add("again", said.PointWroteOften, strconv.Itoa(n))
	}
	switch first, last := p.c.FirstSentiment, p.c.Sentiment; {
	case last == domain.Negative && first != domain.Negative && first != "":
		p.add("mood", said.PointTurnedSour)
	case last == domain.Negative:
		p.add("mood", said.PointUnhappy)
	case first == domain.Negative && last != "":
		p.add("mood", said.PointCalmer)
	}
	if p.c.RepliedAt.IsZero() {
		p.add("unanswered", said.PointUnanswered)
	}
	p.wrote(lately)
}

// maxWrote is how many of our last messages are recalled.
const maxWrote = 2

// wrote recalls our last messages: what left as written, what waits as not sent
// yet. What was taken back or could not be delivered was never said.
func (p *points) wrote(lately []domain.Entry) {
	ends := map[string]domain.Entry{}
	n := 0
	for _, e := range lately {
		switch e.Kind {
		case domain.EntrySent, domain.EntryNotSent:
			if _, newer := ends[e.Ref]; !newer {
				ends[e.Ref] = e
			}
			continue
		}
		s, at := said.PointWrote, e.At
		switch end, ended := ends[e.Ref]; {
		case e.Kind == domain.EntryStaff:
		case !ended:
			s = said.PointNotSent
		case end.Kind == domain.EntryNotSent:
			continue
		default:
			at = end.At
		}
		x := p.add("said", s, stamp(at), clip(strings.Join(strings.Fields(e.Text), " "), 200))
		x.Ref, x.At = e.Ref, at
		if n++; n == maxWrote {
			return
		}
	}
}

func (p *points) facts() {
	for i := range p.c.Known {
		f := &p.c.Known[i]
		switch {
		case f.Error != "":
			p.add("checked", said.PointNotAsked, f.Name, f.Error).At = f.At
		case f.Name == "notices" && f.Found:
			p.add("checked", said.PointNotice).At = f.At
		}
	}
	if v := p.c.Verify; v != nil && v.Failed {
		p.add("checked", said.PointNotProven, v.Order).Order = v.Order
	}
}

func (p *points) calling() {
	if t := p.c.Preferred; t != nil && t.Text != "" {
		p.add("call", said.PointPreferred, clip(t.Text, 100))
	}
	if hour := p.now.In(p.zone).Hour(); p.snap.Customer.TimeZone != "" && (hour < 8 || hour >= 20) {
		p.add("call", said.PointLocalTime, p.now.In(p.zone).Format("15:04"))
	}
}
