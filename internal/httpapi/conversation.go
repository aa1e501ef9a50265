package httpapi

import (
	"context"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/said"
	"github.com/contact-advocate/advocate/internal/store"
)

// Limits on reading a conversation out of a customer's history.
const (
	maxMessages = 500  // the newest are shown
	maxTalkRead = 5000 // decisions that are looked through
)

// messageView is a message of a case's conversation: a post of the customer's,
// or what we wrote, on its way out or arrived.
type messageView struct {
	ID         string            `json:"id" doc:"The post's on its network; the effect's while it has not left."`
	From       string            `json:"from" enum:"customer,advocate,staff" doc:"staff: a person of ours, here or in the network's own app."`
	By         string            `json:"by,omitempty" doc:"Who of ours wrote it."`
	Handle     string            `json:"handle,omitempty"`
	Name       string            `json:"name,omitempty"`
	Text       string            `json:"text" doc:"As it stands now; empty once it was deleted on its network."`
	Visibility domain.Visibility `json:"visibility,omitempty"`
	At         time.Time         `json:"at"`
	InReplyTo  string            `json:"in_reply_to,omitempty"`
	URL        string            `json:"url,omitempty"`
	Media      []domain.Media    `json:"media,omitempty" doc:"Links; nothing of it is kept here."`
	Edited     bool              `json:"edited,omitempty"`
	Deleted    bool              `json:"deleted,omitempty"`
	State      string            `json:"state" enum:"received,decided,pending,held,sending,dead,sent,shadow,failed,expired,canceled,let_go" doc:"Of what we wrote: decided means that nothing more is known of it yet."`
	NotBefore  time.Time         `json:"not_before,omitzero" doc:"While pending: it is held until then, as what nobody asked for is in the customer's quiet hours."`
	Reason     string            `json:"reason,omitempty" doc:"Why it did not leave."`
	ReasonSaid []said.Part       `json:"reason_said,omitempty" doc:"The sentences of the reason; missing where it is the network's word."`
	Template   string            `json:"template,omitempty"`
	Effect     string            `json:"effect,omitempty" doc:"What to explain it by."`
}

func (a *API) registerConversation() {
	register(a, call{id: "get-conversation", method: "GET", path: "/v1/cases/{id}/conversation", need: readCustomers, tag: "Cases", summary: "What was said in a case",
		about: "The customer's posts as they stand now, our answers, and what of ours is held, on its way or did not leave. Oldest first, the newest 500."}, a.conversation)
}

type conversationOutput struct {
	Body list[messageView]
}

func (a *API) conversation(ctx context.Context, in *CaseInput) (*conversationOutput, error) {
	c, err := a.findCase(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	var out []messageView
	err = a.view(ctx, func(r store.Reader) error {
		t := talk{of: &c, now: a.now(), ended: map[string]domain.Entry{}, posts: map[string]*domain.Post{}, changed: map[string]domain.Entry{}}
		if err := t.read(r); err != nil {
			return err
		}
		rows, err := r.EffectList(store.EffectListParams{Customer: c.CustomerID, Limit: maxMessages})
		if err != nil {
			return err
		}
		t.outbox(rows)
		out = t.messages
		return nil
	})
	for i := range out {
		out[i].ReasonSaid = said.Of(out[i].Reason)
	}
	slices.Reverse(out)
	return &conversationOutput{list[messageView]{Items: append([]messageView{}, out...)}}, err
}

// talk gathers a conversation from a history that is read newest first: how a
// message ended, or that it was edited, comes before the message itself.
type talk struct {
	of       *CaseView
	now      time.Time
	ended    map[string]domain.Entry // by effect: how it left, or why not
	changed  map[string]domain.Entry // by post: its last edit or its deletion
	posts    map[string]*domain.Post // by id, the newest revision
	messages []messageView
}

func (t *talk) read(r store.Reader) error {
	before := int64(0)
	for looked := 0; looked < maxTalkRead; {
		rows, err := r.JournalRead(store.JournalReadParams{Customer: t.of.CustomerID, BeforeSeq: before, Limit: maxPage})
		if err != nil {
			return err
		}
		for _, row := range rows {
			rec, err := decodeRecord(row)
			if err != nil {
				return err
			}
			if rec.At.Before(t.of.OpenedAt) || t.take(&rec) {
				return nil
			}
			before = row.Seq
		}
		if looked += len(rows); len(rows) < maxPage {
			return nil
		}
	}
	return nil
}

// take reads one decision and reports whether that is enough.
func (t *talk) take(rec *domain.Record) (enough bool) {
	for i := range rec.Inputs {
		if p := rec.Inputs[i].Post; p != nil && p.Network == t.of.Identity.Network && (t.posts[p.ID] == nil || t.posts[p.ID].Deleted) {
			t.posts[p.ID] = p
		}
	}
	for _, e := range slices.Backward(rec.Entries) {
		if e.Case != t.of.ID {
			continue
		}
		switch e.Kind {
		case domain.EntrySent, domain.EntryNotSent:
			if _, known := t.ended[e.Ref]; !known {
				t.ended[e.Ref] = e
			}
		case domain.EntryPost:
			t.post(e)
		case domain.EntryStaff:
			t.add(t.written(e, domain.FromStaff))
		case domain.EntryReply:
			t.add(t.ours(e))
		}
		if len(t.messages) == maxMessages {
			return true
		}
	}
	return false
}

func (t *talk) add(m messageView) { t.messages = append(t.messages, m) }

func (t *talk) post(e domain.Entry) {
	switch e.What {
	case "edited", "deleted":
		if _, known := t.changed[e.Ref]; !known {
			t.changed[e.Ref] = e
		}
	default:
		t.add(t.written(e, domain.FromCustomer))
	}
}

// written is what somebody wrote on the network.
func (t *talk) written(e domain.Entry, from string) messageView {
	m := messageView{ID: e.Ref, From: from, Handle: e.By, Text: e.Text, Visibility: e.Visibility, At: e.At, State: "received"}
	if from == domain.FromStaff {
		m.By, m.State = e.By, "sent"
	}
	if p := t.posts[e.Ref]; p != nil {
		m.Handle, m.Name, m.InReplyTo, m.URL = p.Author.Handle, p.Author.Name, p.InReplyTo, p.URL
		if !p.Deleted {
			m.At, m.Media = p.At, p.Media
		}
	}
	if last, ok := t.changed[e.Ref]; ok {
		m.Edited, m.Text = last.What == "edited", last.Text
		m.Deleted = last.What == "deleted"
	}
	if slices.ContainsFunc(t.of.Posts, func(p domain.CasePost) bool { return p.ID == e.Ref && p.Gone }) {
		m.Deleted = true
	}
	if m.Deleted {
		m.Text, m.Media, m.Edited = "", nil, false
	}
	return m
}

// ours is what was decided to be said, with what came of it.
func (t *talk) ours(e domain.Entry) messageView {
	m := messageView{ID: e.Ref, From: domain.FromAdvocate, By: e.By, Text: e.Text, Visibility: e.Visibility, At: e.At, State: "decided", Template: e.What, Effect: e.Ref}
	if e.By != "" {
		m.From, m.Template = domain.FromStaff, ""
	}
	switch end, ok := t.ended[e.Ref]; {
	case ok && end.Kind == domain.EntrySent:
		m.State, m.At = "sent", end.At
		if end.Text != "" {
			m.ID = end.Text
		}
	case ok:
		m.State, m.Reason = end.What, end.Text
		if m.State == "let go" {
			m.State = "let_go"
		}
	}
	return m
}

// outbox adds where those are that have not left.
func (t *talk) outbox(rows []store.EffectRow) {
	for i := range rows {
		for k := range t.messages {
			if m := &t.messages[k]; m.Effect == rows[i].ID && (m.State == "decided" || m.State == "failed") {
				m.State = string(rows[i].State)
				if rows[i].State == domain.EffectPending && rows[i].NotBefore.After(t.now) {
					m.NotBefore = rows[i].NotBefore
				}
				if rows[i].LastError != "" {
					m.Reason = rows[i].LastError
				}
			}
		}
	}
}
