package meta

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// facebookFields are what is asked of a comment or post (developers.facebook
// .com/docs/graph-api/reference/comment, "Fields").
const (
	facebookFields  = "id,from{id,name},message,created_time,parent{id},permalink_url,attachment{type,url,title,target{id,url}}"
	facebookPost    = "id,from{id,name},message,created_time,updated_time,permalink_url"
	instagramFields = "id,text,timestamp,username,from{id,username},parent_id,media{id}" // …/reference/instagram-comment, "Fields"
)

// author is who wrote something. On Instagram self_ig_scoped_id is there for
// ourselves only (…/webhooks/reference/instagram, "IGCommentFromUser").
type author struct {
	ID       ident  `json:"id"`
	Name     string `json:"name"`
	Username string `json:"username"`
	Self     ident  `json:"self_ig_scoped_id"`
}

type reference struct {
	ID  ident  `json:"id"`
	URL string `json:"url"`
}

// comment is a comment, or a post, of either network.
type comment struct {
	ID       ident      `json:"id"`
	From     author     `json:"from"`
	Message  string     `json:"message"` // Facebook
	Created  stamp      `json:"created_time"`
	Updated  stamp      `json:"updated_time"`
	Parent   *reference `json:"parent"`
	Link     string     `json:"permalink_url"`
	Attached *struct {
		Type   string    `json:"type"`
		Title  string    `json:"title"`
		URL    string    `json:"url"`
		Target reference `json:"target"`
	} `json:"attachment"`

	Text      string     `json:"text"` // Instagram
	Timestamp stamp      `json:"timestamp"`
	Username  string     `json:"username"`
	ParentID  ident      `json:"parent_id"`
	Media     *reference `json:"media"`
	Replies   *struct {
		Data []comment `json:"data"`
	} `json:"replies"`
}

// facebook makes a post of a comment or post on Facebook.
func (n *Network) facebook(c *comment) (domain.Post, bool) {
	p, ok := n.draft(string(c.ID), string(c.From.ID), c.From.Name, "", c.Message, c.Created.Time)
	p.URL = link(c.Link)
	if p.URL == "" {
		p.URL = "https://www.facebook.com/" + url.PathEscape(p.ID)
	}
	p.InReplyTo = n.answersTo(p.ID, c.Parent)
	if a := c.Attached; a != nil {
		// The picture's own address ends after some days and differs each
		// time; that of its page stays.
		address := link(a.Target.URL)
		if address == "" {
			address = link(a.URL)
		}
		if address != "" {
			p.Media = []domain.Media{{URL: address, Alt: social.Clean(a.Title, domain.MaxPostField), Type: domain.Cut(a.Type, 60)}}
		}
	}
	return p, ok
}

// answersTo is what a comment on Facebook answers: another one, or the post
// that its id begins with ("{pagepost-id}_{comment-id}"; a post's own is
// "{page-id}_{pagepost-id}").
func (n *Network) answersTo(id string, parent *reference) string {
	if parent != nil && parent.ID != "" {
		return string(parent.ID)
	}
	post, _, ok := strings.Cut(id, "_")
	if !ok || post == n.c.Page {
		return ""
	}
	return n.c.Page + "_" + post
}

// instagram makes a post of a comment on Instagram. media is what it stands
// under, where the comment does not say.
func (n *Network) instagram(c *comment, media string) (domain.Post, bool) {
	name := c.From.Username
	if name == "" {
		name = c.Username
	}
	if c.Media != nil && c.Media.ID != "" {
		media = string(c.Media.ID)
	}
	id := string(c.From.ID)
	if id == "" && name != "" {
		id = byName(name, cmp.Or(media, string(c.ID)))
	}
	p, ok := n.draft(string(c.ID), id, "", name, c.Text, c.Timestamp.Time)
	p.Own = p.Own || c.From.Self != "" || name != "" && strings.EqualFold(name, n.handle())
	p.InReplyTo = string(c.ParentID)
	if p.InReplyTo == "" {
		p.InReplyTo = media
	}
	return p, ok
}

// byName is the author id of somebody of whom Instagram tells the name alone,
// as it does with mentions: that of the name below one media. Names change
// hands, so that the same one elsewhere, or a year later, may be somebody else,
// who must not be taken for a customer that is known. It is no address for
// messages.
func byName(username, media string) string { return "@" + strings.ToLower(username) + ":" + media }

// ourName is our own name on Instagram, as Meta has told it.
type ourName struct {
	ID   string    `json:"id"` // of the account that it is of
	Name string    `json:"name"`
	At   time.Time `json:"at"` // when it was told
}

// keepName is how long our name is taken for granted: it can be changed, and
// somebody else can take the old one. Where Meta cannot be asked then, what was
// known holds on for a while.
const (
	keepName = 24 * time.Hour
	askAgain = 15 * time.Minute
)

func (n *Network) handle() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.us.Name
}

func (n *Network) setName(us ourName) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.us = us
}

// learnName finds out our own name on Instagram, since our own comments may
// come without our id, or under one of another scope.
func (n *Network) learnName(ctx context.Context) error {
	if n.c.Kind != Instagram {
		return nil
	}
	n.mu.Lock()
	us := n.us
	n.mu.Unlock()
	now := n.kit.Clock.Now()
	if us.Name != "" && now.Before(us.At.Add(keepName)) {
		return nil
	}
	var kept ourName
	known, err := social.StateRead(ctx, n.kit.State, "name", &kept)
	if err != nil {
		return err
	}
	if known && kept.ID == n.c.Instagram && kept.At.After(us.At) {
		us = kept
	}
	if us.Name != "" && now.Before(us.At.Add(keepName)) {
		n.setName(us)
		return nil
	}
	var me author
	err = n.get(ctx, n.c.Instagram, url.Values{"fields": {"username"}}, &me)
	if err != nil && us.Name != "" {
		n.log.Warn("whether our name has changed cannot be asked", "reason", social.Safe(err))
		us.At = now.Add(askAgain - keepName)
		n.setName(us)
		return nil
	}
	if e := (*social.Error)(nil); errors.As(err, &e) && !e.Retry && !refusedAs(err, tokenCodes...) {
		n.log.Warn("our own name cannot be asked for", "reason", e.Safe)
		return nil // our id is there still
	}
	if err != nil {
		return err
	}
	us = ourName{ID: n.c.Instagram, Name: me.Username, At: now}
	n.setName(us)
	return social.StateKeep(ctx, n.kit.State, "name", us, domain.SeenWindow)
}

// look asks for a comment or post as it stands now.
func (n *Network) look(ctx context.Context, id string) (domain.Post, error) {
	m, err := n.mentionOf(ctx, id)
	if err != nil {
		return domain.Post{}, err
	}
	if n.c.Kind == Instagram {
		if m != nil {
			return n.lookMention(ctx, m)
		}
		var c comment
		if err := n.get(ctx, id, url.Values{"fields": {instagramFields}}, &c); err != nil {
			return domain.Post{}, err
		}
		return valid(n.instagram(&c, ""))
	}
	fields := facebookFields
	if post, _, _ := strings.Cut(id, "_"); post == n.c.Page || m != nil && m.Post == id {
		fields = facebookPost
	}
	var c comment
	if err := n.get(ctx, id, url.Values{"fields": {fields}}, &c); err != nil {
		return domain.Post{}, err
	}
	p, ok := n.facebook(&c)
	if m != nil && (c.Parent == nil || c.Parent.ID == "") {
		if p.InReplyTo = m.Post; p.InReplyTo == p.ID {
			p.InReplyTo = ""
		}
	}
	return valid(p, ok)
}
