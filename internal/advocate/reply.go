package advocate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/playbook"
	"github.com/contact-advocate/advocate/internal/said"
)

// EngineRule is the author of messages that no playbook rule asked for.
const EngineRule = domain.EngineRule

// Ranks decide which of several messages about one input leaves. Equal ranks:
// the first.
const (
	rankNone   = iota
	rankWeak   // only if nothing else is said
	rankRule   // a playbook's reply
	rankProof  // the question for a secret: what the reply needed comes first
	rankEngine // the outcome of something the customer just did
)

// draft is a message proposed for the current input.
type draft struct {
	caseID     string
	template   string
	text       string // already rendered, without a template
	due        bool   // text names the view's due time
	rule       string
	rank       int
	visibility domain.Visibility
	validFor   time.Duration
	view       *playbook.View
	order      string // with the question for a secret: whose
	then       string // with that question: the message that waits for the proof
	askNumber  bool
	confirm    bool // it confirms a "stop" and may leave in spite of it
	unasked    bool // nobody asked for it, whatever the case says
	answers    bool // it answers what the customer just wrote, whatever the case says
	by         string
}

func (t *deciding) draft(caseID string, d draft) {
	d.caseID = caseID
	if d.visibility == "" {
		d.visibility = domain.Private
	}
	t.did(caseID)
	if c, e := t.snap.Case(caseID), t.in().Event; c != nil && e != nil && e.OrderID != "" && d.by == "" && !t.mayHear(c, e.OrderID) {
		t.suppressed(&d, said.EventUnproven.Text())
		return
	}
	t.drafts = append(t.drafts, d)
}

func (t *deciding) actReply(a playbook.Reply, c *domain.Case, r *playbook.Rule, v *playbook.View) string {
	what := said.StepReply.Text(a.Template)
	if order, needs := t.missingProof(a, c); needs {
		return what + ": " + t.verify(c, order, a.Template, r.Name)
	}
	view := *v
	t.draft(c.ID, draft{
		template: a.Template, text: a.Text, due: a.Due, rule: r.Name, rank: rankRule, visibility: a.Visibility, validFor: a.ValidFor, view: &view,
	})
	return what
}

// flushReplies lets at most one message per case leave for the current input.
func (t *deciding) flushReplies() {
	drafts := t.drafts
	t.drafts, t.acted = nil, nil
	for i := range drafts {
		if first := slices.IndexFunc(drafts, func(d draft) bool { return d.caseID == drafts[i].caseID }); first != i {
			continue // the case was served with its first draft
		}
		t.flushCase(drafts[i].caseID, drafts)
	}
}

func (t *deciding) flushCase(caseID string, drafts []draft) {
	best, ask := -1, false
	spoken := slices.Contains(t.spoken, caseID)
	for i := range drafts {
		if drafts[i].caseID != caseID {
			continue
		}
		if spoken && drafts[i].by == "" {
			t.suppressed(&drafts[i], said.OneMessage.Text())
			continue
		}
		ask = ask || drafts[i].askNumber
		if drafts[i].askNumber && drafts[i].template == "" {
			continue
		}
		if best < 0 || drafts[i].rank > drafts[best].rank {
			best = i
		}
	}
	for i := range drafts {
		if drafts[i].caseID == caseID && i != best && drafts[i].template != "" && !spoken {
			t.suppressed(&drafts[i], said.OneMessageSent.Text(drafts[best].name()))
		}
	}
	c := t.snap.Case(caseID)
	if c == nil {
		return
	}
	if best < 0 {
		if ask {
			t.send(c, &draft{caseID: caseID, template: "ask-number", rule: EngineRule, rank: rankWeak, visibility: domain.Private}, false)
		}
		return
	}
	t.send(c, &drafts[best], ask)
}

func (d *draft) name() string {
	if d.template == "" {
		return "a text"
	}
	return d.template
}

func (t *deciding) suppressed(d *draft, why string) {
	t.note(domain.EffectNote{Kind: domain.EffectReply, What: d.name(), Suppressed: why, Rule: d.rule})
}

// send turns a draft into an effect, if everything that must hold holds. What
// cannot be said by us goes to a person.
func (t *deciding) send(c *domain.Case, d *draft, askNumber bool) {
	if d.order != "" && c.Verify == nil {
		t.suppressed(d, said.ProofNotNeeded.Text())
		return
	}
	proactive := (c.Answered && !d.answers || d.unasked) && d.by == ""
	if why := t.mayNotSend(c, d, proactive); why != "" {
		t.suppressed(d, why)
		if !c.Answered && !c.HandedOver && !c.Taken() && c.IsOpen() {
			t.handOver(c, "", why, true)
		}
		return
	}
	t.turn(c, d, proactive)
	if t.noWay(c, d, proactive) {
		return
	}
	if t.toldAlready(c, d, proactive) {
		t.suppressed(d, said.ToldAlready.Text())
		return
	}
	r, ok := t.render(c, d)
	if !ok || t.noWay(c, d, proactive) { // the guard may have found something in it
		return
	}
	text := r.Text
	if askNumber && d.visibility == domain.Private {
		if q, err := t.pb.Render("ask-number", t.lang(c), t.viewFor(c, d)); err == nil {
			text += "\n\n" + q.Text
			r.Due = r.Due || q.Due
			c.NumberAsked = t.now
		}
	}
	if d.template == "ask-number" {
		c.NumberAsked = t.now
	}
	sum := digest(text)
	if sum == c.LastReply && d.by == "" && d.rank <= rankRule {
		t.suppressed(d, said.SameAsLast.Text())
		switch {
		case proactive || c.HandedOver:
		case d.template == "verify" && once(c, saidWhyProof):
			t.draft(c.ID, draft{template: "verify-why", rule: d.rule, rank: rankProof, order: d.order, then: d.then})
		default:
			t.handOver(c, "", said.NothingNew.Text(), false)
		}
		return
	}
	if proactive && d.by == "" && d.rank <= rankRule && slices.Contains(c.Said, saidText(sum)) {
		t.suppressed(d, said.SameAsBefore.Text())
		return
	}
	c.LastReply = sum
	if d.by == "" && !slices.Contains(c.Said, saidText(sum)) {
		c.Said = append(c.Said, saidText(sum))
	}
	if d.by == "" && c.Replies == 0 {
		text = joinNonEmpty("\n\n", t.disclosure(c, r.Lang), text)
	}
	t.post(c, d, r, text, proactive)
}

// saidText is how a case notes that a text was said in it.
func saidText(sum uint64) string { return fmt.Sprintf("text %016x", sum) }

// toldWindow is how long what was told of an order is not told again unasked.
const toldWindow = 30 * time.Minute

// toldAlready reports whether an event's message would only repeat what the
// customer has just been told of the order. What promises something is always said.
func (t *deciding) toldAlready(c *domain.Case, d *draft, proactive bool) bool {
	e := t.in().Event
	if e == nil || e.OrderID == "" || !proactive || d.by != "" || c.ToldOrder == "" || t.now.Sub(c.ToldAt) > toldWindow {
		return false
	}
	for i := range c.Promises {
		if p := &c.Promises[i]; p.State == domain.PromiseOpen && p.Told == "" {
			return false
		}
	}
	return t.orderFacts(c, e.OrderID) == c.ToldOrder
}

// orderFacts is a digest of what messages tell of an order, "" if nothing may
// be told of it.
func (t *deciding) orderFacts(c *domain.Case, id string) string {
	o := t.snap.Order(id)
	if o == nil || !t.mayHear(c, id) {
		return ""
	}
	at := func(x time.Time) string { return x.UTC().Format(time.RFC3339) }
	return strings.Join([]string{o.ID, fmt.Sprintf("%016x", digest(strings.Join([]string{
		string(o.Status), o.Carrier, o.Tracking, o.Reason, at(o.ETA), at(o.DeliveredAt)}, "\x00")))}, ":")
}

// post adds the effect of a message that may leave.
func (t *deciding) post(c *domain.Case, d *draft, r playbook.Rendered, text string, proactive bool) {
	t.releaseDead(c)
	notBefore := t.now
	if proactive {
		notBefore = t.policy.AfterQuiet(t.now, t.zone)
		t.snap.Contacts = append(t.snap.Contacts, t.now)
	}
	valid := d.validFor
	if valid <= 0 {
		valid = t.policy.ReplyValid
	}
	reply := domain.Reply{
		To: c.Identity, Visibility: d.visibility, Text: text, Lang: r.Lang, Template: d.template,
		Proactive: proactive, Orders: r.Orders, By: d.by,
	}
	if p := c.LatestPost(domain.FromCustomer); p != nil {
		reply.InReplyTo = p.ID
	}
	if id := t.snap.Customer.Identity(c.Identity); id != nil {
		reply.Handle = id.Handle
	}
	id := t.effect(domain.Effect{
		Case: c.ID, Kind: domain.EffectReply, Destination: "network:" + c.Identity.Network, Conversation: c.ID,
		NotBefore: notBefore, NotAfter: notBefore.Add(valid), Rule: d.rule, Reply: &reply,
	})
	c.Unsent = append(c.Unsent, domain.Unsent{Effect: id, InReplyTo: reply.InReplyTo, By: d.by})
	c.Answered, c.NotSent, c.UpdatedAt = true, "", t.now
	t.spoken = append(t.spoken, c.ID)
	if d.template != RatingTemplate {
		c.Newest = id
	}
	switch {
	case d.template == RatingTemplate:
		t.asking(c, id)
	case d.by == "" && t.pb.Asks(d.template):
		c.Asks = d.template
	case !proactive:
		c.Asks = ""
	}
	if d.by == "" {
		c.Replies++
		t.snap.Sent = append(t.snap.Sent, t.now)
	}
	if d.order != "" {
		c.Verify.AskedAt = t.now
	}
	t.telling(c, d, r.Due, id)
	for _, order := range r.Orders {
		if facts := t.orderFacts(c, order); facts != "" {
			c.ToldOrder, c.ToldAt = facts, t.now
		}
	}
	t.note(domain.EffectNote{ID: id, Kind: domain.EffectReply, What: d.name(), Rule: d.rule})
	t.entry(domain.Entry{Kind: domain.EntryReply, Case: c.ID, What: d.name(), Text: text, Visibility: d.visibility, Ref: id, By: d.by})
}

// telling notes which message tells the customer of the promises that no
// message has told. What was to be told before and never left is told only by
// a message that names its time again.
func (t *deciding) telling(c *domain.Case, d *draft, due bool, effect string) {
	for i := range c.Promises {
		p := &c.Promises[i]
		again := p.Unsaid && due && t.viewFor(c, d).Due.Equal(p.Due)
		if p.State == domain.PromiseOpen && (p.Told == "" || again) {
			p.Told, p.Unsaid = effect, false
		}
	}
}

// mayNotSend says why no message may leave, "" if one may.
func (t *deciding) mayNotSend(c *domain.Case, d *draft, proactive bool) string {
	consent := &t.snap.Customer.Consent
	switch {
	case d.by != "":
		return ""
	case c.Taken():
		return said.PersonHasCase.Text()
	case t.blocked(c):
		return said.BlocksUs.Text()
	case t.ignored(c.Identity):
		return said.Ignored.Text()
	case consent.Stopped && !d.confirm:
		return said.AskedToStop.Text()
	case proactive && consent.Messages == domain.Refused:
		return said.NoUnasked.Text()
	case proactive && d.rank < rankEngine && len(recent(slices.Clone(t.snap.Contacts), t.now.Add(-24*time.Hour))) >= t.policy.MaxContacts:
		return said.ContactCap.Text()
	case c.Replies >= t.policy.MaxReplies:
		return said.CaseCap.Text()
	case len(recent(slices.Clone(t.snap.Sent), t.now.Add(-time.Hour))) >= t.policy.MaxRepliesHour:
		return said.HourCap.Text()
	}
	return ""
}

func (t *deciding) viewFor(c *domain.Case, d *draft) *playbook.View {
	v := d.view
	if v == nil {
		v = t.view(c)
	}
	v.Case, v.Order = c, t.orderInFocus(c, v.Event)
	if d.order != "" {
		v.Order = &domain.KnownOrder{Order: domain.Order{ID: d.order}}
	}
	return v
}

// render makes the text, and holds both nets: what needs proof that is
// missing is not said, and nothing personal is said in public.
func (t *deciding) render(c *domain.Case, d *draft) (playbook.Rendered, bool) {
	v := t.viewFor(c, d)
	r := playbook.Rendered{Text: d.text, Lang: t.lang(c), Due: d.due}
	if d.template != "" {
		var err error
		if r, err = t.pb.Render(d.template, t.lang(c), v); err != nil {
			t.suppressed(d, said.Because(said.NotRendered.Text(), clip(err.Error(), 200)))
			t.handOverUnanswered(c, said.NotWritten.Text())
			return r, false
		}
	}
	if strings.TrimSpace(r.Text) == "" {
		t.suppressed(d, said.Empty.Text())
		t.handOverUnanswered(c, said.CameEmpty.Text())
		return r, false
	}
	for _, order := range r.Orders {
		if !t.mayHear(c, order) && d.order == "" {
			t.suppressed(d, said.NeedsProof.Text())
			t.handOverUnanswered(c, said.NeededProof.Text())
			return r, false
		}
	}
	if d.visibility == domain.Public {
		finding := playbook.Guard(r.Text, v)
		if r.Personal && finding == "" {
			finding = said.FoundField.Text()
		}
		if finding != "" {
			t.suppressed(d, said.Because(said.NotInPublic.Text(), finding))
			if d.by != "" {
				return r, false
			}
			d.visibility = domain.Private
		}
	}
	return r, true
}

func (t *deciding) handOverUnanswered(c *domain.Case, why string) {
	if !c.Answered && !c.HandedOver && !c.Taken() && c.IsOpen() {
		t.handOver(c, "", why, true)
	}
}

// disclosure says that a message is automated, before a case's first one.
func (t *deciding) disclosure(c *domain.Case, lang string) string {
	text := t.policy.Disclosure[lang]
	if text == "" {
		base, _, _ := strings.Cut(lang, "-")
		text = t.policy.Disclosure[base]
	}
	if text == "" {
		text = t.policy.Disclosure["en"]
	}
	company := t.policy.Company
	if company == domain.DefaultCompany {
		base, _, _ := strings.Cut(lang, "-")
		if own := ourTeam[base]; own != "" && text == t.policy.Disclosure[base] {
			company = own
		}
	}
	return strings.ReplaceAll(text, "{company}", company)
}

// ourTeam is [domain.DefaultCompany] in the languages of the engine's own
// messages, for an installation that has not named its company yet.
var ourTeam = map[string]string{"es": "nuestro equipo", "de": "unserem Team", "fr": "notre équipe"}

// cancelUnsent takes back every automated reply that has not left.
func (t *deciding) cancelUnsent(c *domain.Case, why string) {
	for _, u := range slices.Clone(c.Unsent) {
		if u.By == "" {
			t.cancelEffect(c, u.Effect, why)
		}
	}
}

func (t *deciding) cancelEffect(c *domain.Case, id, why string) {
	if slices.Contains(t.d.Cancel, id) || slices.ContainsFunc(c.Unsent, func(u domain.Unsent) bool { return u.Effect == id && u.Withdrawn }) {
		return
	}
	for i := range t.d.Effects { // made in this very decision
		if t.d.Effects[i].ID == id {
			t.d.Effects = slices.Delete(t.d.Effects, i, i+1)
			c.Unsent = slices.DeleteFunc(c.Unsent, func(u domain.Unsent) bool { return u.Effect == id })
			noteHeard(c, id, false)
			noteLeft(c, id, domain.OutcomeCanceled)
			t.entry(domain.Entry{Kind: domain.EntryNotSent, Case: c.ID, Text: why, Ref: id})
			return
		}
	}
	for i := range c.Unsent {
		c.Unsent[i].Withdrawn = c.Unsent[i].Withdrawn || c.Unsent[i].Effect == id
	}
	t.d.Cancel = append(t.d.Cancel, id)
	t.entry(domain.Entry{Kind: domain.EntryNotSent, Case: c.ID, What: "withdrawn", Text: why, Ref: id})
}
