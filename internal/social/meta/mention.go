package meta

import (
	"context"
	"net/url"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// mention is where we were named: on somebody else's post, which can be read
// and answered only in a way of its own.
type mention struct {
	Post    string `json:"post"`              // the post or media
	Comment string `json:"comment,omitempty"` // the comment on it, "" for the post itself
}

func (m *mention) id() string {
	if m.Comment != "" {
		return m.Comment
	}
	return m.Post
}

func (n *Network) mentionOf(ctx context.Context, id string) (*mention, error) {
	var m mention
	known, err := social.StateRead(ctx, n.kit.State, "mention/"+id, &m)
	if !known || m.Post == "" {
		return nil, err
	}
	return &m, nil
}

// keepMention is called before the post is handed in: it may be answered at
// once.
func (n *Network) keepMention(ctx context.Context, m *mention) error {
	return social.StateKeep(ctx, n.kit.State, "mention/"+m.id(), m, domain.SeenWindow)
}

// mentioned is the answer to a question about a mention.
type mentioned struct {
	Comment *comment `json:"mentioned_comment"`
	Media   *struct {
		comment
		Caption  string `json:"caption"`
		Comments *struct {
			Data []comment `json:"data"`
		} `json:"comments"`
	} `json:"mentioned_media"`
}

// askMention: …/instagram-graph-api/reference/ig-user/mentioned_comment and
// …/mentioned_media, "Request Syntax". Neither tells the author's id.
func (n *Network) askMention(ctx context.Context, m *mention) (mentioned, error) {
	fields := "mentioned_media.media_id(" + m.Post + "){id,caption,timestamp,username,comments{id,text,timestamp,username}}"
	if m.Comment != "" {
		fields = "mentioned_comment.comment_id(" + m.Comment + "){id,text,timestamp,username,media{id},replies{id,text,timestamp,username}}"
	}
	var out mentioned
	err := n.get(ctx, n.c.Instagram, url.Values{"fields": {fields}}, &out)
	return out, err
}

func (n *Network) lookMention(ctx context.Context, m *mention) (domain.Post, error) {
	found, err := n.askMention(ctx, m)
	if err != nil {
		return domain.Post{}, err
	}
	switch {
	case m.Comment != "" && found.Comment != nil:
		return valid(n.instagram(found.Comment, m.Post))
	case m.Comment == "" && found.Media != nil:
		found.Media.Text = found.Media.Caption
		return valid(n.instagram(&found.Media.comment, ""))
	}
	return valid(domain.Post{}, false)
}

// valid makes an error of an answer that is none.
func valid(p domain.Post, ok bool) (domain.Post, error) {
	if !ok {
		return domain.Post{}, &social.Error{Fault: social.FaultOperator, Safe: "Meta does not tell who wrote this: a permission is missing, or their profile is closed to us"}
	}
	return p, nil
}
