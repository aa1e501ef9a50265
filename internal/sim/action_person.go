package sim

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
)

// clerk is somebody who works without the desk.
func (d *driver) clerk() string { return fmt.Sprintf("clerk-%d", 1+d.rand.IntN(3)) }

// command gives a command and sees that it is decided when it returns. What a
// crash left unknown is not given again: a person looks first.
func (d *driver) command(ctx context.Context, customer domain.CustomerID, c domain.Command) bool {
	c.Note = fmt.Sprintf("#%d", d.next())
	err := d.engine.Command(ctx, customer, c)
	if !d.expected("command "+string(c.Kind), err, domain.CodeConflict, domain.CodeNotFound) {
		return false
	}
	if _, ok := d.oracle.decided["command/"+c.Note]; !ok {
		d.oracle.fail("the command %s %s was acknowledged and is not decided", c.Kind, c.Note)
	}
	d.did("command." + string(c.Kind))
	return true
}

// someProxy picks a customer that stands.
func (d *driver) someProxy() *proxy {
	all := d.oracle.live()
	if len(all) == 0 {
		return nil
	}
	return pick(d.world, all)
}

func (d *driver) commandCase(ctx context.Context) {
	type place struct {
		p *proxy
		c *domain.Case
	}
	var open, taken []place
	for _, p := range d.oracle.live() {
		for i := range p.snap.Cases {
			if c := &p.snap.Cases[i]; c.Owner != "" && c.State != domain.CaseResolved {
				taken = append(taken, place{p, c})
			} else if c.State != domain.CaseResolved {
				open = append(open, place{p, c})
			}
		}
	}
	if len(taken) > 0 && d.chance(0.6) {
		x := pick(d.world, taken)
		c := domain.Command{Kind: domain.CommandHandBack, By: x.c.Owner, Case: x.c.ID}
		switch d.rand.IntN(4) {
		case 0:
			c.Kind, c.Text, c.Visibility = domain.CommandReply, "A person writes this.", x.c.Visibility
		case 1:
			c.Kind, c.Disposition = domain.CommandClose, "closed"
		}
		d.command(ctx, x.p.id, c)
		return
	}
	if len(open) == 0 {
		return
	}
	x := pick(d.world, open)
	c := domain.Command{Kind: domain.CommandTake, By: d.clerk(), Case: x.c.ID}
	if d.chance(0.15) {
		c.Kind, c.Disposition = domain.CommandClose, "closed"
	}
	d.command(ctx, x.p.id, c)
}

func (d *driver) commandWork(ctx context.Context) {
	var open []domain.WorkItem
	for _, p := range d.oracle.live() {
		open = append(open, p.snap.WorkItems...)
	}
	if len(open) == 0 {
		return
	}
	w := pick(d.world, open)
	by := d.clerk()
	if theirs := cmp.Or(w.Holder(), w.For); theirs != "" && d.chance(0.8) {
		by = theirs
	}
	c := domain.Command{Kind: domain.CommandComplete, By: by, WorkItem: w.ID, Disposition: pick(d.world, []string{
		domain.DispositionReached, domain.DispositionResolved, domain.DispositionNoAnswer, domain.DispositionBusy, domain.DispositionVoicemail,
		domain.DispositionWrongNumber, domain.DispositionRefused, "sent a voucher",
	})}
	switch d.rand.IntN(5) {
	case 0:
		c.Kind, c.Disposition, c.Note = domain.CommandCancel, "", "not needed"
	case 1:
		c.Kind, c.Disposition = domain.CommandAssign, ""
		d.oracle.taking = by
	}
	d.command(ctx, w.Customer, c)
	d.oracle.taking = ""
}

// commandIdentity vouches for an identity, withdraws that, or sets consent.
func (d *driver) commandIdentity(ctx context.Context) {
	p := d.someProxy()
	if p == nil || len(p.snap.Customer.Identities) == 0 {
		return
	}
	k := pick(d.world, p.snap.Customer.Identities).IdentityKey
	ids := []domain.Identity{{IdentityKey: k}}
	switch d.rand.IntN(3) {
	case 0:
		was := d.proven[k]
		d.proven[k] = true
		if !d.command(ctx, p.id, domain.Command{Kind: domain.CommandLink, By: d.clerk(), Identities: ids}) && !d.process.dead {
			d.proven[k] = was
		}
	case 1:
		if d.command(ctx, p.id, domain.Command{Kind: domain.CommandUnlink, By: d.clerk(), Identities: ids}) {
			d.withdraw(k)
		}
	case 2:
		consent := domain.Consent{Messages: pick(d.world, []domain.Answer{domain.Granted, domain.Refused}), Calls: pick(d.world, []domain.Answer{domain.Granted, domain.Refused})}
		d.command(ctx, p.id, domain.Command{Kind: domain.CommandConsent, By: d.clerk(), Consent: &consent})
	}
}

// importCustomer lets the company's system say who somebody is.
func (d *driver) importCustomer(ctx context.Context) {
	p := pick(d.world, d.people)
	if p.ref == "" {
		return
	}
	k := p.keys[0]
	in := engine.CustomerImport{
		Profile:    domain.Profile{Ref: p.ref, Name: p.name, Email: p.email, Phone: p.phone, TimeZone: p.zone, Lang: "en"},
		Identities: []domain.Identity{{IdentityKey: k}},
	}
	was := d.proven[k]
	d.proven[k] = true
	rep, err := d.engine.CustomersImport(ctx, []engine.CustomerImport{in})
	if err == nil && len(rep.Refused) > 0 {
		d.proven[k] = was
		return
	}
	if d.fine("import a customer", err) {
		d.did("import.customers")
	}
}

func (d *driver) importOrders(ctx context.Context) {
	o := pick(d.world, d.orders)
	if o.status == "" {
		o.status = "created"
	}
	o.version++
	f := d.facts(o)
	f.UpdatedAt = d.now().UTC()
	rep, err := d.engine.OrdersImport(ctx, []domain.Order{f})
	if d.fine("import an order", err) {
		if len(rep.Refused) > 0 {
			d.oracle.fail("the order %s was refused: %s", o.id, rep.Refused[0].Reason)
			return
		}
		d.did("import.orders")
	}
}

// merged is a merge that was acknowledged and not undone.
type merged struct {
	id       string
	from, to domain.CustomerID
}

func (d *driver) merge(ctx context.Context) {
	a, b := d.someProxy(), d.someProxy()
	if a == nil || b == nil || a == b {
		return
	}
	as, bs := d.peopleOf(a), d.peopleOf(b)
	from := len(d.joins)
	for _, x := range as {
		for _, y := range bs {
			d.joins = append(d.joins, join{a: x, b: y})
		}
	}
	id, err := d.engine.Merge(ctx, a.id, b.id, "operator")
	if err != nil && !d.process.dead {
		d.joins = d.joins[:from]
	}
	for i := from; i < len(d.joins); i++ {
		d.joins[i].id = id
	}
	if d.expected("merge two customers", err, domain.CodeConflict) {
		d.did("merge")
		d.merges = append(d.merges, merged{id, a.id, b.id})
		if r := d.oracle.root(a.id); r == nil || r != d.oracle.root(b.id) {
			d.oracle.fail("the merge of %v into %v was acknowledged and is not there", a.id, b.id)
		}
	}
}

func (d *driver) unmerge(ctx context.Context) {
	if len(d.merges) == 0 {
		return
	}
	i := d.rand.IntN(len(d.merges))
	m := d.merges[i]
	id := m.id
	if d.expected("undo a merge", d.engine.Unmerge(ctx, id, "operator"), domain.CodeConflict, domain.CodeNotFound, domain.CodeBusy) {
		d.did("unmerge")
		d.merges = append(d.merges[:i], d.merges[i+1:]...)
		d.checkParted(ctx, m.from)
		d.checkParted(ctx, m.to)
		for i := range d.joins {
			if d.joins[i].id == id {
				d.joins[i].over = true
			}
		}
	}
}

func (d *driver) erase(ctx context.Context) {
	p := d.someProxy()
	if p == nil {
		return
	}
	ref, keys := p.snap.Customer.Ref, []domain.IdentityKey{}
	var posts []domain.PostKey
	for i := range p.snap.Customer.Identities {
		keys = append(keys, p.snap.Customer.Identities[i].IdentityKey)
	}
	for i := range p.snap.Cases {
		for _, x := range p.snap.Cases[i].Posts {
			k := p.snap.Cases[i].Identity
			posts = append(posts, domain.PostKey{Network: k.Network, Account: k.Account, ID: x.ID})
		}
	}
	if d.fine("erase a customer", d.engine.Erase(ctx, p.id, "operator")) {
		d.did("erase")
		d.checkErased(ctx, p.id, ref, keys, posts)
		if !strings.HasPrefix(ref, "C-") && ref != "" {
			d.oracle.fail("the reference %q is none", ref)
		}
	}
}
