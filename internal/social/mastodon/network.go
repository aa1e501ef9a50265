package mastodon

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// Network is an account on a Mastodon server.
type Network struct {
	social.Pulse
	c    Config
	kit  social.Kit
	name string
	base *url.URL
	web  *web.Client // asks as the account that we are
	open *web.Client // asks who a token's account is
	log  *slog.Logger

	server  server
	known   known // posts written to us, and our own
	watched known // what only searches found
	parents social.Recent[string, parent]
	keys    social.Keys
	turn    social.Turn   // held by the way that hands posts in
	rounds  social.Turn   // held by who asks for what is new
	wake    chan struct{} // asks for a round at once
	pages   pages

	modes     sync.Mutex // orders what is said of streaming
	streaming atomic.Bool
	deep      atomic.Bool // the next round looks further back
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
	base, err := url.Parse(c.URL)
	if err != nil {
		return nil, err
	}
	kit = kit.Whole()
	n := &Network{parents: social.Recent[string, parent]{Most: maxParents}, c: c, kit: kit, name: "mastodon:" + strings.ToLower(base.Host), base: base, wake: make(chan struct{}, 1), pages: pages{maxUp, maxDown}}
	n.log = kit.Log.With("network", n.name, "account", c.Account)
	n.web = &web.Client{Base: base, HTTP: kit.HTTP, Agent: userAgent, Sign: n.sign, Answered: n.quota, Now: kit.Clock.Now}
	open := *n.web
	open.Sign = n.signUnproven
	n.open = &open
	return n, nil
}

const (
	userAgent = "contact-advocate"
	saveTime  = 3 * time.Second // at the end of Run
)

// Name implements social.Network.
func (n *Network) Name() string { return n.name }

// Account implements social.Network.
func (n *Network) Account() string { return n.c.Account }

// Capabilities implements social.Network.
func (n *Network) Capabilities() social.Capabilities {
	form := social.Form{Text: n.server.length(), Parts: n.c.Parts}
	return social.Capabilities{
		PublicReply: true, PrivateMessage: true, Settles: true, Public: form, Private: form,
		In: social.In{Search: len(n.c.Search) > 0, Private: true, Edits: true, Deletes: true},
	}
}

// Run implements social.Runner. It ends with ctx alone.
func (n *Network) Run(ctx context.Context, sink social.Sink) error {
	var ways sync.WaitGroup
	ways.Go(func() { n.ask(ctx, sink) })
	if n.c.streams() {
		ways.Go(func() { n.listen(ctx, sink) })
	}
	ways.Wait()
	last, stop := context.WithTimeout(context.WithoutCancel(ctx), saveTime)
	defer stop()
	if err := n.known.save(last, n.kit.State); err != nil {
		n.log.Warn("what was heard last cannot be kept; some of it will come again", "error", err)
	}
	return ctx.Err()
}

// sign puts the token on a request. It is read each time, so that one that was
// exchanged is taken up, but nothing is asked or sent with it before it is known
// to be of the same account.
func (n *Network) sign(r *http.Request) error {
	token, err := n.proven(r.Context())
	return signWith(r, token, err)
}

// signUnproven is for asking whose the token is.
func (n *Network) signUnproven(r *http.Request) error {
	token, err := n.token()
	return signWith(r, token, err)
}

func signWith(r *http.Request, token string, err error) error {
	if err == nil {
		r.Header.Set("Authorization", "Bearer "+token)
		// net/http repeats by itself a request with an Idempotency-Key whose
		// answer was lost, if it can; not every server honours the key.
		r.GetBody = nil
	}
	return err
}

// proven is the token, once the server has said that it is ours.
func (n *Network) proven(ctx context.Context) (string, error) {
	token, err := n.token()
	if err != nil || n.server.knows(token) {
		return token, err
	}
	_, err = n.us(ctx)
	return token, err
}

func (n *Network) token() (string, error) {
	token, err := n.c.Token.Read()
	if err != nil {
		return "", social.Unreadable("the access token", err)
	}
	for _, r := range token {
		if r <= ' ' || r >= 0x7f {
			return "", &social.Error{Fault: social.FaultOperator, Safe: "the access token holds a character that no token has"}
		}
	}
	return token, nil
}

// quota reads https://docs.joinmastodon.org/api/rate-limits/.
func (n *Network) quota(_ int, h http.Header) {
	if q, ok := web.Limit(h, "X-Ratelimit", n.kit.Clock.Now()); ok {
		q.Name = "requests"
		n.Quota(q)
	}
}

func (n *Network) key(id string) domain.PostKey {
	return domain.PostKey{Network: n.name, Account: n.c.Account, ID: id}
}

// poke asks for a round at once.
func (n *Network) poke() {
	select {
	case n.wake <- struct{}{}:
	default: // one is asked for already
	}
}
