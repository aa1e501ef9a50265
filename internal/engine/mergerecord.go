package engine

import (
	"cmp"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// side says whose a part of a record is when a merge is undone. What is
// neither's, such as a timer, is 0; an event that both wanted is both's.
type side uint8

const (
	stays side = 1 << iota
	goes
)

// asunder tells whose what is that records speak of, by what each customer has
// once everything else is parted.
type asunder struct {
	src        domain.CustomerID
	identities map[domain.IdentityKey]side
	names      map[string]side // of identities, as entries have them
	cases      map[string]side
	posts      map[domain.PostKey]side
	orders     map[string]side
	refs       map[string]side
	things     map[string]string // work items, promises, effects: their case
}

func (t *turn) asunder(dst, src *seat) (*asunder, error) {
	a := &asunder{
		src: src.id, identities: map[domain.IdentityKey]side{}, names: map[string]side{}, cases: map[string]side{},
		posts: map[domain.PostKey]side{}, orders: map[string]side{}, refs: map[string]side{}, things: map[string]string{},
	}
	for s, whose := range map[*seat]side{dst: stays, src: goes} {
		old, err := t.tx.CaseList(s.id, 0)
		if err != nil {
			return nil, err
		}
		for _, id := range s.snap.Customer.Identities {
			a.identities[id.IdentityKey] |= whose
			a.names[id.IdentityKey.String()] |= whose
		}
		for _, c := range append(old, s.snap.Cases...) {
			a.cases[c.ID] |= whose
			for _, p := range c.Posts {
				a.posts[domain.PostKey{Network: c.Identity.Network, Account: c.Identity.Account, ID: p.ID}] |= whose
			}
			for _, ref := range append([]string{c.Focus}, c.OrderRefs...) {
				a.orders[ref] |= whose
			}
			for _, w := range c.WorkItems {
				a.things[w.ID] = c.ID
			}
			for _, p := range c.Promises {
				a.things[p.ID] = c.ID
			}
		}
		for i := range s.snap.Orders {
			a.orders[s.snap.Orders[i].ID] |= whose
		}
		a.refs[s.snap.Customer.Ref] |= whose
	}
	delete(a.orders, "")
	delete(a.refs, "")
	return a, nil
}

// learn notes of which cases the things are that a record names beside one.
func (a *asunder) learn(rec *domain.Record) {
	for i := range rec.Entries {
		e := &rec.Entries[i]
		if _, _, _, err := domain.ParseObjectID(e.Ref); err == nil && e.Case != "" {
			a.things[e.Ref] = e.Case
		}
	}
}

// ofCase says whose a case is. One that nobody has any more is whose number it
// has.
func (a *asunder) ofCase(id string) side {
	switch whose, known := a.cases[id]; {
	case known || id == "":
		return whose
	case belongsTo(id, a.src):
		return goes
	}
	return stays
}

func (a *asunder) ofInput(rec *domain.Record, i int) (whose side) {
	switch in := &rec.Inputs[i]; {
	case in.Post != nil:
		return a.ofPost(rec, in.Post)
	case in.Event != nil:
		return a.ofEvent(rec, i)
	case in.Answer != nil:
		return a.ofCase(in.Answer.Case) | a.ofCase(a.things[in.Answer.Effect])
	case in.Outcome != nil:
		return a.ofCase(in.Outcome.Case) | a.ofCase(a.things[in.Outcome.Effect])
	case in.Command != nil && in.Command.Kind != domain.CommandPanic:
		c := in.Command
		for k := range c.Identities {
			whose |= a.identities[c.Identities[k].IdentityKey]
		}
		if whose |= a.ofCase(c.Case) | a.ofCase(a.things[c.WorkItem]); whose == 0 {
			return stays // it was given to the customer who stands
		}
	}
	return whose
}

// ofPost goes by who wrote, and where one of our people did by what they
// answered.
func (a *asunder) ofPost(rec *domain.Record, p *domain.Post) side {
	if whose := a.identities[p.Identity()]; whose != 0 {
		return whose
	}
	answered := p.Key()
	answered.ID = p.InReplyTo
	whose := a.posts[p.Key()] | a.posts[answered]
	for i := range rec.Entries {
		if e := &rec.Entries[i]; whose == 0 && e.Ref == p.ID {
			whose = a.ofCase(e.Case)
		}
	}
	return whose
}

func (a *asunder) ofEvent(rec *domain.Record, i int) side {
	ev := rec.Inputs[i].Event
	whose := a.ofCase(ev.CaseID) | a.ofCase(a.things[ev.WorkItemID]) | a.ofOrder(ev)
	for k := range rec.Entries {
		if e := &rec.Entries[k]; e.Kind == domain.EntryEvent && e.Ref == ev.ID {
			whose |= a.ofCase(e.Case)
		}
	}
	return whose
}

// ofOrder says whose the facts are that an event brings.
func (a *asunder) ofOrder(ev *domain.Event) side {
	return a.orders[ev.OrderID] | a.refs[ev.CustomerRef]
}

func (a *asunder) ofEntry(rec *domain.Record, e *domain.Entry) side {
	if e.Case != "" {
		return a.ofCase(e.Case)
	}
	whose := a.names[e.Ref] | a.ofCase(a.things[e.Ref]) | a.cases[e.Ref]
	for i := range rec.Inputs {
		in := &rec.Inputs[i]
		if in.Post != nil && in.Post.ID == e.Ref || in.Event != nil && in.Event.ID == e.Ref {
			whose |= a.ofInput(rec, i)
		}
	}
	return whose
}

// strip takes from answers what they say of the other: while the two were one,
// a lookup without a number brought the newest orders of the one reference, and
// its holder's profile, whoever asked. It reports whether there was any.
func (a *asunder) strip(rec *domain.Record) (found bool) {
	var holder side
	for _, whose := range a.refs {
		holder |= whose // two who both have one are not merged
	}
	for i := range rec.Inputs {
		ans := rec.Inputs[i].Answer
		if ans == nil {
			continue
		}
		mine, n := cmp.Or(a.ofInput(rec, i), stays), len(ans.Orders) // nobody's stays
		theirs := func(whose side) bool { return whose != 0 && whose&mine == 0 }
		ans.Orders = slices.DeleteFunc(ans.Orders, func(o domain.Order) bool { return theirs(a.orders[o.ID] | a.refs[o.CustomerRef]) })
		foreign := len(ans.Orders) < n
		if ans.Profile != nil && theirs(holder) {
			ans.Profile, foreign = nil, true
		}
		if !foreign {
			continue
		}
		ans.Data, found = nil, true // it may say the same, and so may traces
		for k := range rec.Rules {
			if r := &rec.Rules[k]; r.Input == i {
				r.Values, r.Did = nil, nil
			}
		}
	}
	return found
}

func (a *asunder) ofRecord(rec *domain.Record) (whose side) {
	for i := range rec.Inputs {
		whose |= a.ofInput(rec, i)
	}
	for i := range rec.Entries {
		whose |= a.ofEntry(rec, &rec.Entries[i])
	}
	for i := range rec.Rules {
		whose |= a.ofCase(rec.Rules[i].Case)
	}
	return whose
}

// cut gives what of a record is one's. What is nobody's stays, and a timer that
// fell due is both's. An event that a case heard of only because the two were one
// keeps no facts of the other's order, nor do the traces of its rules; what was
// told because of it stays. The hashes are still those of the decision that was
// made: what is left of its record does not lead to it any more.
func (a *asunder) cut(rec *domain.Record, mine side) domain.Record {
	out := *rec
	out.Inputs, out.Entries, out.Rules, out.Skipped, out.Effects = []domain.Input{}, nil, nil, nil, nil
	is := func(whose side) bool { return whose&mine != 0 || whose == 0 && mine == stays }
	foreign := map[string]bool{}               // events
	at := make([]int, max(1, len(rec.Inputs))) // posts are read together: a rule may name another's
	for i := range rec.Inputs {
		whose := a.ofInput(rec, i)
		if in := rec.Inputs[i]; is(whose) || in.Kind == domain.InputTimer {
			if in.Command != nil && whose == stays|goes {
				in.Command = a.cutCommand(in.Command, mine)
			}
			if ev := in.Event; ev != nil && a.ofOrder(ev) != 0 && a.ofOrder(ev)&mine == 0 {
				foreign[ev.ID] = true
				in.Order, in.Event = nil, &domain.Event{Seq: ev.Seq, Source: ev.Source, ID: ev.ID, Type: ev.Type, Time: ev.Time, Accepted: ev.Accepted}
			}
			out.Inputs = append(out.Inputs, in)
		}
		at[i] = max(0, len(out.Inputs)-1)
	}
	for i := range rec.Entries {
		if e := rec.Entries[i]; is(a.ofEntry(rec, &e)) {
			if e.Kind == domain.EntryEvent && foreign[e.Ref] {
				e.Text = ""
			}
			out.Entries = append(out.Entries, e)
		}
	}
	ofTrace := func(c string, input int) side {
		if c == "" && input < len(rec.Inputs) {
			return a.ofInput(rec, input)
		}
		return a.ofCase(c)
	}
	for _, r := range rec.Rules {
		if is(ofTrace(r.Case, r.Input)) {
			if r.Input < len(rec.Inputs) && rec.Inputs[r.Input].Event != nil && foreign[rec.Inputs[r.Input].Event.ID] {
				r.Values, r.Did = nil, nil
			}
			r.Input = at[r.Input]
			out.Rules = append(out.Rules, r)
		}
	}
	for _, r := range rec.Skipped {
		if is(ofTrace(r.Case, r.Input)) {
			r.Input = at[r.Input]
			out.Skipped = append(out.Skipped, r)
		}
	}
	for _, e := range rec.Effects {
		if is(a.ofCase(a.things[e.ID])) {
			out.Effects = append(out.Effects, e)
		}
	}
	return out
}

// cutCommand leaves the identities that are one's. What was said of the person
// stays, as it does in the state.
func (a *asunder) cutCommand(c *domain.Command, mine side) *domain.Command {
	out := *c
	out.Identities = slices.DeleteFunc(slices.Clone(c.Identities), func(id domain.Identity) bool {
		whose := a.identities[id.IdentityKey]
		return whose != 0 && whose&mine == 0
	})
	if mine == goes {
		out.Profile = nil
	}
	return &out
}

// returnRecords gives back the records of what happened to the identities and
// cases that go back while the two were one, and with posts that no case has
// what is known of them.
func (t *turn) returnRecords(dst, src *seat, since time.Time) error {
	a, err := t.asunder(dst, src)
	if err != nil {
		return err
	}
	rows, records, err := t.recordsSince(dst.id, since)
	if err != nil {
		return err
	}
	for i := range records {
		a.learn(&records[i])
	}
	p := store.JournalPartParams{From: dst.id, To: src.id}
	var posts []domain.PostKey
	for i := range records {
		rec, part := &records[i], store.JournalPart{JournalRow: rows[i]}
		stripped, whole := a.strip(rec), part.Record
		if stripped {
			whole = wire.Marshal(rec)
		}
		switch whose := a.ofRecord(rec); {
		case whose == goes:
			part.Goes = whole
		case whose == goes|stays:
			left, gone := a.cut(rec, stays), a.cut(rec, goes)
			part.Stays, part.Goes = wire.Marshal(&left), wire.Marshal(&gone)
		case stripped:
			part.Stays = whole
		default:
			continue
		}
		p.Rows = append(p.Rows, part)
		for k := range rec.Inputs {
			if in := &rec.Inputs[k]; in.Post != nil && a.ofInput(rec, k) == goes {
				posts = append(posts, in.Post.Key())
			}
		}
	}
	if len(p.Rows) == 0 {
		return nil
	}
	if err := t.tx.JournalPart(p); err != nil {
		return err
	}
	return t.returnPosts(dst, src, posts)
}

// recordsSince reads a customer's own records from a time on, oldest first. One
// that cannot be read tells nobody whose it is, and is left out.
func (t *turn) recordsSince(id domain.CustomerID, since time.Time) (rows []store.JournalRow, records []domain.Record, err error) {
	for before, more := int64(0), true; more; {
		page, err := t.tx.JournalRead(store.JournalReadParams{Customer: id, BeforeSeq: before, Limit: pageSize})
		if err != nil {
			return nil, nil, err
		}
		more = len(page) == pageSize
		for _, row := range page {
			if row.At.Before(since) {
				more = false
				break
			}
			before = row.Seq
			var rec domain.Record
			if row.Customer == id && wire.Unmarshal(row.Record, &rec) == nil {
				rows, records = append(rows, row), append(records, rec)
			}
		}
	}
	slices.Reverse(rows)
	slices.Reverse(records)
	return rows, records, nil
}
