package meta

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
)

// Kind is which of Meta's networks an account is on.
type Kind string

const (
	Facebook  Kind = "facebook"  // a Page
	Instagram Kind = "instagram" // a professional account that is linked to a Page
)

// Mode is how posts come.
type Mode string

const (
	Webhook Mode = "webhook" // told by Meta; asked for only to close gaps
	Poll    Mode = "poll"    // asked for
)

// Limits and defaults.
const (
	defaultGraph       = "https://graph.facebook.com"
	defaultVersion     = "v25.0"
	defaultPollWebhook = 15 * time.Minute
	defaultPoll        = time.Minute
	minPoll            = 10 * time.Second
	maxPoll            = 6 * time.Hour
	defaultRecent      = 25
	maxRecent          = 100
	defaultParts       = 3
	maxParts           = 10
)

// Config is an account on Facebook or Instagram as an operator writes it.
type Config struct {
	// Kind is set by whoever reads the configuration.
	Kind Kind `json:"-" yaml:"-"`
	// Account is a label, needed only for a second account on one network.
	Account string `json:"account,omitempty" yaml:"account,omitempty"`
	// App is the id of the Meta app.
	App string `json:"app" yaml:"app"`
	// AppSecret is the app's: it proves who we are and checks what Meta sends.
	AppSecret secret.Ref `json:"app_secret" yaml:"app_secret"`
	// AccessToken is the Page's long-lived token.
	AccessToken secret.Ref `json:"access_token" yaml:"access_token"`
	// VerifyToken is a word of your own that Meta repeats when the webhook is
	// set up; not needed in mode poll.
	VerifyToken secret.Ref `json:"verify_token,omitempty" yaml:"verify_token,omitempty"`
	// Page is the id of the Page; for Instagram of the one that is linked.
	Page string `json:"page" yaml:"page"`
	// Instagram is the id of the professional account; for Instagram only.
	Instagram string `json:"instagram,omitempty" yaml:"instagram,omitempty"`
	// Mode is how posts come: webhook (default) or poll.
	Mode Mode `json:"mode,omitempty" yaml:"mode,omitempty"`
	// Poll is how often is asked; default 1m in mode poll, 15m in mode webhook,
	// where it only closes gaps.
	Poll time.Duration `json:"poll,omitempty" yaml:"poll,omitempty"`
	// Recent is how many of our latest posts are asked for comments; default 25.
	Recent int `json:"recent,omitempty" yaml:"recent,omitempty"`
	// DirectMessages makes Messenger's or Instagram's messages come and go.
	DirectMessages bool `json:"direct_messages,omitempty" yaml:"direct_messages,omitempty"`
	// HumanAgent says that Meta has granted the app the feature of that name:
	// what a person has written may leave up to 7 days after the customer's
	// last message, not only 24 hours.
	HumanAgent bool `json:"human_agent,omitempty" yaml:"human_agent,omitempty"`
	// Parts is the most messages that one reply is split into; default 3. On
	// Instagram a public reply is one comment.
	Parts int `json:"parts,omitempty" yaml:"parts,omitempty"`
	// Version of the Graph API; default v25.0.
	Version string `json:"version,omitempty" yaml:"version,omitempty"`
	// Graph is the address of the Graph API; default
	// https://graph.facebook.com.
	Graph string `json:"graph,omitempty" yaml:"graph,omitempty"`
	// AllowPrivate lets the address be inside the company's network.
	AllowPrivate bool `json:"allow_private,omitempty" yaml:"allow_private,omitempty"`

	Place string `json:"-" yaml:"-"` // where it is configured, for errors
}

var (
	numberPattern  = regexp.MustCompile(`^[0-9]{1,30}$`)
	versionPattern = regexp.MustCompile(`^v[0-9]{1,3}\.[0-9]{1,2}$`)
)

// Check fills in the defaults and reports all mistakes, as social.Mistakes.
func (c *Config) Check() error {
	if c.Place == "" {
		c.Place = string(c.Kind)
	}
	if c.Graph == "" {
		c.Graph = defaultGraph
	}
	if c.Version == "" {
		c.Version = defaultVersion
	}
	m := &social.Mistakes{Place: c.Place}
	c.checkAccount(m)
	c.checkWays(m)
	if !versionPattern.MatchString(c.Version) {
		m.Add("version", "one like "+defaultVersion, "is %.20q", c.Version)
	}
	if err := social.CheckAddress(c.Graph, defaultGraph, c.AllowPrivate); err != nil {
		m.Note("graph", err)
	} else if u, _ := url.Parse(c.Graph); strings.Contains(u.Path, "..") {
		m.Add("graph", "", "its path must not hold \"..\"")
	}
	return m.Err()
}

func (c *Config) checkAccount(m *social.Mistakes) {
	if c.Kind != Facebook && c.Kind != Instagram {
		m.Add("kind", "facebook or instagram", "is %.20q", c.Kind)
	}
	m.Note("account", social.CheckLabel(c.Account))
	for _, id := range []struct{ name, value string }{{"app", c.App}, {"page", c.Page}} {
		if !numberPattern.MatchString(id.value) {
			m.Add(id.name, "its id, a number", "is %.40q", id.value)
		}
	}
	switch {
	case c.Kind == Instagram && !numberPattern.MatchString(c.Instagram):
		m.Add("instagram", "the professional account's id, a number", "is %.40q", c.Instagram)
	case c.Kind == Facebook && c.Instagram != "":
		m.Add("instagram", "", "is for Instagram only")
	}
	if c.AppSecret.IsZero() {
		m.Add("app_secret", "env, file or vault", "is not set")
	}
	if c.AccessToken.IsZero() {
		m.Add("access_token", "env, file or vault", "is not set")
	}
}

func (c *Config) checkWays(m *social.Mistakes) {
	if c.Mode == "" {
		c.Mode = Webhook
	}
	switch {
	case c.Mode != Webhook && c.Mode != Poll:
		m.Add("mode", "webhook or poll", "is %.40q", c.Mode)
	case c.Mode == Webhook && c.VerifyToken.IsZero():
		m.Add("verify_token", "env, file or vault, or mode poll", "is not set")
	}
	if c.Poll == 0 {
		c.Poll = defaultPollWebhook
		if c.Mode == Poll {
			c.Poll = defaultPoll
		}
	}
	if c.Recent == 0 {
		c.Recent = defaultRecent
	}
	if c.Parts == 0 {
		c.Parts = defaultParts
	}
	m.Within("poll", c.Poll, minPoll, maxPoll)
	m.Between("recent", int64(c.Recent), 1, maxRecent)
	m.Between("parts", int64(c.Parts), 1, maxParts)
	if c.HumanAgent && !c.DirectMessages {
		m.Add("human_agent", "", "is for direct_messages only")
	}
}
