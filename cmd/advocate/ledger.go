package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/engine"
)

// Outcomes of a post.
const (
	endAnswered   = "answered"
	endHandedOver = "handed_over"
	endSetAside   = "set_aside"
	endError      = "error"
	endNothing    = "unaccounted"
)

// fate is what came of one post: a line of --out.
type fate struct {
	ID        string            `json:"id"`
	Text      string            `json:"text"`
	Customer  domain.CustomerID `json:"customer_id"`
	Case      string            `json:"case_id"`
	Intent    domain.Intent     `json:"intent"`
	Outcome   string            `json:"outcome"`
	Reason    string            `json:"reason,omitempty"`
	Replies   []fateReply       `json:"replies"`
	WorkItems []fateWork        `json:"work_items"`
	Rules     []string          `json:"rules"`

	line int
	key  domain.PostKey
	sent int
}

type fateReply struct {
	Visibility domain.Visibility `json:"visibility"`
	Template   string            `json:"template,omitempty"`
	Text       string            `json:"text"`
	Sent       bool              `json:"sent"`
	effect     string
}

type fateWork struct {
	ID       string               `json:"id"`
	Kind     domain.WorkItemKind  `json:"kind"`
	Queue    string               `json:"queue"`
	Priority int                  `json:"priority"`
	State    domain.WorkItemState `json:"state"`
}

// ledger follows every post to its end. What happens in a case belongs to the
// post that came last in it.
type ledger struct {
	mu      sync.Mutex
	on      bool
	fates   []*fate // in the order of the file's times
	byKey   map[domain.PostKey]*fate
	current map[string][]*fate // by case: the posts of its newest input
	cases   map[string]domain.Case
	effects map[string]*fate   // replies, whose outcome is still to come
	works   map[string][]*fate // by work item: the posts that led to it
	people  map[domain.CustomerID]bool
	sum     replaySummary
}

func newLedger(posts []filePost) *ledger {
	l := &ledger{
		byKey: map[domain.PostKey]*fate{}, current: map[string][]*fate{}, cases: map[string]domain.Case{},
		effects: map[string]*fate{}, works: map[string][]*fate{}, people: map[domain.CustomerID]bool{},
	}
	l.sum.Posts = len(posts)
	return l
}

// begin forgets what imports decided.
func (l *ledger) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.on = true
}

// fate finds a post's line, or begins it: a decision may be told before the
// receipt.
func (l *ledger) fate(k domain.PostKey) *fate {
	f := l.byKey[k]
	if f == nil {
		f = &fate{ID: k.ID, key: k, Replies: []fateReply{}, WorkItems: []fateWork{}, Rules: []string{}}
		l.byKey[k] = f
	}
	return f
}

// received notes what intake said of a post.
func (l *ledger) received(p filePost, r *engine.Receipt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.fate(p.post.Key())
	switch {
	case r.Duplicate || f.line != 0:
		// The same key again: the line before has what came of it.
		f = &fate{ID: p.post.ID, Replies: []fateReply{}, WorkItems: []fateWork{}, Rules: []string{}}
		if r.Duplicate {
			f.Outcome, f.Reason = endSetAside, "duplicate"
		} else {
			// An edit or a deletion: it shares the end of the post it is about.
			f.key = p.post.Key()
			f.Outcome = "shared"
		}
	case r.Aside != "":
		f.Outcome, f.Reason = endSetAside, r.Aside
	}
	if r.Err != nil {
		f.Outcome, f.Reason = endError, r.Err.Error()
	}
	f.line, f.Text, f.Customer = p.line, p.post.Text, r.Customer
	if r.Customer != 0 {
		l.people[r.Customer] = true
	}
	l.fates = append(l.fates, f)
}

// observe is the engine's observer.
func (l *ledger) observe(c engine.Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.on || c.Decision == nil {
		return
	}
	d := c.Decision
	for i := range d.Archived {
		l.cases[d.Archived[i].ID] = d.Archived[i]
	}
	for i := range d.Next.Cases {
		l.cases[d.Next.Cases[i].ID] = d.Next.Cases[i]
	}
	l.inputs(c.Record)
	for i := range d.Effects {
		l.effect(&d.Effects[i])
	}
	for i := range d.WorkItems {
		l.workItem(&d.WorkItems[i])
	}
	l.sum.Subscriptions += len(d.Subscribe)
	for _, t := range c.Record.Rules {
		if t.Outcome != domain.RuleFired {
			continue
		}
		for _, f := range l.current[t.Case] {
			if !slices.Contains(f.Rules, t.Rule) {
				f.Rules = append(f.Rules, t.Rule)
			}
		}
	}
}

// inputs notes which posts a decision took in, and what became of effects.
func (l *ledger) inputs(r *domain.Record) {
	taken := map[string][]*fate{}
	for i := range r.Inputs {
		in := &r.Inputs[i]
		if o := in.Outcome; o != nil && o.Kind == domain.EffectReply && o.State == domain.OutcomeDone {
			if f := l.effects[o.Effect]; f != nil {
				for j := range f.Replies {
					if f.Replies[j].effect == o.Effect && !f.Replies[j].Sent {
						f.Replies[j].Sent = true
						f.sent++
					}
				}
			}
		}
		if in.Post == nil {
			continue
		}
		f := l.fate(in.Post.Key())
		if m := in.Understanding; m != nil {
			f.Intent = m.Intent
		}
		for _, e := range r.Entries {
			switch {
			case e.Ref != in.Post.ID:
			case e.Kind == domain.EntryPost && e.Case != "":
				f.Case = e.Case
				if !slices.Contains(taken[e.Case], f) {
					taken[e.Case] = append(taken[e.Case], f)
				}
			case e.Kind == domain.EntryAside:
				f.Outcome, f.Reason = endSetAside, e.Text
			case e.Kind == domain.EntryPost && e.What == "deleted":
				f.Outcome, f.Reason = endSetAside, "deleted"
			}
		}
	}
	maps.Copy(l.current, taken)
}

func (l *ledger) effect(e *domain.Effect) {
	switch {
	case e.Lookup != nil:
		l.sum.Lookups++
	case e.Reply != nil:
		if e.Reply.Visibility == domain.Public {
			l.sum.RepliesPublic++
		} else {
			l.sum.RepliesPrivate++
		}
		for i, f := range l.current[e.Case] {
			f.Replies = append(f.Replies, fateReply{Visibility: e.Reply.Visibility, Template: e.Reply.Template, Text: e.Reply.Text, effect: e.ID})
			if i == 0 {
				l.effects[e.ID] = f
			}
		}
	}
}

func (l *ledger) workItem(w *domain.WorkItem) {
	view := fateWork{w.ID, w.Kind, w.Queue, w.Priority, w.State}
	if held, known := l.works[w.ID]; known {
		for _, f := range held {
			for i := range f.WorkItems {
				if f.WorkItems[i].ID == w.ID {
					f.WorkItems[i] = view
				}
			}
		}
		return
	}
	l.sum.WorkItems++
	l.works[w.ID] = slices.Clone(l.current[w.Case])
	for _, f := range l.works[w.ID] {
		f.WorkItems = append(f.WorkItems, view)
	}
}

// end says how a post ended, by what was done about it and where its case
// stands.
func (l *ledger) end(f *fate) {
	if f.Outcome == "shared" {
		was := l.byKey[f.key]
		if was.Outcome == "" {
			l.end(was)
		}
		f.Case, f.Intent, f.Outcome, f.Reason = was.Case, was.Intent, was.Outcome, was.Reason
		return
	}
	if f.Outcome != "" {
		return
	}
	c, known := l.cases[f.Case]
	switch {
	case len(f.WorkItems) > 0 || known && (c.HandedOver || c.Taken()):
		f.Outcome, f.Reason = endHandedOver, c.Reason
	case f.sent > 0:
		f.Outcome = endAnswered
	case !known:
		f.Outcome, f.Reason = endNothing, "it belongs to no case"
	case !c.IsOpen() && c.Outcome == endSetAside:
		f.Outcome, f.Reason = endSetAside, c.Reason
	case !c.IsOpen() && c.Reason != "":
		f.Outcome, f.Reason = endSetAside, c.Outcome+": "+c.Reason
	case c.Answered && len(f.Replies) == 0:
		f.Outcome, f.Reason = endSetAside, "a closing word in a conversation"
	default:
		f.Outcome, f.Reason = endNothing, fmt.Sprintf("its case is %s and nothing was said or handed over", c.State)
	}
}

func (l *ledger) summary(badLines int) replaySummary {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.sum
	s.SetAside, s.Errors, s.Customers, s.Cases = map[string]int{}, badLines, len(l.people), len(l.cases)
	for _, f := range l.fates {
		l.end(f)
		switch f.Outcome {
		case endAnswered:
			s.Answered++
		case endHandedOver:
			s.HandedOver++
		case endSetAside:
			s.SetAside[f.Reason]++
		case endError:
			s.Errors++
		default:
			s.Unaccounted++
		}
	}
	s.Unaccounted += s.Posts - len(l.fates)
	return s
}

// write puts one line a post into a file.
func (l *ledger) write(path string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	slices.SortStableFunc(l.fates, func(a, b *fate) int { return a.line - b.line })
	for _, x := range l.fates {
		if err = enc.Encode(x); err != nil {
			break
		}
	}
	return errors.Join(err, w.Flush(), f.Close())
}

func (s *replaySummary) print(t *terminal) {
	line := func(name string, n int, note string) {
		text := fmt.Sprintf("  %-22s %8d", name, n)
		if note != "" {
			text += "  " + t.paint(dim, note)
		}
		t.printf("%s\n", text)
	}
	t.printf("%s\n", t.paint(bold, fmt.Sprintf("%s of %s in %.1f s (%.0f posts/s, %.0f virtual days)",
		amount(s.Posts, "post"), amount(s.Customers, "customer"), s.Seconds, s.PostsPerSecond, s.VirtualDays)))
	line("cases", s.Cases, "")
	line("replies, private", s.RepliesPrivate, "")
	line("replies, public", s.RepliesPublic, "")
	line("lookups", s.Lookups, "")
	line("subscriptions", s.Subscriptions, "")
	line("work items", s.WorkItems, "")
	t.printf("%s\n", t.paint(bold, "how the posts ended"))
	line("answered", s.Answered, "by the advocate alone, its questions to the customer included")
	line("handed over", s.HandedOver, "to a person")
	for _, reason := range slices.Sorted(maps.Keys(s.SetAside)) {
		line("set aside", s.SetAside[reason], strings.TrimSpace(clean(reason)))
	}
	if s.Errors > 0 {
		line("errors", s.Errors, "lines that are no posts, or were refused")
	}
	if s.Unaccounted > 0 {
		t.printf("%s\n", t.paint(red, fmt.Sprintf("  %-22s %8d  ended in nothing: this is a defect", "unaccounted", s.Unaccounted)))
	}
}
