package e2e

import (
	"fmt"
	"net/url"
	"slices"
)

// person is a customer with what the run knows and has read of them.
type person struct {
	handle, ref, order, group, id string

	due      []*item           // acknowledged, and not yet seen in a record
	version  int64             // of the last record read
	after    string            // the hash it left
	inputs   map[string]int64  // name of an input → version of the record it stands in
	effects  map[string]string // id → kind
	outcomes map[string]string // id of an effect → post it became, or "-"
}

func (p *person) reset() {
	p.inputs, p.effects, p.outcomes = map[string]int64{}, map[string]string{}, map[string]string{}
}

type record struct {
	Version       int64
	Before, After string
	Inputs        []struct {
		Kind    string
		Post    *struct{ ID string }
		Event   *struct{ ID, Source string }
		Answer  *struct{ Effect, Error string }
		Outcome *struct {
			Effect, Kind, State, Reason string
			PostID                      string `json:"post_id"`
		}
	}
	Entries []struct{ Kind, Ref string }
	Effects []struct{ ID, Kind string }
}

// check waits until everything is decided and reads what is new of everybody.
func (k *killRun) check(p *process) {
	k.Helper()
	c := k.client(p)
	eventually(k.T, "everything is decided", func() bool {
		s := c.status()
		if s.Stuck > 0 {
			k.Fatalf("%d customers are stuck", s.Stuck)
		}
		return s.InboxPending == 0
	})
	for _, one := range k.people {
		k.read(c, one)
		for _, i := range one.due {
			if one.inputs[i.name()] == 0 {
				k.Errorf("@%s: %s was acknowledged and is in no decision", one.handle, i.name())
			}
		}
		one.due = nil
	}
}

// settle sends what has no answer yet, waits until everything is sent and
// looks at the messages as well.
func (k *killRun) settle(p *process) {
	k.Helper()
	c := k.client(p)
	for len(k.unknown) > 0 {
		i := k.unknown[0]
		k.unknown = k.unknown[1:]
		k.deliver(c, []*item{i})
	}
	c.rest()
	k.check(p)
	if s := c.status(); s.EffectsDead+s.EffectsHeld > 0 {
		k.Errorf("effects are left: %+v", s)
	}
	for _, one := range k.people {
		k.checkMessages(c, one)
	}
	if k.Failed() {
		k.FailNow()
	}
}

// read takes in the records of one customer that are new, oldest first.
func (k *killRun) read(c *client, one *person) {
	k.Helper()
	var fresh []record
	for cursor := ""; ; {
		page := read[struct {
			Items []record
			Next  string
		}](k.T, c.get("/v1/customers/"+one.id+"/decisions?limit=100&cursor="+url.QueryEscape(cursor)))
		for _, r := range page.Items {
			if r.Version > one.version {
				fresh = append(fresh, r)
			}
		}
		if page.Next == "" || len(page.Items) > 0 && page.Items[len(page.Items)-1].Version <= one.version {
			break
		}
		cursor = page.Next
	}
	slices.Reverse(fresh)
	k.count.records += len(fresh)
	for i := range fresh {
		k.take(one, &fresh[i])
	}
}

func (k *killRun) take(one *person, r *record) {
	if r.Version != one.version+1 {
		k.Errorf("@%s: decision %d follows %d", one.handle, r.Version, one.version)
	}
	if one.version > 0 && r.Before != one.after {
		k.Errorf("@%s: decision %d was not made on what %d left", one.handle, r.Version, one.version)
	}
	one.version, one.after = r.Version, r.After
	for _, in := range r.Inputs {
		name := ""
		switch {
		case in.Post != nil:
			name = "post " + in.Post.ID
		case in.Event != nil:
			name = "event " + in.Event.ID
		case in.Answer != nil:
			name = "answer to " + in.Answer.Effect
			if in.Answer.Error != "" {
				k.Errorf("@%s: %s: %s", one.handle, name, in.Answer.Error)
			}
			one.outcomes[in.Answer.Effect] = "-"
		case in.Outcome != nil:
			name = "outcome of " + in.Outcome.Effect
			if in.Outcome.State != "done" {
				k.Errorf("@%s: %s: %s %s", one.handle, name, in.Outcome.State, in.Outcome.Reason)
			}
			one.outcomes[in.Outcome.Effect] = in.Outcome.PostID
		default:
			continue // timers and commands
		}
		if v := one.inputs[name]; v != 0 {
			k.Errorf("@%s: %s was decided twice, in %d and %d", one.handle, name, v, r.Version)
		}
		one.inputs[name] = r.Version
	}
	for _, e := range r.Effects {
		if e.ID != "" { // a suppressed one has none
			k.made(one, e.ID, e.Kind)
		}
	}
	for _, e := range r.Entries {
		if e.Kind == "lookup" {
			k.made(one, e.Ref, e.Kind)
		}
	}
}

// made notes an effect of a decision.
func (k *killRun) made(one *person, id, kind string) {
	if _, twice := one.effects[id]; twice {
		k.Errorf("@%s: effect %s came out of two decisions", one.handle, id)
	}
	one.effects[id] = kind
}

// checkMessages holds the effects of one customer against the network.
func (k *killRun) checkMessages(c *client, one *person) {
	k.Helper()
	onNetwork, texts := map[string]int{}, map[string]int{}
	for after := "1"; ; {
		page := read[struct {
			Items []message
			Next  string
		}](k.T, c.get(fmt.Sprintf("/v1/sandbox/timeline?as=%s&limit=200&after=%s", one.handle, after)))
		for _, m := range page.Items {
			if m.To == one.handle {
				onNetwork[m.ID]++
				texts[m.Text]++
			}
		}
		if len(page.Items) == 0 {
			break
		}
		after = page.Next
	}
	k.count.messages += len(onNetwork)
	replies := 0
	for id, kind := range one.effects {
		post, ended := one.outcomes[id]
		if !ended {
			k.Errorf("@%s: effect %s (%s) has no outcome", one.handle, id, kind)
		}
		if kind == "reply" {
			replies++
			if onNetwork[post] != 1 {
				k.Errorf("@%s: message %s of effect %s stands on the network %d times", one.handle, post, id, onNetwork[post])
			}
		}
	}
	if replies != len(onNetwork) || replies == 0 {
		k.Errorf("@%s: %d messages were decided, %d stand on the network", one.handle, replies, len(onNetwork))
	}
	for text, n := range texts {
		if n > 1 {
			k.Errorf("@%s was told %d times: %s", one.handle, n, text)
		}
	}
	for id := range one.outcomes {
		if _, known := one.effects[id]; !known {
			k.Errorf("@%s: an outcome of effect %s, which no decision made", one.handle, id)
		}
	}
}
