package advocate

import (
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
)

// takePost takes one post in: new, edited or deleted.
func (t *deciding) takePost(in *domain.Input) {
	p, m := in.Post, in.Understanding
	if m == nil {
		m = &domain.Understanding{Lang: "und", Intent: domain.IntentUnclear, Sentiment: domain.Neutral, Urgency: domain.UrgencyNormal, NeedsAgent: true}
	}
	switch {
	case p.Deleted:
		t.takeDeletion(p)
		return
	case t.ignored(p.Identity()):
		t.entry(domain.Entry{Kind: domain.EntryAside, Text: said.Ignored.Text(), Ref: p.ID})
		return
	case p.Unaddressed && !t.policy.AnswerAll && t.caseWithPost(p.ID) == nil:
		t.entry(domain.Entry{Kind: domain.EntryAside, Text: said.NotAddressed.Text(), Ref: p.ID, Visibility: p.Visibility})
		if !in.Edited {
			t.emit("advocate.post.watched", "", "", map[string]any{"network": p.Network, "intent": m.Intent, "sentiment": m.Sentiment, "topics": m.Topics})
		}
		return
	}
	t.touchIdentity(p)
	if in.Edited {
		if c := t.caseWithPost(p.ID); c != nil {
			t.takeEdit(c, p, m)
			return
		}
	} else if c := t.caseWithPost(p.ID); c != nil {
		return // already taken in; intake's window has passed
	}
	c, done := t.takeRating(p, m)
	if done {
		return
	}
	how := "rating"
	if c == nil {
		c, how = t.joinCase(p, m)
	}
	if c == nil {
		c, how = t.openCase(p, m.Intent), "opened"
	} else if !c.IsOpen() {
		t.reopen(c)
		c.Fired, c.Said, c.Needed = nil, nil, false // the customer begins anew, and so do the rules
	}
	before := slices.Clone(c.OrderRefs)
	t.addPost(c, p, m, how, in.Watched)
	t.addFresh(c, p, m, false, before)
}

func (t *deciding) ignored(k domain.IdentityKey) bool {
	id := t.snap.Customer.Identity(k)
	return id != nil && id.Ignored
}

// touchIdentity keeps what the network calls the author up to date. An
// identity that intake resolved to this customer and the snapshot does not
// know yet is taken in with what is known: a first contact.
func (t *deciding) touchIdentity(p *domain.Post) {
	k := p.Identity()
	id := t.snap.Customer.Identity(k)
	if id == nil {
		if len(t.snap.Customer.Identities) >= domain.MaxIdentities {
			return
		}
		t.snap.Customer.Identities = append(t.snap.Customer.Identities, domain.Identity{
			IdentityKey: k, Evidence: []domain.Evidence{{Kind: domain.EvidenceFirstContact, At: t.now}},
		})
		id = &t.snap.Customer.Identities[len(t.snap.Customer.Identities)-1]
		t.entry(domain.Entry{Kind: domain.EntryIdentity, What: string(domain.EvidenceFirstContact), Ref: k.String()})
	}
	if !id.Blocked.IsZero() && !p.Unaddressed {
		id.Blocked = time.Time{}
		t.entry(domain.Entry{Kind: domain.EntryIdentity, What: "unblocked", Ref: k.String()})
	}
	if p.Author.Handle != "" {
		id.Handle = p.Author.Handle
	}
	if p.Author.Name != "" {
		id.Name = p.Author.Name
	}
}

// addPost lets a case know what a post says. watched: it has been told of
// before, as one that was not written to us.
func (t *deciding) addPost(c *domain.Case, p *domain.Post, m *domain.Understanding, how string, watched bool) {
	void := p.Visibility == domain.Public && c.Verify != nil && !c.Verify.Failed
	t.entry(domain.Entry{
		Kind: domain.EntryPost, Case: c.ID, What: how, Text: shownText(p, m, void), Visibility: p.Visibility, Ref: p.ID, By: p.Author.Handle,
	})
	data := map[string]any{"network": p.Network, "visibility": p.Visibility}
	if watched {
		data["watched"] = true
	}
	t.emit("advocate.post.received", c.ID, "", data)
	c.Posts = append(c.Posts, domain.CasePost{ID: p.ID, From: domain.FromCustomer, At: p.At})
	c.UpdatedAt, c.Answered, c.NotSent = t.now, false, ""
	c.Visibility, c.Quote = p.Visibility, clip(p.Text, 500)
	c.Deadline = t.now.Add(t.policy.AnswerWithin)
	t.dropTimer(t.timerName(domain.TimerDeadline, c.ID))
	t.read(c, p, m)
}

// read takes over what understanding found. Doubtful findings do not displace
// surer ones of an earlier post.
func (t *deciding) read(c *domain.Case, p *domain.Post, m *domain.Understanding) {
	if c.Intent == "" || !weakIntent(m.Intent) && (weakIntent(c.Intent) || m.IntentConfidence >= 0.5) {
		c.Intent = m.Intent
	}
	for _, topic := range m.Topics {
		if !slices.Contains(c.Topics, topic) {
			c.Topics = append(c.Topics, topic)
		}
	}
	slices.Sort(c.Topics)
	if m.Sentiment != domain.Neutral || c.FirstSentiment == "" {
		c.Sentiment = m.Sentiment
	}
	if c.FirstSentiment == "" {
		c.FirstSentiment = m.Sentiment
	}
	if urgencyRank(m.Urgency) > urgencyRank(c.Urgency) {
		c.Urgency = m.Urgency
	}
	c.Needed = c.Needed || m.NeedsAgent && !weakIntent(m.Intent) || m.Sentiment == domain.Negative || m.Urgency == domain.UrgencyHigh
	if m.Lang != "" && m.Lang != "und" {
		c.Lang = m.Lang
	} else if c.Lang == "" {
		c.Lang = strings.ToLower(p.Lang)
	}
	for _, ref := range m.Values(domain.EntityOrder) {
		if ref = domain.FoldRef(ref); ref != "" && !slices.Contains(c.OrderRefs, ref) && len(c.OrderRefs) < 10 {
			c.OrderRefs = append(c.OrderRefs, ref)
			c.Focus = ref
		}
	}
	for _, tr := range m.Values(domain.EntityTracking) {
		if !slices.Contains(c.Trackings, tr) && len(c.Trackings) < 10 {
			c.Trackings = append(c.Trackings, tr)
		}
	}
	t.noteShown(c, p, m)
	t.readSignals(c, p, m)
}

// readSignals takes over what the customer asks of us as a correspondent.
func (t *deciding) readSignals(c *domain.Case, p *domain.Post, m *domain.Understanding) {
	consent := &t.snap.Customer.Consent
	if m.CallConsent != domain.Unasked {
		c.CallConsent = m.CallConsent
		if consent.Calls != m.CallConsent {
			consent.Calls, consent.CallsAt = m.CallConsent, t.now
			t.entry(domain.Entry{Kind: domain.EntryConsent, Case: c.ID, What: "calls", Text: string(m.CallConsent), Ref: p.ID})
		}
	}
	if m.Preferred != nil {
		c.Preferred = m.Preferred
	}
	switch {
	case m.Stop:
		if !consent.Stopped {
			consent.Stopped, consent.StoppedAt = true, t.now
			t.entry(domain.Entry{Kind: domain.EntryConsent, Case: c.ID, What: "stop", Ref: p.ID})
		}
	case consent.Stopped && m.NeedsAgent:
		consent.Stopped = false
		t.entry(domain.Entry{Kind: domain.EntryConsent, Case: c.ID, What: "wrote again", Ref: p.ID})
	}
	// A number is taken only where nobody else reads along: a number in public
	// may be anybody's.
	if phones := m.Values(domain.EntityPhone); len(phones) > 0 && p.Visibility == domain.Private {
		c.Phone = phones[0]
		t.giveNumber(c)
	}
}

func weakIntent(i domain.Intent) bool {
	return i == "" || i == domain.IntentUnclear || i == domain.IntentChatter || i == domain.IntentPraise || i == domain.IntentSpam
}

func urgencyRank(u domain.Urgency) int {
	switch u {
	case domain.UrgencyHigh:
		return 2
	case domain.UrgencyNormal:
		return 1
	}
	return 0
}

// addFresh queues a post for the rules, together with the other parts of the
// same message.
func (t *deciding) addFresh(c *domain.Case, p *domain.Post, m *domain.Understanding, edited bool, refsBefore []string) {
	for i := range t.fresh {
		if f := &t.fresh[i]; f.caseID == c.ID {
			f.posts, f.said = append(f.posts, p), append(f.said, m)
			f.meaning = mergeMeaning(f.meaning, *m)
			f.edited = f.edited || edited
			return
		}
	}
	t.fresh = append(t.fresh, fresh{caseID: c.ID, posts: []*domain.Post{p}, said: []*domain.Understanding{m}, meaning: *m, edited: edited, refsBefore: refsBefore, opened: len(c.Posts) < 2})
}

// mergeMeaning reads two parts as one message.
func mergeMeaning(a, b domain.Understanding) domain.Understanding {
	out := a
	if weakIntent(a.Intent) && !weakIntent(b.Intent) || weakIntent(a.Intent) == weakIntent(b.Intent) && b.IntentConfidence > a.IntentConfidence {
		out.Intent, out.IntentConfidence, out.SecondIntent = b.Intent, b.IntentConfidence, a.Intent
	}
	if b.NeedsAgent && (!a.NeedsAgent || b.NeedsAgentConfidence > a.NeedsAgentConfidence) {
		out.NeedsAgent, out.NeedsAgentConfidence = true, b.NeedsAgentConfidence
	}
	if a.Sentiment != domain.Negative && b.Sentiment != domain.Neutral {
		out.Sentiment, out.SentimentConfidence = b.Sentiment, b.SentimentConfidence
	}
	if urgencyRank(b.Urgency) > urgencyRank(a.Urgency) {
		out.Urgency = b.Urgency
	}
	out.Topics = slices.Clone(a.Topics)
	for _, x := range b.Topics {
		if !slices.Contains(out.Topics, x) {
			out.Topics = append(out.Topics, x)
		}
	}
	slices.Sort(out.Topics)
	out.Entities = append(slices.Clone(a.Entities), b.Entities...)
	out.Stop, out.WantsPerson, out.Thanks = a.Stop || b.Stop, a.WantsPerson || b.WantsPerson, b.Thanks
	out.Continues = b.Continues
	out.Lacks, out.Reply = a.Lacks || b.Lacks, a.Reply && b.Reply
	// Only all that says something may be general: a story with a question behind
	// it is the writer's own matter.
	out.GeneralQuestion = (a.GeneralQuestion || weakIntent(a.Intent)) && (b.GeneralQuestion || weakIntent(b.Intent)) && (a.GeneralQuestion || b.GeneralQuestion)
	if b.CallConsent != domain.Unasked {
		out.CallConsent = b.CallConsent
	}
	if b.Preferred != nil {
		out.Preferred = b.Preferred
	}
	return out
}

// flushPosts tries the rules on what was said, case by case.
func (t *deciding) flushPosts() {
	said := t.fresh
	t.fresh = nil
	for i := range said {
		f := &said[i]
		c := t.snap.Case(f.caseID)
		if c == nil {
			continue
		}
		v := t.view(c)
		v.Post, v.Meaning, v.Parts, v.Edited = f.posts[len(f.posts)-1], &f.meaning, len(f.posts), f.edited
		texts := make([]string, len(f.posts))
		for j, p := range f.posts {
			texts[j] = p.Text
		}
		v.PostText = strings.Join(texts, "\n")
		if f.meaning.Stop {
			t.stopped(c)
			continue
		}
		t.callInstead(c, f)
		proof := t.answerToVerification(c, f)
		if call := t.hearCall(c, f); call || proof && onlyAnswers(c, f) {
			// An answer to what we asked, and nothing else: it was taken up, and rules
			// would only wonder what it means.
			t.did(c.ID)
			t.fireRated(c.ID, v)
			continue
		}
		if f.edited {
			t.fire("post.edited", c.ID, v)
		}
		t.fire("post", c.ID, v)
		t.fireRated(c.ID, v)
		t.repost(c.ID, f)
		t.fallback(c.ID, f)
	}
}

// stopped answers "stop": one confirmation to what was just written, and
// silence from then on. The matter itself is still somebody's to look at.
func (t *deciding) stopped(c *domain.Case) {
	t.cancelUnsent(c, said.AskedToStop.Text())
	t.draft(c.ID, draft{template: "stopped", rule: EngineRule, rank: rankEngine, confirm: true})
	t.resolve(c, OutcomeStopped, said.AskedToStop.Text())
}

// repost keeps an open call up to date when the customer writes again about
// the same matter. The call stays about the post that led to it; what came
// after it is in its note.
func (t *deciding) repost(caseID string, f *fresh) {
	c := t.snap.Case(caseID)
	if c == nil || len(c.Posts) < 2 {
		return
	}
	ref := c.OpenWorkItem(domain.Callback)
	if ref == nil {
		return
	}
	w := t.snap.WorkItem(ref.ID)
	p := f.posts[len(f.posts)-1]
	if w == nil || w.Post == p.Key() || w.CreatedAt.Equal(t.now) {
		return
	}
	if f.meaning.NeedsAgent {
		w.Note = addedWords(w.Note, p.Text)
	}
	if f.meaning.Sentiment == domain.Negative && w.Raised == 0 {
		w.Priority = min(w.Priority+10, domain.PriorityUrgent)
		w.Raised++
	}
	t.putWorkItem(c, w, said.WroteAgain.Text())
}

// addedWords puts what a customer wrote later under a work item's note. The
// newest stays, whatever has to go.
func addedWords(note, text string) string {
	line := said.NoteLater.Text(clip(strings.Join(strings.Fields(text), " "), 300))
	later := "\n" + said.NoteLater.Text("")
	for len(note)+len(line) > 2000 {
		i := strings.Index(note, later)
		if i < 0 {
			note = clip(note, 1500)
			break
		}
		j := strings.Index(note[i+1:], later)
		if j < 0 {
			note = note[:i]
			continue
		}
		note = note[:i] + note[i+1+j:]
	}
	return joinNonEmpty("\n", note, line)
}

// takeEdit lets an edited post replace what it said before. What was about to
// be sent in answer to the old words is held back.
func (t *deciding) takeEdit(c *domain.Case, p *domain.Post, m *domain.Understanding) {
	for _, u := range slices.Clone(c.Unsent) {
		if u.InReplyTo == p.ID && u.By == "" && !u.Withdrawn {
			t.cancelEffect(c, u.Effect, said.PostWasEdited.Text())
			// The answer to the new words may be the same, and the first.
			c.Answered, c.LastReply, c.Replies = false, 0, max(c.Replies-1, 0)
		}
	}
	t.entry(domain.Entry{Kind: domain.EntryPost, Case: c.ID, What: "edited", Text: shownText(p, m, false), Visibility: p.Visibility, Ref: p.ID})
	c.UpdatedAt = t.now
	wasAnswered := c.Answered
	t.read(c, p, m)
	if !c.IsOpen() && m.NeedsAgent {
		t.reopen(c)
		c.Answered, wasAnswered = false, false
	}
	if wasAnswered || !c.IsOpen() {
		v := t.view(c)
		v.Post, v.Meaning, v.PostText, v.Parts, v.Edited = p, m, p.Text, 1, true
		t.fire("post.edited", c.ID, v)
		return
	}
	t.addFresh(c, p, m, true, c.OrderRefs)
}

// takeDeletion honours a deletion: no answer to what is gone, and no call
// about it unless more was said.
func (t *deciding) takeDeletion(p *domain.Post) {
	c := t.caseWithPost(p.ID)
	if c == nil {
		t.entry(domain.Entry{Kind: domain.EntryPost, What: "deleted", Ref: p.ID})
		return
	}
	left := false
	if c.Rating != nil && c.Rating.Post == p.ID {
		c.Rating.Comment = "" // the marks stay: they say nothing of anybody
	}
	for i := range c.Posts {
		if c.Posts[i].ID == p.ID {
			c.Posts[i].Gone = true
		}
		left = left || c.Posts[i].From == domain.FromCustomer && !c.Posts[i].Gone
	}
	t.fresh = slices.DeleteFunc(t.fresh, func(f fresh) bool {
		return f.caseID == c.ID && len(f.posts) == 1 && f.posts[0].ID == p.ID
	})
	for _, u := range slices.Clone(c.Unsent) {
		if (u.InReplyTo == p.ID || !left) && u.By == "" {
			t.cancelEffect(c, u.Effect, said.PostWasDeleted.Text())
		}
	}
	t.entry(domain.Entry{Kind: domain.EntryPost, Case: c.ID, What: "deleted", Ref: p.ID})
	c.UpdatedAt = t.now
	v := t.view(c)
	v.Post = p
	t.fire("post.deleted", c.ID, v)
	if c = t.snap.Case(c.ID); c == nil || left || c.Taken() {
		return
	}
	t.resolve(c, OutcomeSetAside, said.PostDeleted.Text())
	for _, s := range slices.Clone(t.snap.Subscriptions) {
		if s.Case == c.ID {
			t.dropSubscription(s.ID, "its posts are deleted")
		}
	}
}

// takeOwnReply is our staff answering in the network's own app: the case is
// theirs from then on.
func (t *deciding) takeOwnReply(in *domain.Input) {
	p := in.Post
	c := t.caseWithPost(p.InReplyTo)
	if c == nil {
		t.entry(domain.Entry{Kind: domain.EntryStaff, Text: p.Text, Visibility: p.Visibility, Ref: p.ID, By: p.Author.Handle})
		return
	}
	if c.HasPost(p.ID) {
		return
	}
	c.Posts = append(c.Posts, domain.CasePost{ID: p.ID, From: domain.FromStaff, At: p.At})
	t.entry(domain.Entry{Kind: domain.EntryStaff, Case: c.ID, Text: p.Text, Visibility: p.Visibility, Ref: p.ID, By: p.Author.Handle})
	t.take(c, domain.StaffOwner(p.Author.Handle))
	t.emit("advocate.reply.staff", c.ID, "", t.answered(c))
	t.keepPromises(c, PromisedReply, said.StaffAnswered.Text())
	c.Answered, c.Newest, c.NotSent, c.UpdatedAt = true, "", "", t.now
}

func (t *deciding) caseWithPost(id string) *domain.Case {
	for i := range t.snap.Cases {
		if t.snap.Cases[i].HasPost(id) {
			return &t.snap.Cases[i]
		}
	}
	return nil
}

// shownText is a post as the history shows it. What was given as a secret in
// public is masked.
func shownText(p *domain.Post, m *domain.Understanding, void bool) string {
	if !void {
		return p.Text
	}
	b := []byte(p.Text)
	for _, e := range m.Entities {
		if (e.Kind == domain.EntityEmail || e.Kind == domain.EntityPostcode) && e.Start >= 0 && e.Start <= e.End && e.End <= len(b) {
			for i := e.Start; i < e.End; i++ {
				b[i] = '*'
			}
		}
	}
	return string(b)
}

// clip is [domain.Cut] with a mark where something is missing.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return domain.Cut(s, n) + "…"
}

// longAgo reports whether a case's last movement is out of the window in
// which a new post may still belong to it.
func (t *deciding) longAgo(c *domain.Case, window time.Duration) bool {
	return t.now.Sub(c.UpdatedAt) > window
}
