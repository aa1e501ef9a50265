package advocate

import (
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// takeCommand does what a person or an import asks. What cannot be done any
// more changes nothing and says so: the engine has refused it at the edge
// unless something overtook it.
func (t *deciding) takeCommand(in *domain.Input) {
	cmd := in.Command
	switch cmd.Kind {
	case domain.CommandTake, domain.CommandHandBack, domain.CommandReply, domain.CommandClose, domain.CommandKeep:
		t.commandOnCase(cmd)
	case domain.CommandComplete, domain.CommandCancel, domain.CommandAssign, domain.CommandOffer, domain.CommandAccept, domain.CommandReject,
		domain.CommandRescind, domain.CommandWrap, domain.CommandTransfer, domain.CommandSnooze, domain.CommandRaise, domain.CommandExpert,
		domain.CommandCall:
		t.commandOnWork(cmd)
	case domain.CommandProfile:
		t.commandProfile(cmd)
	case domain.CommandConsent:
		if cmd.Consent != nil {
			t.snap.Customer.Consent = *cmd.Consent
			t.entry(domain.Entry{Kind: domain.EntryConsent, What: "set", By: cmd.By})
		}
	case domain.CommandLink:
		t.link(cmd, domain.EvidencePerson)
	case domain.CommandUnlink:
		t.unlink(cmd)
	case domain.CommandIgnore, domain.CommandUnignore:
		t.ignore(cmd)
	case domain.CommandNote, domain.CommandIntent:
		t.remark(cmd)
	case domain.CommandMerged, domain.CommandUnmerged:
		t.entry(domain.Entry{Kind: domain.EntryIdentity, What: string(cmd.Kind), Text: cmd.Note, By: cmd.By})
		t.openOrders()
		t.takeBackNumbers()
	case domain.CommandPanic:
		t.commandPanic(cmd)
	}
}

func (t *deciding) commandOnCase(cmd *domain.Command) {
	c := t.snap.Case(cmd.Case)
	if c == nil {
		t.entry(domain.Entry{Kind: domain.EntryAlarm, Text: said.NoSuchCase.Text(string(cmd.Kind)), By: cmd.By, Ref: cmd.Case})
		return
	}
	switch cmd.Kind {
	case domain.CommandTake:
		if !c.Taken() || cmd.Over && cmd.Agent == c.Owner {
			t.take(c, cmd.By)
		}
	case domain.CommandHandBack:
		if c.Taken() {
			t.handBack(c, cmd.By)
		}
	case domain.CommandReply:
		if !c.Taken() {
			t.take(c, cmd.By)
		}
		t.keepPromises(c, PromisedReply, said.Wrote.Text(cmd.By))
		t.draft(c.ID, draft{text: cmd.Text, visibility: cmd.Visibility, rule: "(person)", rank: rankEngine, by: cmd.By})
	case domain.CommandKeep:
		t.keep(c, cmd)
	case domain.CommandClose:
		outcome := cmd.Disposition
		if outcome == "" {
			outcome = "closed"
		}
		t.resolve(c, outcome, joinNonEmpty(": ", cmd.By, cmd.Note))
	}
}

func (t *deciding) commandOnWork(cmd *domain.Command) {
	w := t.snap.WorkItem(cmd.WorkItem)
	if w == nil {
		t.entry(domain.Entry{Kind: domain.EntryAlarm, Text: said.NoSuchItem.Text(string(cmd.Kind)), By: cmd.By, Ref: cmd.WorkItem})
		return
	}
	c := t.snap.Case(w.Case)
	if c == nil {
		return
	}
	switch cmd.Kind {
	case domain.CommandAssign:
		if w.State.MayBecome(domain.WorkAssigned) {
			t.endReservation(w, domain.ReservationRescinded, said.TookIt.Text(cmd.By))
			t.assign(c, w, cmd.By)
		}
	case domain.CommandCancel:
		t.callOff(c, w, cmd)
	case domain.CommandComplete:
		t.complete(c, w, cmd)
	default:
		t.commandOnDesk(c, w, cmd)
	}
}

// complete ends a work item with what the agent found, keeps or renews what
// was promised, hands the case back and tells the customer.
func (t *deciding) complete(c *domain.Case, w *domain.WorkItem, cmd *domain.Command) {
	if !w.State.MayBecome(domain.WorkCompleted) {
		return
	}
	w.Disposition, w.CloseNote, w.Agent = cmd.Disposition, clip(cmd.Note, 4000), cmd.By
	q := t.policy.Queue(w.Queue)
	ending, _ := q.Ending(w.Ends(), cmd.Disposition)
	t.finishWork(c, w, map[string]any{"means": ending.Means})
	done := *w
	if done.Kind == domain.Expert && c.Taken() && c.Owner != cmd.By {
		t.expertAnswered(c, &done)
		return
	}
	t.handBack(c, cmd.By)
	c.Answered = true
	v, agreed := t.view(c), false
	switch ending.Means {
	case domain.DispositionNoAnswer, domain.DispositionBusy, domain.DispositionVoicemail:
		t.tellWorkItems()
		t.callAgain(c, &done)
		t.undertake(c, cmd)
	case domain.DispositionWrongNumber:
		if c.Phone == first(done.Called, done.Number) {
			c.Phone = ""
		}
		t.tellWorkItems()
		t.handOver(c, done.Queue, said.WrongNumber.Text(), true)
		t.draft(c.ID, draft{template: "ask-number", rule: EngineRule, rank: rankWeak})
		t.undertake(c, cmd)
	case domain.DispositionRefused:
		c.CallConsent = domain.Refused
		t.snap.Customer.Consent.Calls, t.snap.Customer.Consent.CallsAt = domain.Refused, t.now
		t.keepPromises(c, string(domain.Callback), said.CallUnwanted.Text())
		agreed = t.undertake(c, cmd)
		t.tellWorkItems()
	default:
		told := toldOfPromise(c)
		t.keepPromises(c, string(done.Ends()), said.Disposed.Text(cmd.Disposition))
		t.keepPromises(c, PromisedReply, said.Disposed.Text(cmd.Disposition))
		agreed = t.undertake(c, cmd) // what was promised before is kept; this is new
		t.tellWorkItems()
		if ending.Means == domain.DispositionResolved && cmd.Promise == nil || !hasOpenWork(c) && !c.HasOpenPromise("") {
			if ending.Means == domain.DispositionNoAnswerNeeded && !told {
				t.resolve(c, cmd.Disposition, joinNonEmpty(": ", cmd.By, cmd.Note))
				break
			}
			t.draft(c.ID, draft{template: t.closing(c, done.Ends()), rule: EngineRule, rank: rankWeak, view: v})
			t.flushReplies() // the closing message belongs to the open case
			t.resolve(c, first(cmd.Disposition, domain.DispositionResolved), joinNonEmpty(": ", cmd.By, cmd.Note))
		}
	}
	if agreed && c.IsOpen() {
		t.confirmAgreed(c, cmd.Promise)
	}
}

// toldOfPromise reports whether the customer waits for something we have told
// them will happen: then they hear how it ended.
func toldOfPromise(c *domain.Case) bool {
	return slices.ContainsFunc(c.Promises, func(p domain.Promise) bool {
		return p.State == domain.PromiseOpen && c.Heard(&p) != domain.HeardNothing
	})
}

// closing is the message that tells how it ended: by a call or in writing, and
// where the order stands, if it may be told.
func (t *deciding) closing(c *domain.Case, kind domain.WorkItemKind) string {
	switch {
	case kind != domain.Callback:
		return "closing-written"
	case c.Focus != "" && t.mayHear(c, c.Focus):
		return "closing-order"
	}
	return "closing"
}

// callAgain sets up the next attempt and tells the customer that we missed
// them; after enough of them a person decides what to do instead.
func (t *deciding) callAgain(c *domain.Case, done *domain.WorkItem) {
	t.emit("advocate.call.missed", c.ID, done.ID, map[string]any{"attempt": done.Attempts + 1})
	q := t.policy.Queue(done.Queue)
	if done.Attempts+1 >= q.CallAttempts {
		t.handOver(c, done.Queue, said.Unreachable.Text(), true)
		t.draft(c.ID, draft{template: "call-missed", rule: EngineRule, rank: rankWeak})
		return
	}
	// Where the customer has asked for another call meanwhile, that one is the next attempt.
	if ref := c.OpenWorkItem(domain.Callback); ref != nil {
		w := t.snap.WorkItem(ref.ID)
		w.Attempts = max(w.Attempts, done.Attempts+1)
		t.tellAgent(c, w, said.NobodyAnswered.Text(done.ID))
		t.draft(c.ID, draft{template: "call-missed", rule: EngineRule, rank: rankWeak})
		return
	}
	next := *done
	next.Kind, next.EndsAs, next.Called = domain.Callback, "", "" // a review may have asked how the call ended
	next.Note = strings.Join(slices.DeleteFunc(strings.Split(next.Note, "\n"), func(line string) bool { return line == said.NoteWrapRanOut.Text() }), "\n")
	next.TimeZone = t.zone.String()
	next.ID = t.id(domain.KindWorkItem, &t.snap.Numbers.WorkItem)
	next.State, next.Disposition, next.CloseNote, next.Agent = domain.WorkPending, "", "", ""
	next.Reservation, next.Offers, next.Passed, next.Moved, next.For, next.Before = nil, 0, nil, 0, "", done.Agent
	next.QueuedAt, next.AssignedAt, next.HungUpAt, next.WrapUntil = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	next.Attempts, next.CreatedAt, next.Reason = done.Attempts+1, t.now, said.NobodyAnswered.Text(done.ID)
	next.NotBefore = t.now.Add(q.CallSpacing)
	t.addWorkItem(c, &next, 3*q.CallSpacing)
	t.keepPromises(c, string(domain.Callback), said.Called.Text(done.Disposition))
	t.makePromise(c, string(domain.Callback), next.Due, EngineRule, "") // the message names this time
	v := t.view(c)
	v.Due = next.Due
	t.draft(c.ID, draft{template: "call-missed", rule: EngineRule, rank: rankWeak, view: v})
}

// commandProfile takes over what a system or a person says about the
// customer. Identities come with the evidence of who said so.
func (t *deciding) commandProfile(cmd *domain.Command) {
	if p := cmd.Profile; p != nil {
		at := cmd.FactAt
		if at.IsZero() || at.After(t.now) {
			at = t.now
		}
		if older := t.snap.Customer.Learn(p, at); len(older) > 0 {
			t.entry(domain.Entry{Kind: domain.EntryIdentity, What: "older facts", Text: said.Because(strings.Join(older, ", "), said.NewerKnown.Text()), By: cmd.By})
		}
		t.zone = domain.Zone(t.snap.Customer.TimeZone, t.policy.TimeZone)
	}
	if cmd.Consent != nil {
		t.snap.Customer.Consent = t.snap.Customer.Consent.Stricter(*cmd.Consent)
	}
	kind := domain.EvidencePerson
	if cmd.Trusted {
		kind = domain.EvidenceSystem
	}
	t.link(cmd, kind)
	t.openOrders()
}

func (t *deciding) link(cmd *domain.Command, kind domain.EvidenceKind) {
	for i := range cmd.Identities {
		in := &cmd.Identities[i]
		if !in.Valid() {
			continue
		}
		id := t.snap.Customer.Identity(in.IdentityKey)
		if id == nil {
			if len(t.snap.Customer.Identities) >= domain.MaxIdentities {
				t.alarm("", said.ManyIdentities.Text())
				return
			}
			t.snap.Customer.Identities = append(t.snap.Customer.Identities, domain.Identity{IdentityKey: in.IdentityKey})
			id = &t.snap.Customer.Identities[len(t.snap.Customer.Identities)-1]
		}
		id.Handle, id.Name = first(in.Handle, id.Handle), first(in.Name, id.Name)
		id.Ignored = in.Ignored || id.Ignored
		if !slices.ContainsFunc(id.Evidence, func(e domain.Evidence) bool { return e.Kind == kind && e.By == cmd.By }) {
			id.Evidence = append(id.Evidence, domain.Evidence{Kind: kind, At: t.now, By: cmd.By})
			t.entry(domain.Entry{Kind: domain.EntryIdentity, What: string(kind), Ref: in.String(), By: cmd.By})
		}
	}
	t.openOrders()
}

// unlink withdraws the proofs of identities. They stay this customer's, as
// strangers are: unproven.
func (t *deciding) unlink(cmd *domain.Command) {
	for i := range cmd.Identities {
		id := t.snap.Customer.Identity(cmd.Identities[i].IdentityKey)
		if id == nil {
			continue
		}
		id.Evidence = []domain.Evidence{{Kind: domain.EvidenceFirstContact, At: t.now, By: cmd.By}}
		t.entry(domain.Entry{Kind: domain.EntryIdentity, What: "unlinked", Ref: id.IdentityKey.String(), By: cmd.By})
	}
	t.openOrders()
	t.takeBackNumbers()
}

// ignore puts identities on the ignore list, or takes them off it. What of
// theirs nobody has taken is over with it.
func (t *deciding) ignore(cmd *domain.Command) {
	what := "ignored"
	if cmd.Kind == domain.CommandUnignore {
		what = "unignored"
	}
	for i := range cmd.Identities {
		id := t.snap.Customer.Identity(cmd.Identities[i].IdentityKey)
		if id == nil || id.Ignored == (cmd.Kind == domain.CommandIgnore) {
			continue
		}
		id.Ignored = !id.Ignored
		t.entry(domain.Entry{Kind: domain.EntryIdentity, What: what, Ref: id.IdentityKey.String(), By: cmd.By})
		if !id.Ignored {
			continue
		}
		for j := range t.snap.Cases {
			c := &t.snap.Cases[j]
			if c.Identity != id.IdentityKey {
				continue
			}
			t.cancelUnsent(c, said.Ignored.Text())
			if c.IsOpen() && !c.Taken() {
				t.resolve(c, OutcomeSetAside, said.Ignored.Text())
			}
		}
	}
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// commandPanic is the engine saying that the inputs before it in this record
// could not be decided: a person gets every open case, or a new one. No rule is
// tried, for one of them may be what failed.
func (t *deciding) commandPanic(cmd *domain.Command) {
	defer func() { t.changes = nil }()
	t.alarm("", said.Because(said.NoDecision.Text(), cmd.Note))
	handed := false
	for i := range t.snap.Cases {
		if c := &t.snap.Cases[i]; c.IsOpen() && !c.Taken() {
			t.handOver(c, "", said.NoDecision.Text(), true)
			handed = true
		}
	}
	if handed {
		return
	}
	for i := range t.inputs {
		if p := t.inputs[i].Post; p != nil && !p.Deleted {
			t.handOver(t.openCase(p, domain.IntentUnclear), "", said.NoDecision.Text(), true)
			return
		}
	}
}
