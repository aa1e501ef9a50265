package mastodon

import (
	"fmt"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
)

// Limits and defaults.
const (
	defaultPollStreaming = time.Minute
	defaultPoll          = 10 * time.Second
	defaultParts         = 3
	maxParts             = 10
	maxSearch            = 20
	maxSearchWord        = 100 // bytes
	maxSince             = 30 * 24 * time.Hour
)

// Who may see a public reply, as the Mastodon API names it.
const (
	visibilityPublic   = "public"
	visibilityUnlisted = "unlisted" // public, but in no timeline of the server
	visibilityPrivate  = "private"  // the author's followers
	visibilityDirect   = "direct"   // those who are mentioned
)

// Config is an account on a Mastodon server as an operator writes it.
type Config struct {
	// Account is a label, needed only for a second account on one server.
	Account string `json:"account,omitempty" yaml:"account,omitempty"`
	// URL is the server's address, such as https://mastodon.example.
	URL string `json:"url" yaml:"url"`
	// Token is an access token of the account, with the scopes read and
	// write:statuses.
	Token secret.Ref `json:"token" yaml:"token"`
	// Streaming false leaves the stream alone and only asks; default true.
	Streaming *bool `json:"streaming,omitempty" yaml:"streaming,omitempty"`
	// StreamingURL is where the server streams, if that is another host and no
	// subdomain of the server's: the token is shown there.
	StreamingURL string `json:"streaming_url,omitempty" yaml:"streaming_url,omitempty"`
	// Poll is how often notifications are asked for; by default 1m while the
	// server streams, 10s while it does not.
	Poll time.Duration `json:"poll,omitempty" yaml:"poll,omitempty"`
	// Since is how old a post may be at the very first start; default 0s: what
	// was written before is left alone.
	Since time.Duration `json:"since,omitempty" yaml:"since,omitempty"`
	// Search lists words and #hashtags; posts with one of them are watched.
	Search []string `json:"search,omitempty" yaml:"search,omitempty"`
	// ReplyVisibility is who sees our public replies: unlisted (default; not
	// in the server's timelines) or public. A reply is never seen by more than
	// the post it answers.
	ReplyVisibility string `json:"reply_visibility,omitempty" yaml:"reply_visibility,omitempty"`
	// Parts is the most posts that one reply is split into; default 3.
	Parts int `json:"parts,omitempty" yaml:"parts,omitempty"`
	// AllowPrivate lets the addresses be inside the company's network.
	AllowPrivate bool `json:"allow_private,omitempty" yaml:"allow_private,omitempty"`

	Place string `json:"-" yaml:"-"` // where it is configured, for errors
}

// Check fills in the defaults and reports all mistakes, as social.Mistakes.
func (c *Config) Check() error {
	if c.Place == "" {
		c.Place = "mastodon"
	}
	if c.Parts == 0 {
		c.Parts = defaultParts
	}
	if c.ReplyVisibility == "" {
		c.ReplyVisibility = visibilityUnlisted
	}
	m := &social.Mistakes{Place: c.Place}
	c.checkAddresses(m)
	if c.Token.IsZero() {
		m.Add("token", "env, file or vault", "is not set")
	}
	if c.Poll != 0 {
		m.Within("poll", c.Poll, time.Second, time.Hour)
	}
	m.Within("since", c.Since, 0, maxSince)
	m.Between("parts", int64(c.Parts), 1, maxParts)
	if c.ReplyVisibility != visibilityUnlisted && c.ReplyVisibility != visibilityPublic {
		m.Add("reply_visibility", "unlisted or public", "is %.40q", c.ReplyVisibility)
	}
	m.Note("account", social.CheckLabel(c.Account))
	c.checkSearch(m)
	return m.Err()
}

func (c *Config) checkAddresses(m *social.Mistakes) {
	if c.URL == "" {
		m.Add("url", "the server's address, such as https://mastodon.example", "is not set")
	} else {
		m.Note("url", social.CheckAddress(c.URL, "https://social.example", c.AllowPrivate))
	}
	switch {
	case c.StreamingURL == "":
	case !c.streams():
		m.Add("streaming_url", "it left out", "is of no use with streaming: false")
	default:
		m.Note("streaming_url", social.CheckAddress(c.StreamingURL, "wss://social.example", c.AllowPrivate))
	}
}

func (c *Config) checkSearch(m *social.Mistakes) {
	if len(c.Search) > maxSearch {
		m.Add("search", fmt.Sprintf("at most %d", maxSearch), "has %d entries", len(c.Search))
	}
	for i, w := range c.Search {
		tag, hash := strings.CutPrefix(w, "#")
		if strings.TrimSpace(tag) == "" || len(w) > maxSearchWord || hash && strings.ContainsAny(tag, "/?#. ") {
			m.Add(fmt.Sprintf("search[%d]", i), fmt.Sprintf("a word, phrase or #hashtag of at most %d bytes", maxSearchWord), "is %.40q", w)
		}
	}
}

func (c *Config) streams() bool { return c.Streaming == nil || *c.Streaming }

// pause is how long to wait between two rounds of asking.
func (c *Config) pause(streaming bool) time.Duration {
	switch {
	case c.Poll != 0:
		return c.Poll
	case streaming:
		return defaultPollStreaming
	}
	return defaultPoll
}
