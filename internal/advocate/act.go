package advocate

import (
	"fmt"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/said"
)

// maxLookups bounds a case's questions that are out at once.
const maxLookups = 8

// act does one step of a rule and says in a few words what came of it.
func (t *deciding) act(a playbook.Action, c *domain.Case, r *playbook.Rule, v *playbook.View) string {
	switch a := a.(type) {
	case playbook.Reply:
		return t.actReply(a, c, r, v)
	case playbook.Lookup:
		return t.lookup(a, c, r.Name)
	case playbook.Subscribe:
		return t.subscribe(a, c, r.Name, v)
	case playbook.Unsubscribe:
		return t.unsubscribe(a, c)
	case playbook.WorkItem:
		return t.actWorkItem(a, c, r, v)
	case playbook.Promise:
		return t.promise(a, c, r.Name, v)
	case playbook.Remind:
		return t.remind(a, c)
	case playbook.Update:
		return t.update(a, c)
	case playbook.Verify:
		return t.verify(c, domain.FoldRef(a.Order), "", r.Name)
	case playbook.Handover:
		if c.Taken() {
			return said.Noted(said.StepHandOver.Text(), said.PersonHasCase.Text())
		}
		t.handOver(c, a.Queue, joinNonEmpty(": ", a.Why, ""), false)
		return said.StepHandOver.Text() + " " + c.Reason
	case playbook.Resolve:
		if !c.IsOpen() {
			return said.Noted(said.StepResolve.Text(), said.WasResolved.Text())
		}
		if c.Taken() {
			return said.Held(said.StepResolve.Text(), said.PersonHasCase)
		}
		t.resolve(c, a.Outcome, said.ByRule.Text(r.Name))
		return said.StepResolved.Text(a.Outcome)
	case playbook.Notify:
		t.effect(domain.Effect{
			Case: c.ID, Kind: domain.EffectNotify, Destination: notifyDestination(a), Rule: r.Name,
			Notify: &domain.Notify{Webhook: a.Webhook, Role: a.Role, Text: a.Text},
		})
		return said.StepNotify.Text(joinNonEmpty(" ", a.Webhook, a.Role))
	case playbook.Emit:
		return t.actEmit(a, c, r.Name)
	}
	return fmt.Sprintf("%T is not known", a)
}

func notifyDestination(a playbook.Notify) string {
	if a.Webhook != "" {
		return "webhook:" + a.Webhook
	}
	return "role:" + a.Role
}

func (t *deciding) lookup(a playbook.Lookup, c *domain.Case, rule string) string {
	l := domain.Lookup{Component: a.Component, ID: clip(a.ID, 200), Query: clip(a.Query, 500), Lang: t.lang(c), Case: c.ID}
	for _, asked := range c.Asked {
		if asked.Component == l.Component && asked.ID == l.ID && asked.Query == l.Query {
			t.did(c.ID)
			return said.Noted(said.StepLookup.Text(a.Component), said.UnderWay.Text())
		}
	}
	if len(c.Asked) >= maxLookups {
		return said.Held(said.StepLookup.Text(a.Component), said.ManyUnderWay)
	}
	l.Effect = t.effect(domain.Effect{
		Case: c.ID, Kind: domain.EffectLookup, Destination: "component:" + a.Component,
		NotAfter: t.now.Add(t.policy.LookupWithin), Rule: rule, Lookup: &l,
	})
	c.Asked = append(c.Asked, l)
	t.entry(domain.Entry{Kind: domain.EntryLookup, Case: c.ID, What: a.Component, Ref: l.Effect})
	t.setTimer(domain.Timer{
		Name: t.timerName(domain.TimerLookup, c.ID), Kind: domain.TimerLookup, Case: c.ID,
		Due: t.now.Add(t.policy.LookupWithin + 30*time.Second),
	})
	t.did(c.ID)
	if a.ID == "" {
		return said.StepLookup.Text(a.Component)
	}
	return said.StepLookupOf.Text(a.Component, a.ID)
}

func (t *deciding) remind(a playbook.Remind, c *domain.Case) string {
	due := a.At
	if due.IsZero() {
		due = t.now.Add(a.In)
	}
	if due.Before(t.now) {
		due = t.now
	}
	t.setTimer(domain.Timer{Name: t.timerName(domain.TimerReminder, c.ID) + ":" + a.Name, Kind: domain.TimerReminder, Due: due, Case: c.ID, Ref: a.Name})
	return said.StepRemind.Text(a.Name)
}

func (t *deciding) update(a playbook.Update, c *domain.Case) string {
	for _, k := range sortedKeys(a.Case) {
		switch v := a.Case[k]; k {
		case "topic":
			if x := domain.Topic(v); !slices.Contains(c.Topics, x) {
				c.Topics = append(c.Topics, x)
				slices.Sort(c.Topics)
			}
		case "urgency":
			c.Urgency = domain.Urgency(v)
		case "sentiment":
			c.Sentiment = domain.Sentiment(v)
		case "intent":
			c.Intent = domain.Intent(v)
		}
	}
	for _, k := range sortedKeys(a.Customer) {
		switch v := a.Customer[k]; k {
		case "lang":
			t.snap.Customer.Lang = v
		case "tier":
			t.snap.Customer.Tier = v
		case "time_zone":
			t.snap.Customer.TimeZone = v
			t.zone = domain.Zone(v, t.policy.TimeZone)
		}
	}
	return said.StepUpdate.Text()
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (t *deciding) actEmit(a playbook.Emit, c *domain.Case, rule string) string {
	hops := 1
	if e := t.in().Event; e != nil {
		hops = e.Hops + 1
	}
	if hops > domain.MaxHops {
		return said.Held(said.StepEmit.Text(a.Type), said.ManyHops)
	}
	e := domain.Event{
		Source: "advocate/playbook", Type: a.Type, Time: t.now, CaseID: c.ID, CustomerRef: t.snap.Customer.Ref, Hops: hops, Data: a.Data,
	}
	id := t.effect(domain.Effect{Case: c.ID, Kind: domain.EffectEmit, Destination: "emit", Rule: rule, Emit: &e})
	t.d.Effects[len(t.d.Effects)-1].Emit.ID = id
	return said.StepEmit.Text(a.Type)
}

// lang is the language a case is spoken in: what the customer writes, what the
// profile says, what the operator set.
func (t *deciding) lang(c *domain.Case) string {
	for _, l := range []string{c.Lang, t.snap.Customer.Lang, t.policy.DefaultLang} {
		if l != "" && l != "und" {
			return l
		}
	}
	return "en"
}
