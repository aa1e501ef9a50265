package x

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
)

// Mode is how posts come.
type Mode string

const (
	Poll    Mode = "poll"    // asked for
	Stream  Mode = "stream"  // the filtered stream; needs bearer_token
	Webhook Mode = "webhook" // sent to us by X; needs consumer_secret
)

// Limits and defaults.
const (
	defaultAPI   = "https://api.x.com"
	pollDefault  = time.Minute
	sweepDefault = 15 * time.Minute // between looks for what a webhook or stream left out
	defaultParts = 3
	maxParts     = 10
	maxSearch    = 20
	maxPhrase    = 100 // bytes
	maxBudget    = 1_000_000_000
)

// Config is an account on X as an operator writes it.
type Config struct {
	// Account is a label, needed only for a second account on X.
	Account string `json:"account,omitempty" yaml:"account,omitempty"`
	// Mode is how posts come: poll (default), stream or webhook.
	Mode Mode `json:"mode,omitempty" yaml:"mode,omitempty"`
	// Tier is what was bought of X: pay-per-use (default), free, basic, pro or
	// enterprise. It sets what posts_per_month is by default, and what is
	// refused here because X would.
	Tier string `json:"tier,omitempty" yaml:"tier,omitempty"`

	// ConsumerKey and ConsumerSecret are the app's API key and secret. The
	// secret also proves that a webhook's request is from X.
	ConsumerKey    secret.Ref `json:"consumer_key,omitzero" yaml:"consumer_key,omitempty"`
	ConsumerSecret secret.Ref `json:"consumer_secret,omitzero" yaml:"consumer_secret,omitempty"`
	// AccessToken and AccessTokenSecret are the account's own (OAuth 1.0a).
	AccessToken       secret.Ref `json:"access_token,omitzero" yaml:"access_token,omitempty"`
	AccessTokenSecret secret.Ref `json:"access_token_secret,omitzero" yaml:"access_token_secret,omitempty"`
	// ClientID, ClientSecret and RefreshToken are the other way (OAuth 2.0): a
	// refresh token of the account with the scopes tweet.read, tweet.write,
	// users.read, offline.access, and for direct messages dm.read, dm.write.
	// The secret is for confidential clients only.
	ClientID     string     `json:"client_id,omitempty" yaml:"client_id,omitempty"`
	ClientSecret secret.Ref `json:"client_secret,omitzero" yaml:"client_secret,omitempty"`
	RefreshToken secret.Ref `json:"refresh_token,omitzero" yaml:"refresh_token,omitempty"`
	// BearerToken is the app's own, for the stream.
	BearerToken secret.Ref `json:"bearer_token,omitzero" yaml:"bearer_token,omitempty"`

	// Search lists words, phrases and #hashtags; posts with one of them are
	// watched.
	Search []string `json:"search,omitempty" yaml:"search,omitempty"`
	// DirectMessages makes direct messages come and go.
	DirectMessages bool `json:"direct_messages,omitempty" yaml:"direct_messages,omitempty"`
	// LongPosts says that the account may write posts of up to 25,000
	// characters.
	LongPosts bool `json:"long_posts,omitempty" yaml:"long_posts,omitempty"`
	// PostsPerMonth is the most posts that are read in a calendar month (UTC);
	// default: the tier's.
	PostsPerMonth int64 `json:"posts_per_month,omitempty" yaml:"posts_per_month,omitempty"`
	// Backfill asks the stream for the last minutes after it broke; up to 5.
	// X has it for enterprise only.
	Backfill int `json:"backfill_minutes,omitempty" yaml:"backfill_minutes,omitempty"`
	// Poll is how often X is asked: by default every minute in mode poll, and
	// every 15 minutes in the others, for what they left out. It is asked less
	// often when posts_per_month would not last.
	Poll time.Duration `json:"poll,omitempty" yaml:"poll,omitempty"`
	// PollMessages is how often direct messages are asked for: by default as
	// Poll says, but not more often than every 90 seconds, which X's limits
	// allow; in mode stream every 90 seconds, since the stream has none.
	PollMessages time.Duration `json:"poll_messages,omitempty" yaml:"poll_messages,omitempty"`
	// Parts is the most posts that one reply is split into; default 3.
	Parts int `json:"parts,omitempty" yaml:"parts,omitempty"`
	// API is the address of X's API; default https://api.x.com.
	API string `json:"api,omitempty" yaml:"api,omitempty"`
	// AllowPrivate lets the API's address be inside the company's network.
	AllowPrivate bool `json:"allow_private,omitempty" yaml:"allow_private,omitempty"`

	Place string `json:"-" yaml:"-"` // where it is configured, for errors
}

// Check fills in the defaults and reports all mistakes, as social.Mistakes.
func (c *Config) Check() error {
	if c.Place == "" {
		c.Place = "x"
	}
	m := &social.Mistakes{Place: c.Place}
	c.checkMode(m)
	c.checkTier(m)
	c.checkCredentials(m)
	c.checkNumbers(m)
	c.checkSearch(m)
	if c.API == "" {
		c.API = defaultAPI
	}
	m.Note("api", social.CheckAddress(c.API, defaultAPI, c.AllowPrivate))
	return m.Err()
}

func (c *Config) checkMode(m *social.Mistakes) {
	switch c.Mode {
	case "":
		c.Mode = Poll
	case Poll, Stream, Webhook:
	default:
		m.Add("mode", "poll, stream or webhook", "is %.40q", c.Mode)
	}
	m.Note("account", social.CheckLabel(c.Account))
}

func (c *Config) checkTier(m *social.Mistakes) {
	if c.Tier == "" {
		c.Tier = payPerUse
	}
	t, ok := tiers[c.Tier]
	if !ok {
		m.Add("tier", "pay-per-use, free, basic, pro or enterprise", "is %.40q", c.Tier)
		return
	}
	if c.Mode == Stream && !t.stream {
		m.Add("mode", "poll", "tier %s has no filtered stream", c.Tier)
	}
	if c.Mode == Webhook && !t.webhook {
		m.Add("mode", "poll", "tier %s has no webhooks", c.Tier)
	}
	if c.DirectMessages && !t.messages {
		m.Add("direct_messages", "", "tier %s has none", c.Tier)
	}
	if c.Backfill != 0 && !t.backfill {
		m.Add("backfill_minutes", "", "tier %s has no backfill", c.Tier)
	}
	if c.PostsPerMonth == 0 {
		c.PostsPerMonth = t.posts
	}
	if c.PostsPerMonth == 0 {
		m.Add("posts_per_month", "what was bought", "is not set, and tier %s has no number of its own", c.Tier)
	}
}

func (c *Config) checkCredentials(m *social.Mistakes) {
	one := []bool{!c.AccessToken.IsZero(), !c.AccessTokenSecret.IsZero()}
	two := []bool{c.ClientID != "", !c.RefreshToken.IsZero()}
	switch {
	case !one[0] && !one[1] && !two[0] && !two[1]:
		m.Add("access_token", "consumer_key, consumer_secret, access_token and access_token_secret (OAuth 1.0a), or client_id and refresh_token (OAuth 2.0)", "is not set")
	case (one[0] || one[1]) && (two[0] || two[1] || !c.ClientSecret.IsZero()):
		m.Add("client_id", "one of them", "OAuth 1.0a and OAuth 2.0 are both configured")
	case (one[0] || one[1]) && !(one[0] && one[1] && !c.ConsumerKey.IsZero() && !c.ConsumerSecret.IsZero()):
		m.Add("access_token", "all of consumer_key, consumer_secret, access_token and access_token_secret", "OAuth 1.0a is configured in part")
	case (two[0] || two[1]) && !(two[0] && two[1]):
		m.Add("client_id", "both client_id and refresh_token", "OAuth 2.0 is configured in part")
	case c.Mode == Webhook && c.ConsumerSecret.IsZero(): // with OAuth 1.0a that is said already
		m.Add("consumer_secret", "env, file or vault", "is not set; without it nobody knows whether a webhook's request is from X")
	}
	if c.Mode == Stream && c.BearerToken.IsZero() {
		m.Add("bearer_token", "env, file or vault", "is not set; X gives the stream to the app's own token only")
	}
	if strings.ContainsFunc(c.ClientID, func(r rune) bool { return r <= ' ' || r > '~' }) {
		m.Add("client_id", "", "has characters that no id has")
	}
}

func (c *Config) checkNumbers(m *social.Mistakes) {
	if c.Poll == 0 {
		c.Poll = pollDefault
		if c.Mode != Poll {
			c.Poll = sweepDefault
		}
	}
	follows := c.PollMessages == 0
	if follows {
		c.PollMessages = max(c.Poll, messagePoll)
		if c.Mode == Stream {
			c.PollMessages = messagePoll
		}
	}
	if c.Parts == 0 {
		c.Parts = defaultParts
	}
	// 15 requests in 15 minutes ("Direct Messages").
	if !follows { // else it is as right as poll is
		m.Within("poll_messages", c.PollMessages, time.Minute, 24*time.Hour)
	}
	// 300 mentions requests in 15 minutes are allowed: one in 3 s
	// (https://docs.x.com/x-api/fundamentals/rate-limits, "Timelines").
	m.Within("poll", c.Poll, 5*time.Second, 24*time.Hour)
	m.Between("parts", int64(c.Parts), 1, maxParts)
	if c.PostsPerMonth != 0 {
		m.Between("posts_per_month", c.PostsPerMonth, 1, maxBudget)
	}
	m.Between("backfill_minutes", int64(c.Backfill), 0, 5)
	if c.Backfill > 0 && c.Mode != Stream {
		m.Add("backfill_minutes", "", "is for mode stream only")
	}
}

func (c *Config) checkSearch(m *social.Mistakes) {
	if len(c.Search) > maxSearch {
		m.Add("search", fmt.Sprintf("at most %d", maxSearch), "has %d entries", len(c.Search))
	}
	for i, w := range c.Search {
		bare := strings.TrimPrefix(w, "#")
		// A quotation mark would end the phrase and let operators in.
		bad := strings.ContainsFunc(bare, func(r rune) bool { return unicode.IsControl(r) || r == '"' || r == '\\' })
		if strings.TrimSpace(bare) == "" || len(w) > maxPhrase || bad || w != bare && strings.ContainsFunc(bare, unicode.IsSpace) {
			m.Add(fmt.Sprintf("search[%d]", i), fmt.Sprintf("a word, phrase or #hashtag of at most %d bytes, without quotation marks", maxPhrase), "is %.40q", w)
		}
	}
}
