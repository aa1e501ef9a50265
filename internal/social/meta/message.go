package meta

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// messaging is one event of a conversation (developers.facebook.com/docs/
// messenger-platform/reference/webhook-events; for Instagram …/
// messenger-platform/instagram/features/webhook). Of those there are, only
// what somebody says is a post: read and delivery receipts, reactions,
// referrals and the like are left out, and so is "standby", where another app
// speaks.
type messaging struct {
	Sender    reference `json:"sender"`
	Recipient reference `json:"recipient"`
	Timestamp stamp     `json:"timestamp"`
	Message   *struct {
		MID      string       `json:"mid"`
		Text     string       `json:"text"`
		Echo     bool         `json:"is_echo"`    // the account itself wrote it
		Deleted  bool         `json:"is_deleted"` // it was unsent
		Attached []attachment `json:"attachments"`
	} `json:"message"`
	Edit *struct {
		MID  string `json:"mid"`
		Text string `json:"text"`
	} `json:"message_edit"`
	Postback *struct {
		MID   string `json:"mid"`
		Title string `json:"title"`
	} `json:"postback"`
}

type attachment struct {
	Type    string `json:"type"`
	Payload struct {
		URL   string `json:"url"`
		Title string `json:"title"`
	} `json:"payload"`
}

// readMessage makes a post of an event, none where nobody said anything.
func (n *Network) readMessage(ctx context.Context, raw json.RawMessage, at time.Time) (domain.Post, bool, error) {
	var m messaging
	if json.Unmarshal(raw, &m) != nil {
		n.log.Warn("an event of a conversation cannot be read")
		return domain.Post{}, false, nil
	}
	if !m.Timestamp.IsZero() {
		at = m.Timestamp.Time
	}
	sender := string(m.Sender.ID)
	if n.ourID(sender) {
		sender = n.self()
	}
	switch {
	case m.Message != nil && m.Message.Deleted:
		p, ok := n.deletion(m.Message.MID, sender, at)
		p.Visibility = domain.Private
		return p, ok && messagePattern.MatchString(p.ID), nil
	case m.Message != nil && (m.Message.Echo || sender == n.self()):
		p, ok := n.private(m.Message.MID, n.self(), "", m.Message.Text, at, m.Message.Attached)
		return n.ours(ctx, p, ok, string(m.Recipient.ID))
	case m.Message != nil:
		p, ok := n.private(m.Message.MID, sender, "", m.Message.Text, at, m.Message.Attached)
		return n.theirs(ctx, p, ok)
	case m.Edit != nil && sender != n.self():
		p, ok := n.private(m.Edit.MID, sender, "", m.Edit.Text, at, nil)
		return p, ok, nil
	case m.Postback != nil:
		id := m.Postback.MID
		if id == "" {
			id = fmt.Sprintf("postback-%s-%d", sender, at.UnixMilli())
		}
		p, ok := n.private(id, sender, "", m.Postback.Title, at, nil)
		return n.theirs(ctx, p, ok)
	}
	return domain.Post{}, false, nil
}

// private makes a post of a message. Which message it quotes ("reply_to") is not
// read: asked for later it would not be told, and the same post must look the
// same.
func (n *Network) private(id, author, name, text string, at time.Time, attached []attachment) (domain.Post, bool) {
	p, ok := n.draft(id, author, name, "", text, at)
	p.Visibility = domain.Private
	for _, a := range attached {
		if address := link(a.Payload.URL); address != "" && len(p.Media) < domain.MaxPostMedia {
			p.Media = append(p.Media, domain.Media{URL: address, Alt: social.Clean(a.Payload.Title, domain.MaxPostField), Type: social.Clean(a.Type, 60)})
		}
	}
	return p, ok && messagePattern.MatchString(id) && (text != "" || len(attached) > 0)
}

// theirs notes when somebody last wrote: it opens the time in which they may
// be written to, and tells what a reply from elsewhere answers.
func (n *Network) theirs(ctx context.Context, p domain.Post, ok bool) (domain.Post, bool, error) {
	if !ok {
		return p, false, nil
	}
	return p, true, n.talks.Heard(ctx, p.Author.ID, social.Talk{Message: p.ID, At: p.At})
}

// ours finds what a message of the account answers: the last of theirs.
func (n *Network) ours(ctx context.Context, p domain.Post, ok bool, to string) (domain.Post, bool, error) {
	if !ok {
		return p, false, nil
	}
	t, err := n.talks.Last(ctx, to, p.At)
	p.InReplyTo = t.Message
	return p, true, err
}
