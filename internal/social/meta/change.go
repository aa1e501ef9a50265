package meta

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// change is one change of a Page or an Instagram account.
type change struct {
	Field string          `json:"field"`
	Value json.RawMessage `json:"value"`
}

// feedValue is what a change of a Page's "feed" or "mention" carries
// (developers.facebook.com/docs/graph-api/webhooks/reference/page, "feed" and
// "mention").
type feedValue struct {
	Item      string          `json:"item"`
	Verb      string          `json:"verb"`
	CommentID ident           `json:"comment_id"`
	PostID    ident           `json:"post_id"`
	ParentID  ident           `json:"parent_id"`
	From      author          `json:"from"`
	Message   string          `json:"message"`
	Photo     json.RawMessage `json:"photo"`
	Video     json.RawMessage `json:"video"`
	Created   stamp           `json:"created_time"`
}

// instagramValue is what a change of "comments", "live_comments" or "mentions"
// carries (…/webhooks/reference/instagram).
type instagramValue struct {
	comment
	MediaID   ident `json:"media_id"`
	CommentID ident `json:"comment_id"`
}

// read makes a post of a change, none where it is not for us. An error means
// that something had to be asked for and could not be had just now.
func (n *Network) read(ctx context.Context, raw json.RawMessage, at time.Time) (domain.Post, bool, error) {
	var c change
	if json.Unmarshal(raw, &c) != nil {
		n.log.Warn("a change cannot be read")
		return domain.Post{}, false, nil
	}
	var p domain.Post
	var ok bool
	var err error
	switch {
	case n.c.Kind == Facebook && (c.Field == "feed" || c.Field == "mention"):
		p, ok, err = n.readFeed(ctx, c, at)
	case n.c.Kind == Instagram && (c.Field == "comments" || c.Field == "live_comments"):
		p, ok, err = n.readComment(ctx, c, at)
	case n.c.Kind == Instagram && c.Field == "mentions":
		p, ok, err = n.readMention(ctx, c)
	}
	if e := (*social.Error)(nil); errors.As(err, &e) && !e.Retry && !hiddenError(err) && !refusedAs(err, tokenCodes...) {
		// It is gone by now: it will not be otherwise the next time. A new
		// token, though, or a permission given back, would show what is hidden.
		n.log.Warn("what we were told of cannot be looked at", "field", c.Field, "reason", e.Safe)
		return domain.Post{}, false, nil
	}
	return p, ok, err
}

func (n *Network) readFeed(ctx context.Context, c change, at time.Time) (domain.Post, bool, error) {
	var v feedValue
	if json.Unmarshal(c.Value, &v) != nil {
		n.log.Warn("a change cannot be read", "field", c.Field)
		return domain.Post{}, false, nil
	}
	id := v.PostID
	switch v.Item {
	case "comment":
		id = v.CommentID
	case "post", "status", "photo", "video", "link", "note":
	default:
		return domain.Post{}, false, nil // reactions, likes, shares: nothing is said
	}
	if !commentPattern.MatchString(string(id)) {
		return domain.Post{}, false, nil
	}
	switch v.Verb {
	case "remove", "delete":
		p, ok := n.deletion(string(id), string(v.From.ID), at)
		return p, ok, nil
	case "add", "edit", "edited":
	default:
		return domain.Post{}, false, nil // hidden, shown again, blocked …
	}
	if c.Field == "mention" {
		m := mention{Post: string(v.PostID), Comment: string(v.CommentID)}
		if commentPattern.MatchString(m.Post) {
			if err := n.keepMention(ctx, &m); err != nil {
				return domain.Post{}, false, err
			}
		}
	}
	if c.Field == "mention" || v.From.ID == "" || v.Message == "" || len(v.Photo)+len(v.Video) > 0 {
		p, err := n.look(ctx, string(id))
		return p, err == nil, err
	}
	if v.Created.IsZero() {
		v.Created.Time = at
	}
	one := comment{ID: id, From: v.From, Message: v.Message, Created: v.Created}
	if v.Item == "comment" && v.ParentID != "" {
		one.Parent = &reference{ID: v.ParentID}
	}
	p, ok := n.facebook(&one)
	return p, ok, nil
}

func (n *Network) readComment(ctx context.Context, c change, at time.Time) (domain.Post, bool, error) {
	var v instagramValue
	if json.Unmarshal(c.Value, &v) != nil || !commentPattern.MatchString(string(v.ID)) {
		n.log.Warn("a change cannot be read", "field", c.Field)
		return domain.Post{}, false, nil
	}
	if err := n.learnName(ctx); err != nil {
		return domain.Post{}, false, err
	}
	if v.Timestamp.IsZero() {
		v.Timestamp.Time = at
	}
	p, ok := n.instagram(&v.comment, "")
	return p, ok, nil
}

// readMention: the change names a media, and a comment where the mention is in
// one (…/webhooks/reference/instagram, "mentions").
func (n *Network) readMention(ctx context.Context, c change) (domain.Post, bool, error) {
	var v instagramValue
	if json.Unmarshal(c.Value, &v) != nil || !numberPattern.MatchString(string(v.MediaID)) || v.CommentID != "" && !numberPattern.MatchString(string(v.CommentID)) {
		n.log.Warn("a change cannot be read", "field", c.Field)
		return domain.Post{}, false, nil
	}
	if err := n.learnName(ctx); err != nil {
		return domain.Post{}, false, err
	}
	m := mention{Post: string(v.MediaID), Comment: string(v.CommentID)}
	p, err := n.lookMention(ctx, &m)
	if err != nil {
		return domain.Post{}, false, err
	}
	if err := n.keepMention(ctx, &m); err != nil {
		return domain.Post{}, false, err
	}
	return p, true, nil
}
