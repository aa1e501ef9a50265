package meta

import (
	"crypto/sha256"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// How long texts may be. Messenger: "Send API", "message.text", 2000
// characters of UTF-8. Instagram messages: "Instagram Messaging", "Send a text
// message", 1000 bytes of UTF-8. For comments the reference is silent; these
// are what the networks' own pages let one write.
var (
	facebookComment  = social.Length{Max: 8000, Unit: social.Characters}
	messengerMessage = social.Length{Max: 2000, Unit: social.Characters}
	instagramComment = social.Length{Max: 2200, Unit: social.Characters}
	instagramMessage = social.Length{Max: 1000, Unit: social.Bytes}
)

// Network is an account on Facebook or Instagram.
type Network struct {
	social.Pulse
	c     Config
	kit   social.Kit
	graph *web.Client // as the Page
	app   *web.Client // as the app
	log   *slog.Logger

	seen  social.Seen
	usage usage
	turn  social.Turn // held by the way that hands posts in
	keys  social.Keys
	talks social.Talks
	looks looks

	mu      sync.Mutex
	us      ourName           // on Instagram, once it is known
	checked time.Time         // when the token was last looked at
	looked  [sha256.Size]byte // which token that was
}

var (
	_ social.Network = (*Network)(nil)
	_ social.Runner  = (*Network)(nil)
	_ social.Hook    = (*Network)(nil)
	_ social.Fetcher = (*Network)(nil)
	_ social.Checker = (*Network)(nil)
	_ social.Healthy = (*Network)(nil)
)

// New makes the connection; it asks for nothing yet.
func New(c Config, kit social.Kit) (*Network, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	base, err := url.Parse(c.Graph)
	if err != nil {
		return nil, err
	}
	kit = kit.Whole()
	n := &Network{c: c, kit: kit, log: kit.Log.With("network", string(c.Kind), "account", c.Account)}
	n.seen.Most = maxSeen
	n.talks = social.Talks{State: kit.State, Keep: humanWindow + domain.MaxClockAhead}
	n.graph = &web.Client{Base: base.JoinPath(c.Version), HTTP: kit.HTTP, Agent: "contact-advocate", Sign: n.sign, Answered: n.answered, Now: kit.Clock.Now}
	n.app = &web.Client{Base: n.graph.Base, HTTP: kit.HTTP, Agent: "contact-advocate", Sign: n.signAsApp, Now: kit.Clock.Now}
	return n, nil
}

// Name implements social.Network.
func (n *Network) Name() string { return string(n.c.Kind) }

// Account implements social.Network.
func (n *Network) Account() string { return n.c.Account }

// HookName implements social.Hook.
func (n *Network) HookName() string {
	return social.HookName(string(n.c.Kind), n.c.Account)
}

// self is the id that our own posts carry.
func (n *Network) self() string {
	if n.c.Kind == Instagram {
		return n.c.Instagram
	}
	return n.c.Page
}

// Capabilities implements social.Network. Instagram has no edits of comments
// and tells of no deletions; those of messages come all the same.
func (n *Network) Capabilities() social.Capabilities {
	hook := n.c.Mode == Webhook
	c := social.Capabilities{
		PublicReply: true, PrivateMessage: n.c.DirectMessages, Settles: true,
		Public: social.Form{Text: facebookComment, Parts: n.c.Parts}, Private: social.Form{Text: messengerMessage, Parts: n.c.Parts},
		In: social.In{Private: n.c.DirectMessages, Edits: hook, Deletes: hook, Hook: hook},
	}
	if n.c.Kind == Instagram {
		// Only comments of the first level can be answered, so that a second
		// part could not answer the first.
		c.Public, c.In.Edits, c.In.Deletes = social.Form{Text: instagramComment, Parts: 1}, false, false
		c.Private.Text = instagramMessage
	}
	return c
}
