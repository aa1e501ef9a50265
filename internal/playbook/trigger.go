package playbook

import (
	"slices"
	"strings"
	"sync"

	"github.com/contact-advocate/advocate/internal/domain"
)

// knownEvents are the event types understood out of the box, for "did you mean".
var knownEvents = []string{
	"order.created", "order.paid", "order.shipped", "order.delayed", "order.delivered", "order.canceled", "order.refunded",
	"customer.updated", "outage.started", "outage.ended", "recall.issued",
	"contact.queued", "contact.connected", "contact.ended",
}

var workItemStates = []string{"pending", "reserved", "assigned", "wrapping", "completed", "canceled"}

// engineTriggers are the triggers that are not event types. "answer." and
// "reminder." are followed by a name.
var engineTriggers = func() []string {
	out := []string{"post", "post.edited", "post.deleted", "promise.broken", "reply.failed", "rated", "verified", "workitem.created"}
	for _, s := range workItemStates {
		out = append(out, "workitem."+s)
	}
	return out
}()

var engineFamilies = []string{"post", "answer", "reminder", "promise", "reply", "rated", "workitem", "verified"}

// trigger checks one entry of "on".
func (b *builder) trigger(n *node) (string, bool) {
	s, ok := b.r.word(n, "on")
	if !ok {
		return "", false
	}
	const expected = `"post", "post.edited", "post.deleted", "answer.<component>", "reminder.<name>", "promise.broken", "reply.failed", "rated", "workitem.created", "workitem.<state>", "verified" or an event type`
	head := strings.TrimSuffix(s, "*")
	if strings.Contains(head, "*") || head == "" && s != "*" || head != "" && !isName(head) {
		b.r.at(n, expected+`, "*" only at its end`, "", "trigger %q", domain.Clip(s, 60))
		return "", false
	}
	if s == "*" {
		b.r.at(n, "the triggers the rule is meant for", "", `trigger "*" would fire on everything`)
		return "", false
	}
	family, rest, dotted := strings.Cut(s, ".")
	bad := func(didYouMean string) (string, bool) {
		b.r.at(n, expected, didYouMean, "there is no trigger %q", domain.Clip(s, 60))
		return "", false
	}
	if head != s {
		// a pattern is checked by what it could match
		if slices.Contains(engineFamilies, family) && family != "answer" && family != "reminder" &&
			!slices.ContainsFunc(engineTriggers, func(t string) bool { return strings.HasPrefix(t, head) }) {
			return bad(domain.NearestWithin(head, engineTriggers, 2))
		}
		if m := domain.NearestWithin(family, engineFamilies, 2); m != "" && m != family && len(family) > 3 {
			return bad(m + "." + rest)
		}
		return s, true
	}
	switch {
	case slices.Contains(engineTriggers, s):
		return s, true
	case family == "answer" || family == "reminder":
		if !dotted || rest == "" {
			return bad(family + map[string]string{"answer": ".orders", "reminder": ".<name>"}[family])
		}
		if family == "answer" {
			if m := domain.NearestWithin(rest, components, 2); m != "" && m != rest {
				return bad("answer." + m)
			}
			b.asks(n, rest)
		} else {
			b.waits = append(b.waits, waiting{n, rest})
		}
		return s, true
	case family == "workitem":
		b.r.at(n, "workitem.created, or workitem. and "+list(workItemStates), domain.NearestWithin(s, engineTriggers, 2), "there is no trigger %q", domain.Clip(s, 60))
		return "", false
	case slices.Contains(engineFamilies, family):
		return bad(domain.NearestWithin(s, engineTriggers, 2))
	case !dotted:
		if m := domain.NearestWithin(s, engineFamilies, 2); m != "" {
			if m == "answer" {
				m = "answer.orders"
			}
			return bad(m)
		}
	default:
		if m := domain.NearestWithin(family, engineFamilies, 2); m != "" && len(family) > 3 {
			return bad(m + "." + rest)
		}
		if m := domain.NearestWithin(s, knownEvents, 1); m != "" && m != s {
			return bad(m)
		}
	}
	return s, true
}

// waiting is a "reminder.<name>" that some rule must set.
type waiting struct {
	at   *node
	name string
}

// index finds a trigger's rules in file order. Exact triggers are looked up;
// triggers that only patterns match are remembered, up to a limit, because
// event types come from outside.
type index struct {
	exact    map[string][]*Rule
	patterns []pattern
	seen     sync.Map // trigger → []*Rule
	mu       sync.Mutex
	n        int
}

type pattern struct {
	text string
	rule int
}

const maxSeenTriggers = 1000

func newIndex(rules []*Rule) *index {
	x := &index{exact: map[string][]*Rule{}}
	names := map[string]bool{}
	for i, r := range rules {
		for _, on := range r.on {
			if strings.HasSuffix(on, "*") {
				x.patterns = append(x.patterns, pattern{on, i})
			} else {
				names[on] = true
			}
		}
	}
	for name := range names {
		x.exact[name] = match(rules, name)
	}
	return x
}

func match(rules []*Rule, trigger string) []*Rule {
	var out []*Rule
	for _, r := range rules {
		if slices.ContainsFunc(r.on, func(on string) bool { return domain.TypeMatches(on, trigger) }) {
			out = append(out, r)
		}
	}
	return out
}

func (x *index) rules(all []*Rule, trigger string) []*Rule {
	if out, ok := x.exact[trigger]; ok {
		return out
	}
	if !slices.ContainsFunc(x.patterns, func(p pattern) bool { return domain.TypeMatches(p.text, trigger) }) {
		return nil
	}
	if out, ok := x.seen.Load(trigger); ok {
		return out.([]*Rule)
	}
	out := match(all, trigger)
	x.mu.Lock()
	if x.n < maxSeenTriggers {
		x.n++
		x.seen.Store(trigger, out)
	}
	x.mu.Unlock()
	return out
}
