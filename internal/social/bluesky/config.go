package bluesky

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
)

// Mode is how posts come.
type Mode string

const (
	Notifications Mode = "notifications" // asked for; needs an AppView
	Firehose      Mode = "firehose"      // streamed; tells of deletions too
	Both          Mode = "both"
)

// Limits and defaults.
const (
	defaultService  = "https://bsky.social"
	defaultFirehose = "wss://bsky.network"
	defaultPoll     = 15 * time.Second
	defaultParts    = 3
	maxParts        = 10
	maxSearch       = 20
	maxSearchWord   = 100 // bytes
)

// Config is an account on Bluesky as an operator writes it.
type Config struct {
	// Account is a label, needed only for a second account on Bluesky.
	Account string `json:"account,omitempty" yaml:"account,omitempty"`
	// Handle is the account's name, without "@", or its DID.
	Handle string `json:"handle" yaml:"handle"`
	// AppPassword is one made for this program under Settings, App Passwords;
	// with access to direct messages if they are wanted.
	AppPassword secret.Ref `json:"app_password" yaml:"app_password"`
	// Service is the address of the account's server; default
	// https://bsky.social.
	Service string `json:"service,omitempty" yaml:"service,omitempty"`
	// Mode is how posts come: notifications (default), firehose or both.
	Mode Mode `json:"mode,omitempty" yaml:"mode,omitempty"`
	// Firehose is the address of a server or relay that streams; default
	// wss://bsky.network, the relay of the whole network. It has to be set where
	// Service is another than the default: the relay may not have its posts.
	Firehose string `json:"firehose,omitempty" yaml:"firehose,omitempty"`
	// Poll is how often notifications, searches and direct messages are asked
	// for; default 15s.
	Poll time.Duration `json:"poll,omitempty" yaml:"poll,omitempty"`
	// Search lists words, phrases and #hashtags; posts with one of them are
	// watched.
	Search []string `json:"search,omitempty" yaml:"search,omitempty"`
	// DirectMessages makes direct messages come and go.
	DirectMessages bool `json:"direct_messages,omitempty" yaml:"direct_messages,omitempty"`
	// Parts is the most posts that one reply is split into; default 3.
	Parts int `json:"parts,omitempty" yaml:"parts,omitempty"`
	// AllowPrivate lets the addresses be inside the company's network.
	AllowPrivate bool `json:"allow_private,omitempty" yaml:"allow_private,omitempty"`

	Place string `json:"-" yaml:"-"` // where it is configured, for errors
}

// handlePattern is https://atproto.com/specs/handle, "Handle Identifier Syntax".
var handlePattern = regexp.MustCompile(`^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?$`)

func validHandle(s string) bool { return len(s) <= 253 && handlePattern.MatchString(s) }

// Check fills in the defaults and reports all mistakes, as social.Mistakes.
func (c *Config) Check() error {
	if c.Place == "" {
		c.Place = "bluesky"
	}
	if c.Poll == 0 {
		c.Poll = defaultPoll
	}
	if c.Parts == 0 {
		c.Parts = defaultParts
	}
	m := &social.Mistakes{Place: c.Place}
	if !validHandle(c.Handle) && !validDID(c.Handle) {
		m.Add("handle", "the account's name without \"@\", such as shop.example.com, or its DID", "is %.60q", c.Handle)
	}
	if c.AppPassword.IsZero() {
		m.Add("app_password", "env, file or vault", "is not set")
	}
	m.Within("poll", c.Poll, time.Second, time.Hour)
	m.Between("parts", int64(c.Parts), 1, maxParts)
	m.Note("account", social.CheckLabel(c.Account))
	c.checkWays(m)
	c.checkSearch(m)
	return m.Err()
}

func (c *Config) checkWays(m *social.Mistakes) {
	if c.Service == "" {
		c.Service = defaultService
	}
	m.Note("service", social.CheckAddress(c.Service, defaultService, c.AllowPrivate))
	switch c.Mode {
	case "":
		c.Mode = Notifications
	case Notifications, Firehose, Both:
	default:
		m.Add("mode", "notifications, firehose or both", "is %.40q", c.Mode)
		return
	}
	switch {
	case c.Mode == Notifications:
		if c.Firehose != "" {
			m.Add("firehose", "", "is for mode firehose or both only")
		}
		return
	case c.Firehose != "":
	case strings.TrimRight(c.Service, "/") != defaultService:
		m.Add("firehose", fmt.Sprintf("the service's own stream (wss://%s) or a relay that has its posts (%s)", cmp.Or(social.HostOf(c.Service), "HOST"), defaultFirehose), "is not set, which works with %s only", defaultService)
		return
	default:
		c.Firehose = defaultFirehose
	}
	m.Note("firehose", social.CheckAddress(c.Firehose, defaultFirehose, c.AllowPrivate))
}

func (c *Config) checkSearch(m *social.Mistakes) {
	if len(c.Search) > maxSearch {
		m.Add("search", fmt.Sprintf("at most %d", maxSearch), "has %d entries", len(c.Search))
	}
	for i, w := range c.Search {
		if strings.TrimSpace(strings.TrimPrefix(w, "#")) == "" || len(w) > maxSearchWord {
			m.Add(fmt.Sprintf("search[%d]", i), fmt.Sprintf("a word, phrase or #hashtag of at most %d bytes", maxSearchWord), "is %.40q", w)
		}
	}
}
