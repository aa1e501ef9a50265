package advocate

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/said"
)

// view is what rules see of a case before an input adds to it. The pointers
// into the snapshot hold until a case is opened, which no rule does.
func (t *deciding) view(c *domain.Case) *playbook.View {
	v := &playbook.View{Now: t.now, Zone: t.zone, Snapshot: &t.snap, Case: c, Contact: t.policy.Contact}
	if c != nil {
		v.Identity = t.snap.Customer.Identity(c.Identity)
		v.Order = t.orderInFocus(c, nil)
	}
	v.Queue = t.queueView(c)
	if ref := openCallback(c); ref != nil {
		v.Due = ref.Due
		if p := c.OpenPromise(string(domain.Callback)); p != nil {
			v.Due = p.Due // what a message names is what was promised, whenever the work is due
		}
		if w := t.snap.WorkItem(ref.ID); w != nil {
			v.Number = w.Number
		}
	}
	return v
}

func openCallback(c *domain.Case) *domain.WorkItemRef {
	if c == nil {
		return nil
	}
	return c.OpenWorkItem(domain.Callback)
}

// orderInFocus is the order a case is about as the writing identity may see
// it. Unless it is proven it is a bare, unknown order, for conditions as well
// as for messages: a call, a promise or a subscription that only a known order
// leads to would tell of it by what follows, however little each message says.
func (t *deciding) orderInFocus(c *domain.Case, e *domain.Event) *domain.KnownOrder {
	o := t.orderOf(c, e)
	if o == nil || o.Open {
		return o
	}
	return &domain.KnownOrder{Order: domain.Order{ID: o.ID}}
}

// orderOf is the order a case is about: the event's, else the one the case
// settled on, else the last one named. It is for our own people's eyes.
func (t *deciding) orderOf(c *domain.Case, e *domain.Event) *domain.KnownOrder {
	id := c.Focus
	if e != nil && e.OrderID != "" {
		id = e.OrderID
	}
	if id == "" && len(c.OrderRefs) > 0 {
		id = c.OrderRefs[len(c.OrderRefs)-1]
	}
	if id == "" {
		return nil
	}
	o := t.snap.Order(id)
	if o == nil {
		return &domain.KnownOrder{Order: domain.Order{ID: id}}
	}
	out := *o
	out.Open = o.Found && t.snap.Customer.MayHear(c.Identity, &o.Order)
	return &out
}

func (t *deciding) queueView(c *domain.Case) playbook.QueueView {
	name := t.policy.DefaultQueue
	if ref := openCallback(c); ref != nil && ref.Queue != "" {
		name = ref.Queue
	}
	q := t.policy.Queues[name]
	open := func(x time.Time) bool { return q.OpenAt(x, t.policy.TimeZone) }
	out := playbook.QueueView{Name: name, Open: open(t.now), OpensAt: t.now}
	if !out.Open {
		out.OpensAt = domain.NextOpen(t.now, open)
	}
	if c != nil {
		if f := c.Fact("queues"); f != nil && f.Found {
			var data struct {
				Name        string `json:"name"`
				Waiting     int    `json:"waiting"`
				WaitMinutes int    `json:"wait_minutes"`
				Estimate    string `json:"estimate"`
				Median      int64  `json:"median_seconds"`
				Upper       int64  `json:"upper_seconds"`
			}
			if json.Unmarshal(f.Data, &data) == nil {
				out.Waiting, out.WaitMinutes, out.Known = data.Waiting, data.WaitMinutes, true
				out.WaitMedian, out.WaitUpper = time.Duration(data.Median)*time.Second, time.Duration(data.Upper)*time.Second
				out.WaitKnown = data.Estimate == estimateDesk && data.Name == name && t.now.Sub(f.At) <= waitFresh && t.waitHolds(c, name, out.WaitUpper)
			}
		}
	}
	return out
}

// estimateDesk is the word of a queues answer that the desk stands behind, and
// waitFresh how long that is worth anything.
const (
	estimateDesk = "desk"
	waitFresh    = 10 * time.Minute
)

// waitHolds reports whether a queue's wait is this customer's: the call can be
// offered now, and the customer may be rung by the end of it.
func (t *deciding) waitHolds(c *domain.Case, queue string, upper time.Duration) bool {
	if !t.callable(queue, t.now) || !t.callable(queue, t.now.Add(upper)) || c.Preferred != nil {
		return false
	}
	ref := openCallback(c)
	if ref == nil {
		return true
	}
	w := t.snap.WorkItem(ref.ID)
	return w == nil || w.State == domain.WorkPending && !w.NotBefore.After(t.now)
}

// fire tries the rules of a trigger for a case, in file order.
func (t *deciding) fire(trigger, caseID string, v *playbook.View) { t.fireBut(trigger, caseID, v, nil) }

// fireBut is fire without the rules that were tried already.
func (t *deciding) fireBut(trigger, caseID string, v *playbook.View, tried []*playbook.Rule) {
	rules := t.pb.Rules(trigger)
	if len(rules) == 0 {
		return
	}
	outer := t.trigger
	t.trigger = trigger
	defer func() { t.trigger = outer }()
	skips := domain.RuleSkips{Input: t.input, Case: caseID, Trigger: trigger}
	for _, r := range rules {
		c := t.snap.Case(caseID)
		if c == nil {
			break
		}
		if slices.Contains(tried, r) {
			continue
		}
		if r.Once == "case" && c.HasFired(r.Name) {
			skips.Once = append(skips.Once, r.Name)
			continue
		}
		v.Case, v.Order = c, t.orderInFocus(c, v.Event)
		fires, values, err := r.Eval(v)
		if err == nil && !fires {
			skips.False = append(skips.False, r.Name)
			continue
		}
		trace := domain.RuleTrace{Rule: r.Name, Input: t.input, Case: caseID, Line: r.Line, When: r.When, Values: values, Outcome: domain.RuleFired}
		if err != nil {
			trace.Outcome, trace.Error = domain.RuleError, clip(err.Error(), 300)
			t.d.Record.Rules = append(t.d.Record.Rules, trace)
			continue
		}
		if r.Once == "case" {
			c.Fired = append(c.Fired, r.Name)
		}
		trace.Did = t.perform(r, caseID, v)
		t.d.Record.Rules = append(t.d.Record.Rules, trace)
	}
	if len(skips.False)+len(skips.Once) > 0 {
		t.d.Record.Skipped = append(t.d.Record.Skipped, skips)
	}
}

// perform does a rule's steps and says in a word each what came of them.
func (t *deciding) perform(r *playbook.Rule, caseID string, v *playbook.View) []string {
	did := make([]string, 0, r.Steps())
	for i := range r.Steps() {
		c := t.snap.Case(caseID)
		if c == nil {
			break
		}
		v.Case, v.Order = c, t.orderInFocus(c, v.Event)
		a, err := r.Resolve(i, v)
		if err != nil {
			did = append(did, said.Because(said.StepSkipped.Text(strconv.Itoa(i+1)), clip(err.Error(), 300)))
			continue
		}
		did = append(did, t.act(a, c, r, v))
	}
	return did
}

// fallback is the duty no playbook can forget: a post that no rule did
// anything about is set aside if nobody need act on it, and goes to a person
// otherwise.
func (t *deciding) fallback(caseID string, f *fresh) {
	c, m := t.snap.Case(caseID), &f.meaning
	if c == nil || !c.IsOpen() || c.Taken() || t.hasActed(caseID) {
		return
	}
	switch {
	case c.HandedOver || hasOpenWork(c):
		// A person sees what was added; the customer hears once that it is so.
		if writesOn(f) {
			t.personHasIt(c, m.WantsPerson)
		}
		c.Answered = c.Answered || hasOpenWork(c)
	case c.Verify != nil && !c.Verify.Failed && !m.Thanks && m.Intent != domain.IntentSpam:
		t.explainProof(c, m.NeedsAgent, m.Lacks)
	case !m.NeedsAgent && len(c.Posts) <= 1 && m.IntentConfidence < asideFloor && !onlyTalk(c, m):
		t.handOver(c, "", said.NotConfident.Text(), true)
	case !m.NeedsAgent && len(c.Posts) <= 1:
		t.resolve(c, OutcomeSetAside, said.NothingAsked.Text(string(m.Intent)))
	case !m.NeedsAgent:
		c.Answered = true // a closing word in a conversation
	default:
		t.handOver(c, "", said.NoRule.Text(), false)
	}
}

// asideFloor is how surely a post must have been read before it is set aside
// because it seems to ask for nothing. Below it somebody looks, and the writer
// is told nothing, unless it is only talk.
const asideFloor = 0.25

// talkFloor is how sure it must be that nobody need act on a post whose main
// ask is not: most of those are jokes and remarks that share no words.
const talkFloor = 0.75

// onlyTalk reports that nobody need act on a post, whatever it is about. A
// complaint that was hardly read is somebody's matter more often than a joke,
// and who writes in private wants something.
func onlyTalk(c *domain.Case, m *domain.Understanding) bool {
	return m.NeedsAgentConfidence >= talkFloor && m.Sentiment != domain.Negative && len(m.Topics) == 0 && c.Visibility == domain.Public
}

func (t *deciding) hasActed(caseID string) bool {
	for _, id := range t.acted {
		if id == caseID {
			return true
		}
	}
	return false
}
