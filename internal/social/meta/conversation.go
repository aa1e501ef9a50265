package meta

import (
	"context"
	"net/url"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

const messageFields = "id,created_time,from,to,message,attachments{id,mime_type,name,image_data,video_data,file_url}"

// conversation and storedMessage are as the Conversations API gives them
// (developers.facebook.com/docs/messenger-platform/conversations).
type conversation struct {
	ID      ident `json:"id"`
	Updated stamp `json:"updated_time"`
}

type storedMessage struct {
	ID      string `json:"id"`
	Created stamp  `json:"created_time"`
	From    author `json:"from"`
	To      struct {
		Data []author `json:"data"`
	} `json:"to"`
	Message  string `json:"message"`
	Attached *struct {
		Data []struct {
			Type  string    `json:"mime_type"`
			Name  string    `json:"name"`
			Image reference `json:"image_data"`
			Video reference `json:"video_data"`
			File  string    `json:"file_url"`
		} `json:"data"`
	} `json:"attachments"`
}

func (m *storedMessage) attachments() []attachment {
	if m.Attached == nil {
		return nil
	}
	var out []attachment
	for _, a := range m.Attached.Data {
		one := attachment{Type: a.Type}
		one.Payload.Title, one.Payload.URL = a.Name, a.File
		for _, r := range []reference{a.Image, a.Video} {
			if r.URL != "" {
				one.Payload.URL = r.URL
			}
		}
		out = append(out, one)
	}
	return out
}

// ourID reports whether an id in a conversation is the account's. On Instagram
// it may be the Page that is named.
func (n *Network) ourID(id string) bool { return id == n.self() || id == n.c.Page }

func (n *Network) platform() string {
	if n.c.Kind == Instagram {
		return "instagram"
	}
	return "messenger"
}

// messagesSince reads the conversations in which something was said since,
// latest first. Of each only the latest 20 messages are told
// (…/messenger-platform/conversations, "Limitations").
func (n *Network) messagesSince(ctx context.Context, since time.Time) ([]domain.Post, error) {
	var changed []string
	q := url.Values{"platform": {n.platform()}, "fields": {"id,updated_time"}, "limit": {listSize}}
	whole, err := each(ctx, n, n.c.Page+"/conversations", q, maxPages, func(c *conversation) bool {
		if !c.Updated.IsZero() && c.Updated.Before(since) {
			return false
		}
		if messagePattern.MatchString(string(c.ID)) {
			changed = append(changed, string(c.ID))
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	n.bounded(whole, nil, "conversations")
	var out []domain.Post
	for _, id := range changed {
		messages, err := n.messagesOf(ctx, id, since)
		if err != nil && !goneError(err) {
			return nil, err
		}
		posts, err := n.said(ctx, messages)
		if err != nil {
			return nil, err
		}
		out = append(out, posts...)
	}
	return out, nil
}

// messagesOf reads a conversation's messages since a time, latest first.
func (n *Network) messagesOf(ctx context.Context, conversation string, since time.Time) ([]storedMessage, error) {
	var out []storedMessage
	q := url.Values{"fields": {messageFields}, "limit": {"20"}}
	_, err := each(ctx, n, conversation+"/messages", q, 1, func(m *storedMessage) bool {
		if m.Created.Before(since) {
			return false
		}
		out = append(out, *m)
		return true
	})
	return out, err
}

// said makes posts of a conversation's messages, oldest first.
func (n *Network) said(ctx context.Context, messages []storedMessage) ([]domain.Post, error) {
	var out []domain.Post
	for i := len(messages) - 1; i >= 0; i-- {
		m := &messages[i]
		var p domain.Post
		var ok bool
		var err error
		if n.ourID(string(m.From.ID)) {
			to := ""
			if len(m.To.Data) > 0 {
				to = string(m.To.Data[0].ID)
			}
			p, ok = n.private(m.ID, n.self(), "", m.Message, m.Created.Time, m.attachments())
			p, ok, err = n.ours(ctx, p, ok, to)
		} else {
			p, ok = n.private(m.ID, string(m.From.ID), m.From.Name, m.Message, m.Created.Time, m.attachments())
			p.Author.Handle = social.Clean(m.From.Username, domain.MaxPostField)
			p, ok, err = n.theirs(ctx, p, ok)
		}
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, p)
		}
	}
	return out, nil
}
