package sim

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

func decode(b []byte, v any) error { return wire.Unmarshal(b, v) }

func fields(s string) []string { return strings.Fields(s) }

// adopt takes a state as it is.
func (p *proxy) adopt(state []byte, version int64) {
	p.state, p.version, p.snap = state, version, domain.Snapshot{}
	if wire.Unmarshal(state, &p.snap) == nil {
		p.nextDue = p.snap.NextDue()
	}
}

// wrote takes up decided states and their records.
func (o *oracle) wrote(rows []store.AdvocateWriteRow) {
	for i := range rows {
		r := &rows[i]
		p := o.proxies[r.ID]
		switch {
		case p == nil:
			o.fail("a state was written for the unknown customer %v", r.ID)
			continue
		case p.erased || p.redirect != 0:
			o.fail("a state was written for %v, who is erased or merged", r.ID)
			continue
		case r.Version != p.version+1:
			o.fail("customer %v went from version %d to %d", r.ID, p.version, r.Version)
		}
		if r.Record == nil {
			p.adopt(r.State, r.Version)
			p.nextDue = r.NextDue
			continue
		}
		o.record(p, r)
		p.nextDue = r.NextDue
	}
}

// record takes up one decision: it is made again and compared, its inputs are
// counted, its effects are owed from now on.
func (o *oracle) record(p *proxy, r *store.AdvocateWriteRow) {
	h := fnv.New64a()
	fmt.Fprint(h, o.digest)
	h.Write(r.Record)
	o.digest = h.Sum64()
	o.decisions++

	var rec domain.Record
	if err := decode(r.Record, &rec); err != nil {
		o.fail("a record of %v cannot be read: %v", p.id, err)
		return
	}
	name := fmt.Sprintf("%v version %d", p.id, r.Version)
	if rec.Customer != p.id || rec.Version != r.Version {
		o.fail("the record of %s says %v version %d", name, rec.Customer, rec.Version)
	}
	before := p.snap
	var d domain.Decision
	again := false
	if o.loose[p.id] = joined(&rec); !o.loose[p.id] {
		d, again = o.again(p, &rec, r, name)
	}
	o.countInputs(p, &rec)
	p.adopt(r.State, r.Version)
	o.checkHistory(p, &rec)
	if again {
		o.owe(p, &d)
		o.checkPromises(&before, &p.snap, &rec, name)
	}
	o.checkState(p, rec.At, name)
}

// joined reports whether a record was decided over a state that a merge or
// its undoing made: that state is nowhere stored, so the decision cannot be
// made again. What it led to is taken as it is.
func joined(rec *domain.Record) bool {
	return slices.ContainsFunc(rec.Inputs, func(in domain.Input) bool {
		return in.Command != nil && (in.Command.Kind == domain.CommandMerged || in.Command.Kind == domain.CommandUnmerged)
	})
}

// again decides a record's inputs once more over the state before.
func (o *oracle) again(p *proxy, rec *domain.Record, r *store.AdvocateWriteRow, name string) (d domain.Decision, ok bool) {
	for _, in := range rec.Inputs {
		if c := in.Command; c != nil && c.Kind == domain.CommandPanic {
			o.fail("the decision of %s panicked: %s", name, c.Note)
			return d, false
		}
	}
	if rec.After != advocate.Hash(r.State) {
		o.fail("the record of %s names another state than the one stored", name)
	}
	pb := o.playbooks[rec.Playbook]
	if pb == nil {
		o.fail("the record of %s names the playbook %s, which was never published", name, rec.Playbook)
		return d, false
	}
	state := p.state
	if rec.Before != advocate.Hash(state) {
		o.fail("the record of %s was decided over another state than the stored one", name)
		return d, false
	}
	var snap domain.Snapshot
	if err := decode(state, &snap); err != nil {
		o.fail("the state before %s cannot be read: %v", name, err)
		return d, false
	}
	snap.Version = r.Version - 1
	defer func() {
		if x := recover(); x != nil {
			o.fail("deciding %s again panicked: %v", name, x)
			ok = false
		}
	}()
	d = advocate.Decide(pb, snap, slices.Clone(rec.Inputs), rec.At)
	if d.Record.After != rec.After {
		o.fail("deciding %s again gives another state: %s", name, firstDifference(r.State, d.State))
		return d, false
	}
	d.Record.Before = rec.Before
	if b := wire.Marshal(&d.Record); !bytes.Equal(b, r.Record) {
		o.fail("deciding %s again gives another record: %s", name, firstDifference(r.Record, b))
	}
	return d, true
}

// firstDifference shows where two texts part.
func firstDifference(a, b []byte) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	from := max(0, i-60)
	return fmt.Sprintf("stored …%.120s, again …%.120s", a[from:], b[from:])
}

// countInputs sees that nothing is decided twice.
func (o *oracle) countInputs(p *proxy, rec *domain.Record) {
	o.inputs += len(rec.Inputs)
	var last int64
	for i := range rec.Inputs {
		in := &rec.Inputs[i]
		if in.Seq <= last {
			o.fail("%v version %d took input %d after input %d", p.id, rec.Version, in.Seq, last)
		}
		last = in.Seq
		key := inputKey(p.id, in)
		if key == "" {
			continue
		}
		o.took = append(o.took, key)
		if e := in.Event; e != nil {
			o.gotEvent(p, e)
		}
		if in.Post != nil {
			o.readPost(in.Post)
		}
		if id, ok := strings.CutPrefix(key, "result/"); ok {
			o.ended(p, id, in)
		}
		if by, twice := o.decided[key]; twice && !o.mayRepeat(p, in) {
			o.fail("%s was decided twice: by %v version %d and by %v version %d", describe(in), by.customer, by.version, p.id, rec.Version)
			continue
		}
		o.decided[key] = decidedBy{p.id, rec.Version, in.Post == nil || o.leftTrace(rec, in.Post)}
	}
}

// mayRepeat reports whether a second decision is as it should be: an event
// that two customers had before they were merged, an effect that ended again
// after an operator gave it another try, or a text that an author went back to,
// no more often than we were told of that post.
func (o *oracle) mayRepeat(p *proxy, in *domain.Input) bool {
	if in.Event != nil {
		return in.Event.Seq <= p.joined
	}
	if in.Post != nil {
		e := o.world.edits[in.Post.Key()]
		if e == nil || !digested(in.Post) {
			return false
		}
		key := inputKey(p.id, in)
		o.backs[key]++
		return o.backs[key] <= e.told
	}
	if in.Outcome == nil {
		return false
	}
	e := o.effects[in.Outcome.Effect]
	return e != nil && e.outcomes <= 1+e.byHand
}

// leftTrace reports whether a record says what became of a post.
func (o *oracle) leftTrace(rec *domain.Record, p *domain.Post) bool {
	return slices.ContainsFunc(rec.Entries, func(e domain.Entry) bool { return e.Ref == p.ID })
}

func describe(in *domain.Input) string {
	switch {
	case in.Post != nil:
		return fmt.Sprintf("post %s revision %q", in.Post.ID, in.Post.Revision)
	case in.Event != nil:
		return fmt.Sprintf("event %s (%s)", in.Event.ID, in.Event.Type)
	case in.Answer != nil:
		return "the answer to " + in.Answer.Effect
	case in.Outcome != nil:
		return "the outcome of " + in.Outcome.Effect
	case in.Command != nil:
		return fmt.Sprintf("command %s %s", in.Command.Kind, in.Command.Note)
	}
	return string(in.Kind)
}

// owe notes the effects of a decision.
func (o *oracle) owe(p *proxy, d *domain.Decision) {
	for i := range d.Effects {
		e := d.Effects[i]
		if o.effects[e.ID] != nil {
			o.fail("the key %s was used for two effects", e.ID)
			continue
		}
		o.fresh = append(o.fresh, o.know(e))
	}
	for i := range d.Emitted {
		e := &d.Emitted[i]
		o.took = append(o.took, "emitted/"+e.ID)
	}
}

// know begins to follow an effect.
func (o *oracle) know(e domain.Effect) *effectFact {
	f := &effectFact{Effect: e, owner: e.Customer, order: o.decisions}
	o.effects[e.ID] = f
	if e.Conversation != "" {
		o.talks[e.Conversation] = append(o.talks[e.Conversation], f)
	}
	return f
}

// ended takes up an outcome.
func (o *oracle) ended(p *proxy, id string, in *domain.Input) {
	e := o.effects[id]
	if e == nil {
		o.fail("%v got %s, an effect nobody decided", p.id, describe(in))
		return
	}
	e.outcomes++
	if e.outcomes > 1+e.byHand {
		o.fail("the effect %s ended %d times", id, e.outcomes)
	}
	if out := in.Outcome; out != nil && out.State == domain.OutcomeDone && out.Kind == domain.EffectReply && e.acted == 0 {
		o.fail("the reply %s is said to be sent and never reached the network", id)
	}
	if out := in.Outcome; out != nil && e.Reply != nil {
		o.checkWhole(e, out)
		if e.refused && out.State == domain.OutcomeFailed {
			o.left[e.Reply.To] = true
		}
	}
}

// checkCommit is what must hold after every transaction.
func (o *oracle) checkCommit() {
	if len(o.took) == 0 && len(o.fresh) == 0 {
		return
	}
	o.checkHeld()
	pending := o.pendingKeys()
	for _, key := range o.took {
		if id, ok := strings.CutPrefix(key, "emitted/"); ok {
			if o.logged_["advocate/"+id] == 0 {
				o.fail("the event %s was emitted and is not in the log", id)
			}
			continue
		}
		if pending[key] > 0 && !strings.HasPrefix(key, "event/") {
			o.fail("%s was decided and still waits in the inbox", key)
		}
	}
	for _, e := range o.fresh {
		if !e.inOutbox && pending["result/"+e.ID] == 0 && e.outcomes == 0 {
			o.fail("the effect %s (%s) was decided and is neither in the outbox nor ended", e.ID, e.Kind)
		}
	}
}

func (o *oracle) effectsAdded(rows []store.EffectRow) {
	for i := range rows {
		e := o.effects[rows[i].ID]
		if e == nil && o.loose[rows[i].Customer] {
			e = o.know(rows[i].Effect)
		}
		if e == nil {
			o.fail("the outbox got the effect %s, which nobody decided", rows[i].ID)
			continue
		}
		e.inOutbox, e.state, e.owner = true, rows[i].State, rows[i].Customer
		if e.Reply != nil && (rows[i].Reply == nil || !sameReply(e.Reply, rows[i].Reply)) {
			o.fail("the reply %s stands in the outbox otherwise than it was decided", e.ID)
		}
	}
}

func sameReply(a, b *domain.Reply) bool {
	return a.Text == b.Text && a.To == b.To && a.Visibility == b.Visibility && a.InReplyTo == b.InReplyTo
}

func (o *oracle) effectsGone(rows []store.EffectRow) {
	for i := range rows {
		if e := o.effects[rows[i].ID]; e != nil {
			e.inOutbox = false
		}
	}
}

func (o *oracle) effectsClaimed(rows []store.EffectRow) {
	for i := range rows {
		if e := o.effects[rows[i].ID]; e != nil {
			e.state = domain.EffectSending
		}
	}
}

func (o *oracle) effectPut(id string, state domain.EffectState) {
	if e := o.effects[id]; e != nil {
		e.state, e.inOutbox = state, state != domain.EffectDone
	}
}

// quietAt reports whether nothing proactive may leave at t for a customer.
func (o *oracle) quietAt(t time.Time, zone string) bool {
	z, err := time.LoadLocation(zone)
	if zone == "" || err != nil {
		z = time.UTC
	}
	h := t.In(z).Hour()
	return h >= o.policy.QuietFrom || h < o.policy.QuietTo
}
