package engine

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Command has an advocate do what a person or a trusted system asks, and
// returns when it is decided. A command that does not fit the state of its
// case or work item is CodeConflict, one for something that is not there
// CodeNotFound. With customer 0 the customer is read from the case's, work
// item's or reservation's id.
func (e *Engine) Command(ctx context.Context, customer domain.CustomerID, c domain.Command) error {
	if c.WorkItem == "" && c.Reservation != "" {
		item, _, err := domain.ParseReservationID(c.Reservation)
		if err != nil {
			return err
		}
		c.WorkItem = item
	}
	if customer == 0 {
		for _, id := range [...]string{c.WorkItem, c.Case} {
			if owner, _, _, err := domain.ParseObjectID(id); err == nil {
				customer = owner
				break
			}
		}
	}
	if customer == 0 {
		return domain.FieldErrorf("customer_id", "is required")
	}
	if err := checkCommand(&c); err != nil {
		return err
	}
	if c.Kind == domain.CommandLink || c.Kind == domain.CommandProfile && len(c.Identities) > 0 {
		c.Identities = slices.Clone(c.Identities)
		if err := e.nameAuthors(ctx, c.Identities); err != nil {
			return err
		}
	}
	var it *item
	for again := time.Millisecond; ; again *= 2 {
		once := c // what is decided keeps it
		it = &item{command: &once, customer: customer}
		if err := e.submit(ctx, []*item{it}); err != nil {
			return err
		}
		if !errors.Is(it.receipt.Err, errElsewhere) || again > commandWait {
			break
		}
		pause(ctx, again)
	}
	if it.receipt.Err != nil {
		e.metrics.refused.Add(1)
	}
	return it.receipt.Err
}

// commandWait is the longest pause of a command whose customer is being decided
// about in another transaction, which takes milliseconds; all of them together
// are twice that.
const commandWait = 256 * time.Millisecond

var errElsewhere = &domain.Error{Code: domain.CodeBusy, Message: "this customer is being decided about elsewhere", RetryAfter: retryBusy}

// checkCommand looks at what can be seen without the customer's state.
func checkCommand(c *domain.Command) error {
	c.By, c.Text = strings.TrimSpace(domain.CleanText(c.By)), domain.CleanText(c.Text)
	c.Note, c.Disposition = domain.CleanText(c.Note), strings.TrimSpace(domain.CleanText(c.Disposition))
	if c.By == "" {
		return domain.FieldErrorf("by", "is required: every command has an author")
	}
	if len(c.Text) > domain.MaxPostText || len(c.Note) > domain.MaxPostText {
		return &domain.Error{Code: domain.CodeTooLarge, Field: "text", Message: "is longer than 16 KiB"}
	}
	if len(c.Disposition) > domain.MaxPostField {
		return domain.FieldErrorf("disposition", "is %d bytes long; at most %d are accepted", len(c.Disposition), domain.MaxPostField)
	}
	need := func(field, value string) error {
		if value == "" {
			return domain.FieldErrorf(field, "is required")
		}
		return nil
	}
	switch c.Kind {
	case domain.CommandTake, domain.CommandHandBack, domain.CommandClose:
		return need("case", c.Case)
	case domain.CommandReply:
		if c.Visibility != "" && c.Visibility != domain.Public && c.Visibility != domain.Private {
			return domain.FieldErrorf("visibility", "is %.40q; want \"public\" or \"private\"", c.Visibility)
		}
		return errors.Join(need("case", c.Case), need("text", strings.TrimSpace(c.Text)))
	case domain.CommandKeep:
		return errors.Join(need("case", c.Case), need("promise", c.Kept))
	case domain.CommandComplete:
		return errors.Join(need("work_item", c.WorkItem), need("disposition", c.Disposition), checkUndertake(c.Promise))
	case domain.CommandCancel:
		if c.WorkItem != "" && strings.TrimSpace(c.Note) == "" {
			return domain.FieldErrorf("note", "is required: say why the work item is no longer needed; it stays in the customer's history")
		}
		return need("work_item", c.WorkItem)
	case domain.CommandAssign, domain.CommandWrap, domain.CommandCall:
		return need("work_item", c.WorkItem)
	case domain.CommandOffer, domain.CommandAccept, domain.CommandReject, domain.CommandRescind, domain.CommandTransfer, domain.CommandSnooze,
		domain.CommandRaise, domain.CommandExpert:
		return checkDesk(c)
	case domain.CommandProfile:
		if c.Profile == nil {
			return need("profile", "")
		}
		c.Profile.Normalize()
	case domain.CommandConsent:
		if c.Consent == nil {
			return need("consent", "")
		}
		return nil
	case domain.CommandLink, domain.CommandUnlink, domain.CommandIgnore, domain.CommandUnignore:
		if len(c.Identities) == 0 {
			return need("identities", "")
		}
	case domain.CommandNote, domain.CommandIntent:
		return checkRemark(c)
	default:
		return domain.FieldErrorf("kind", "is %.40q; want take, hand_back, reply, close, keep, complete, cancel, assign, offer, accept, reject, rescind, wrap, transfer, snooze, raise, expert, call, profile, consent, link, unlink, ignore, unignore, note or intent", c.Kind)
	}
	return checkIdentities(c.Identities)
}

func checkIdentities(ids []domain.Identity) error {
	if len(ids) > domain.MaxIdentities {
		return domain.FieldErrorf("identities", "has %d entries; at most %d are accepted", len(ids), domain.MaxIdentities)
	}
	for i := range ids {
		id := &ids[i]
		for _, f := range [...]struct {
			name  string
			value *string
		}{{"network", &id.Network}, {"account", &id.Account}, {"author", &id.Author}} {
			if err := domain.CheckKey(f.name, *f.value); err != nil {
				return err
			}
		}
		for _, s := range []*string{&id.Network, &id.Account, &id.Author, &id.Handle, &id.Name} {
			*s = strings.TrimSpace(domain.CleanText(*s))
			if len(*s) > domain.MaxPostField {
				return domain.FieldErrorf("identities", "has a name of %d bytes; at most %d are accepted", len(*s), domain.MaxPostField)
			}
		}
		if !id.Valid() {
			return domain.FieldErrorf("identities", "needs a network and an author in each entry")
		}
	}
	return nil
}

// resolveCommands asks for the locks of those who are commanded.
func (t *turn) resolveCommands() error {
	for _, it := range t.items {
		if it.command != nil {
			t.want(it.customer)
		}
	}
	return nil
}

// admitCommands checks each command against the customer's state and hands it
// over. It is decided in this turn, after whatever was pending.
func (t *turn) admitCommands() error {
	for i, it := range t.items {
		if it.command == nil {
			continue
		}
		s, err := t.commandSeat(it)
		if err == nil {
			err = t.checkFits(s, it.command)
		}
		if err != nil {
			if !isDomain(err) {
				return err
			}
			if s != nil && s.fresh {
				t.leave(s)
			}
			it.receipt.Err = err
			continue
		}
		s.flush = true
		s.add(i, domain.Input{Kind: domain.InputCommand, At: t.now, Command: it.command}, false)
		it.receipt.Customer = s.id
		t.tally.commands++
	}
	return nil
}

func (t *turn) commandSeat(it *item) (*seat, error) {
	if it.profile != nil { // an import makes this customer
		return t.newSeat(it, domain.Customer{})
	}
	s := t.seatOf(it.customer)
	switch {
	case s == nil:
		return nil, domain.Errorf(domain.CodeNotFound, "there is no customer %v", it.customer)
	case s.taken:
		return nil, errElsewhere
	case s.broken != nil:
		return nil, &domain.Error{Code: domain.CodeUnavailable, Message: "this customer's state cannot be read; see the engine's status", RetryAfter: stuckPause}
	}
	return s, nil
}

// checkFits reports why a command does not fit the state.
func (t *turn) checkFits(s *seat, c *domain.Command) error {
	switch c.Kind {
	case domain.CommandNote, domain.CommandIntent:
		return t.checkRemark(s, c)
	case domain.CommandTake, domain.CommandHandBack, domain.CommandReply, domain.CommandClose:
		return t.checkCase(s, c)
	case domain.CommandKeep:
		return t.checkKeep(s, c)
	case domain.CommandComplete, domain.CommandCancel, domain.CommandAssign, domain.CommandOffer, domain.CommandAccept, domain.CommandReject,
		domain.CommandRescind, domain.CommandWrap, domain.CommandTransfer, domain.CommandSnooze, domain.CommandRaise, domain.CommandExpert,
		domain.CommandCall:
		return t.checkWorkItem(s, c)
	case domain.CommandProfile, domain.CommandLink:
		if err := checkSeen(s, c); err != nil {
			return err
		}
		return t.checkProfile(s, c)
	case domain.CommandUnlink, domain.CommandIgnore, domain.CommandUnignore:
		if err := checkSeen(s, c); err != nil {
			return err
		}
		for _, id := range c.Identities {
			if s.snap.Customer.Identity(id.IdentityKey) == nil {
				return domain.Errorf(domain.CodeNotFound, "the customer has no identity %v", id.IdentityKey)
			}
		}
	}
	return nil
}

func (t *turn) checkCase(s *seat, c *domain.Command) error {
	k := s.snap.Case(c.Case)
	if k == nil {
		old, err := t.tx.CaseGet(c.Case)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return domain.Errorf(domain.CodeNotFound, "there is no case %.60q", c.Case)
		case err != nil:
			return err
		}
		k = &old
	}
	switch {
	case !k.IsOpen():
		return domain.Errorf(domain.CodeConflict, "the case is resolved (%s)", k.Outcome)
	case c.Over && k.Taken() && k.Owner == c.Agent && k.Owner != c.By:
		return mayTakeOver(s, k)
	case c.Kind == domain.CommandTake && k.Taken() && k.Owner != c.By,
		c.Kind != domain.CommandTake && k.Taken() && k.Owner != c.By:
		return domain.Errorf(domain.CodeConflict, "the case is taken by %s", k.Owner)
	case c.Kind == domain.CommandTake && k.Taken():
		return domain.Errorf(domain.CodeConflict, "you have taken the case already")
	case c.Kind == domain.CommandHandBack && !k.Taken() && !k.HandedOver:
		return domain.Errorf(domain.CodeConflict, "the case is the advocate's already")
	case c.Kind == domain.CommandReply && !k.Taken() && !c.Take:
		return domain.Errorf(domain.CodeConflict, "take the case before you reply in it, or with the reply")
	case c.Kind == domain.CommandReply && t.e.cannot(k.Identity, cmp.Or(c.Visibility, domain.Private)):
		return domain.Errorf(domain.CodeConflict, "%s takes no %s messages from us", k.Identity.Network, cmp.Or(c.Visibility, domain.Private))
	}
	return nil
}

// mayTakeOver says why a case cannot be taken from the person who has it. What
// they work on is passed on as a work item, and the case with it.
func mayTakeOver(s *seat, k *domain.Case) error {
	for i := range s.snap.WorkItems {
		if w := &s.snap.WorkItems[i]; w.Case == k.ID && w.Holder() == k.Owner && (w.State == domain.WorkAssigned || w.State == domain.WorkWrapping) {
			return domain.Errorf(domain.CodeConflict, "%s works on %s of this case; pass that work item on instead", k.Owner, w.ID)
		}
	}
	return nil
}

// checkProfile refuses a reference or an identity that is another customer's:
// joining customers is a merge, and asked for as one.
func (t *turn) checkProfile(s *seat, c *domain.Command) error {
	if c.Profile != nil && c.Profile.Ref != "" && c.Profile.Ref != s.snap.Customer.Ref {
		found, err := t.tx.RefFind([]string{c.Profile.Ref})
		if err != nil {
			return err
		}
		if found[0] == 0 {
			found[0] = t.claims.ref(c.Profile.Ref, s.id)
		}
		if found[0] != s.id {
			return domain.Errorf(domain.CodeConflict, "the reference %.100q is customer %v's; merge the two if they are one person", c.Profile.Ref, found[0])
		}
	}
	if len(c.Identities) == 0 {
		return nil
	}
	keys := make([]domain.IdentityKey, len(c.Identities))
	more := 0
	for i := range c.Identities {
		keys[i] = c.Identities[i].IdentityKey
		if s.snap.Customer.Identity(keys[i]) == nil {
			more++
		}
	}
	if n := len(s.snap.Customer.Identities) + more; n > domain.MaxIdentities {
		return domain.Errorf(domain.CodeConflict, "the customer would have %d identities; at most %d are kept", n, domain.MaxIdentities)
	}
	owners, err := t.tx.IdentityFind(keys)
	if err != nil {
		return err
	}
	for i, owner := range owners {
		if owner == 0 {
			owner = t.claims.identity(keys[i], s.id)
		}
		if owner != s.id {
			return domain.Errorf(domain.CodeConflict, "the identity %v is customer %v's; merge the two if they are one person", keys[i], owner)
		}
	}
	return nil
}

// claims are the references and identities that this turn gives away, which
// the store cannot know of yet.
type claims struct {
	refs       map[string]domain.CustomerID
	identities map[domain.IdentityKey]domain.CustomerID
}

// ref returns who has claimed a reference first.
func (c *claims) ref(ref string, by domain.CustomerID) domain.CustomerID {
	if c.refs == nil {
		c.refs = map[string]domain.CustomerID{}
	}
	if owner, ok := c.refs[ref]; ok {
		return owner
	}
	c.refs[ref] = by
	return by
}

func (c *claims) identity(k domain.IdentityKey, by domain.CustomerID) domain.CustomerID {
	if c.identities == nil {
		c.identities = map[domain.IdentityKey]domain.CustomerID{}
	}
	if owner, ok := c.identities[k]; ok {
		return owner
	}
	c.identities[k] = by
	return by
}

// release takes back what a customer claimed who is not made after all.
func (c *claims) release(by domain.CustomerID) {
	maps.DeleteFunc(c.refs, func(_ string, owner domain.CustomerID) bool { return owner == by })
	maps.DeleteFunc(c.identities, func(_ domain.IdentityKey, owner domain.CustomerID) bool { return owner == by })
}
