package bluesky

import (
	"cmp"
	"context"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// Name is the network's name in posts. A person's DID is the same whatever
// server they are on.
const Name = "bluesky"

// A post is at most 300 graphemes and 3000 bytes
// (lexicons/app/bsky/feed/post.json), a direct message 1000 and 10000
// (lexicons/chat/bsky/convo/defs.json#messageInput).
var (
	postLength = social.Length{Max: 300, Unit: social.Graphemes, Bytes: 3000}
	chatLength = social.Length{Max: 1000, Unit: social.Graphemes, Bytes: 10000}
)

// Network is an account on Bluesky.
type Network struct {
	social.Pulse
	c      Config
	kit    social.Kit
	web    *web.Client
	log    *slog.Logger
	search search

	session  session
	view     view
	heard    heard
	recent   social.Recent[string, told]
	names    names
	partners social.Recent[string, partner]
	talks    social.Talks
	keys     social.Keys
	turn     social.Turn // held by the way that hands posts in
}

var (
	_ social.Network = (*Network)(nil)
	_ social.Runner  = (*Network)(nil)
	_ social.Fetcher = (*Network)(nil)
	_ social.Checker = (*Network)(nil)
	_ social.Healthy = (*Network)(nil)
)

// New makes the connection; it asks for nothing yet.
func New(c Config, kit social.Kit) (*Network, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	base, err := url.Parse(c.Service)
	if err != nil {
		return nil, err
	}
	kit = kit.Whole()
	n := &Network{c: c, kit: kit, log: kit.Log.With("network", Name, "account", c.Account), search: newSearch(c.Search)}
	n.web = &web.Client{Base: base.JoinPath("xrpc"), HTTP: kit.HTTP, Agent: "contact-advocate", Answered: n.quota, Now: kit.Clock.Now}
	n.talks = social.Talks{State: kit.State, Keep: domain.SeenWindow}
	n.recent.Most, n.partners.Most, n.names.known.Most = maxRecent, maxPartners, maxNames
	return n, nil
}

// Name implements social.Network.
func (n *Network) Name() string { return Name }

// Account implements social.Network.
func (n *Network) Account() string { return n.c.Account }

// Capabilities implements social.Network.
func (n *Network) Capabilities() social.Capabilities {
	stream := n.c.Mode != Notifications
	return social.Capabilities{
		PublicReply: true, PrivateMessage: n.c.DirectMessages, Settles: true,
		Public: social.Form{Text: postLength, Parts: n.c.Parts}, Private: social.Form{Text: chatLength, Parts: n.c.Parts},
		In: social.In{Search: len(n.c.Search) > 0, Private: n.c.DirectMessages, Edits: stream, Deletes: stream},
	}
}

// Run implements social.Runner. It ends with ctx alone.
func (n *Network) Run(ctx context.Context, sink social.Sink) error {
	var ways []func(context.Context, social.Sink)
	if n.c.Mode != Notifications {
		ways = append(ways, n.hearFirehose)
	}
	if n.c.Mode != Firehose {
		ways = append(ways, n.hearNotifications)
		if len(n.c.Search) > 0 && n.c.Mode == Notifications {
			ways = append(ways, n.hearSearch)
		}
	}
	if n.c.DirectMessages {
		ways = append(ways, n.hearMessages)
	}
	var all sync.WaitGroup
	for _, way := range ways {
		all.Go(func() { way(ctx, sink) })
	}
	all.Wait()
	return ctx.Err()
}

// rounds asks again and again by one way, every poll interval, and later after
// errors.
func (n *Network) rounds(ctx context.Context, way, mode string, round func(context.Context) error) {
	r := social.Rounds{Clock: n.kit.Clock, Log: n.log, Pulse: &n.Pulse, Way: way, Mode: mode, Name: cmp.Or(way, "notifications")}
	r.Run(ctx, func(ctx context.Context) (time.Duration, error) { return n.c.Poll, round(ctx) })
}
