package x

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// Name is the network's name in posts.
const Name = "x"

// agent is told to X: "Set User-Agent header"
// (https://docs.x.com/x-api/fundamentals/handling-disconnections).
const agent = "contact-advocate"

// A post counts 280 at most, a link 23
// (https://docs.x.com/fundamentals/counting-characters); with a subscription
// 25,000. A direct message may have 10,000 characters.
var (
	postLength    = social.Length{Max: 280, Unit: social.Weighted, Link: 23}
	longLength    = social.Length{Max: 25_000, Unit: social.Weighted, Link: 23}
	messageLength = social.Length{Max: 10_000, Unit: social.Characters}
)

// Network is an account on X.
type Network struct {
	social.Pulse
	c    Config
	tier tier
	kit  social.Kit
	base *url.URL
	http *http.Client
	user *web.Client // as our account
	app  *web.Client // as the app
	log  *slog.Logger

	session session
	budget  budget
	seen    social.Seen
	talks   social.Talks
	called  social.Recent[string, []string] // whom the last posts name, since X puts all of them before an answer unless it is told not to
	asked   map[string]time.Time            // when the way's list was last read from its newest post; Run's
	turn    social.Turn                     // held by the way that hands posts in
	keys    social.Keys

	mu    sync.Mutex
	us    account
	until time.Time // us is taken for granted until then
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
	base, err := url.Parse(c.API)
	if err != nil {
		return nil, err
	}
	kit = kit.Whole()
	n := &Network{c: c, tier: tiers[c.Tier], kit: kit, base: base, http: kit.HTTP, log: kit.Log.With("network", Name, "account", c.Account), asked: map[string]time.Time{}}
	n.talks = social.Talks{State: kit.State, Keep: domain.SeenWindow}
	n.seen.Most, n.called.Most = maxSeen, maxCalled
	n.user = &web.Client{Base: base, HTTP: kit.HTTP, Sign: n.signUser, Agent: agent, Answered: n.answered, Now: kit.Clock.Now}
	n.app = &web.Client{Base: base, HTTP: kit.HTTP, Sign: n.signApp, Agent: agent, Now: kit.Clock.Now}
	return n, nil
}

// Name implements social.Network.
func (n *Network) Name() string { return Name }

// Account implements social.Network.
func (n *Network) Account() string { return n.c.Account }

// Capabilities implements social.Network.
func (n *Network) Capabilities() social.Capabilities {
	return social.Capabilities{
		PublicReply: true, PrivateMessage: n.c.DirectMessages, Settles: true,
		Public: social.Form{Text: n.length(), Parts: n.c.Parts}, Private: social.Form{Text: messageLength, Parts: n.c.Parts},
		In: social.In{
			Search: len(n.c.Search) > 0, Private: n.c.DirectMessages,
			// Whether a webhook tells of edits is not documented; a deletion by
			// somebody else is told by none.
			Edits: n.c.Mode != Webhook,
			Hook:  n.c.Mode == Webhook,
		},
	}
}

func (n *Network) length() social.Length {
	if n.c.LongPosts {
		return longLength
	}
	return postLength
}

// Health implements social.Healthy.
func (n *Network) Health() social.Health {
	h := n.Pulse.Health()
	if h.Trouble == "" {
		if h.Trouble = n.budget.warning(); h.Trouble != "" {
			h.Fault = social.FaultOperator // more has to be bought, or less asked for
		}
	}
	return h
}

// Run implements social.Runner. It ends with ctx alone.
func (n *Network) Run(ctx context.Context, sink social.Sink) error {
	var all sync.WaitGroup
	all.Go(func() {
		if n.c.Mode == Stream {
			n.hearStream(ctx, sink)
			return
		}
		n.hearPolls(ctx, sink)
	})
	if n.c.DirectMessages {
		all.Go(func() { n.hearMessages(ctx, sink) })
	}
	all.Wait()
	return ctx.Err()
}

// account is whose credentials we have.
type account struct {
	ID       string    `json:"id"`
	Username string    `json:"username"`
	Seed     string    `json:"seed,omitempty"` // of the credentials it was asked with
	At       time.Time `json:"at,omitzero"`    // when X said so
}

// keepAccount is how long it is taken for granted who we are; a handle can be
// changed. Where X cannot be asked then, what was known holds on for a while.
const (
	keepAccount = 24 * time.Hour
	askAgain    = 15 * time.Minute
)

// self is our account. X is asked once a day, since it charges for that too,
// and when other credentials are there.
func (n *Network) self(ctx context.Context) (account, error) {
	n.mu.Lock()
	us, until := n.us, n.until
	n.mu.Unlock()
	now := n.kit.Clock.Now()
	seed, err := n.seed()
	switch {
	case err != nil && us.ID != "":
		return us, nil // nothing is sent without them; what comes in is still to us
	case err != nil:
		return account{}, err
	case us.Seed != seed:
		us = account{} // it may be another one by now
	case us.ID != "" && now.Before(until):
		return us, nil
	}
	b, err := n.kit.State.Get(ctx, "self")
	if err != nil {
		return account{}, social.StateError(err)
	}
	var kept account
	if b != nil && json.Unmarshal(b, &kept) == nil && validID(kept.ID) && validHandle(kept.Username) && kept.Seed == seed && now.Before(kept.At.Add(keepAccount)) {
		n.take(kept, kept.At.Add(keepAccount))
		return kept, nil
	}
	asked, _, err := n.whoAmI(ctx)
	if err != nil && us.ID != "" {
		n.log.Warn("whether our name has changed cannot be asked", "reason", social.Safe(err))
		n.take(us, now.Add(askAgain))
		return us, nil
	}
	return asked, err
}

// seed is a digest of what our account is signed in with: other credentials
// may be another account's. Those that X gives for it later do not change it.
func (n *Network) seed() (string, error) {
	from := n.c.AccessToken
	if n.c.ClientID != "" {
		from = n.c.RefreshToken
	}
	v, err := from.Read()
	if err != nil {
		return "", social.Unreadable("the credentials for X", err)
	}
	return digest(v), nil
}

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return base64.RawStdEncoding.EncodeToString(sum[:])
}

func (n *Network) take(us account, until time.Time) {
	n.mu.Lock()
	n.us, n.until = us, until
	n.mu.Unlock()
}

// whoAmI asks X for our account.
func (n *Network) whoAmI(ctx context.Context) (account, web.Answer, error) {
	var out struct {
		Data account `json:"data"`
	}
	seed, err := n.seed() // before asking: what is put there meanwhile is asked for next time
	if err != nil {
		return account{}, web.Answer{}, err
	}
	a, err := n.ask(ctx, web.Request{Path: "2/users/me", Out: &out})
	if err != nil {
		return account{}, a, err
	}
	us := out.Data
	if !validID(us.ID) || !validHandle(us.Username) {
		return account{}, a, social.Unpromised()
	}
	us.Seed, us.At = seed, n.kit.Clock.Now()
	n.take(us, us.At.Add(keepAccount))
	b, err := json.Marshal(us)
	if err == nil {
		err = n.kit.State.Put(ctx, "self", b, keepAccount)
	}
	if err != nil {
		return account{}, a, social.StateError(err)
	}
	return us, a, nil
}
