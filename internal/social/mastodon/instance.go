package mastodon

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/social/web"
)

// Of a server that does not say: what Mastodon has always had.
const (
	defaultMax  = 500
	defaultLink = 23
	learnAgain  = time.Hour // what a server is may change
)

// server is what is known of the server and of our account there.
type server struct {
	turn social.Turn // held by who asks

	mu      sync.Mutex
	me      us
	what    instance
	learned time.Time
	token   string // that who we are was learned with
}

// knows reports whether a token is the one that who we are was learned with.
func (s *server) knows(token string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token == token
}

// instance is what a server says of itself.
type instance struct {
	domain    string
	software  string
	streaming string
	max       int
	link      int
	mastodon  bool // counts links and mentions as Mastodon does
}

// instanceAnswer is https://docs.joinmastodon.org/entities/Instance/ and,
// since older servers know only that, https://docs.joinmastodon.org/entities/V1_Instance/.
type instanceAnswer struct {
	Domain        text `json:"domain"`
	URI           text `json:"uri"` // v1
	Version       text `json:"version"`
	Source        text `json:"source_url"`
	MaxToot       int  `json:"max_toot_chars"` // Pleroma
	Configuration struct {
		URLs struct {
			Streaming text `json:"streaming"`
		} `json:"urls"`
		Statuses struct {
			Max  int `json:"max_characters"`
			Link int `json:"characters_reserved_per_url"`
		} `json:"statuses"`
	} `json:"configuration"`
	URLs struct { // v1
		Streaming text `json:"streaming_api"`
	} `json:"urls"`
}

// length is how long a post may be. Mastodon counts graphemes, others code
// points, of which there are never fewer.
func (s *server) length() social.Length {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.learned.IsZero() {
		return social.Length{Max: defaultMax, Unit: social.Characters, Link: defaultLink, Mention: true}
	}
	l := social.Length{Max: s.what.max, Unit: social.Characters}
	if s.what.mastodon {
		l.Link, l.Mention = s.what.link, true
	}
	return l
}

// says is what the server said of itself.
func (s *server) says() instance {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.what
}

// us returns who we are, and asks the server if that is not known, or not of the
// token that there is now.
func (n *Network) us(ctx context.Context) (us, error) {
	token, err := n.token()
	if err != nil {
		return us{}, err
	}
	if me, fresh := n.remembered(token); fresh {
		return me, nil
	}
	release, err := n.server.turn.Take(ctx)
	if err != nil {
		return us{}, social.Unreached(err)
	}
	defer release()
	me, fresh := n.remembered(token)
	if fresh {
		return me, nil // somebody else has asked meanwhile
	}
	now, err := n.learn(ctx, token)
	var e *social.Error
	if err != nil && n.server.knows(token) && (!errors.As(err, &e) || e.Fault != social.FaultOperator) {
		return me, nil // what was known will do
	}
	return now, err
}

// remembered is who we are, as far as that is known of a token and holds yet.
func (n *Network) remembered(token string) (us, bool) {
	s, now := &n.server, n.kit.Clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.me, s.token == token && !s.learned.IsZero() && now.Sub(s.learned) < learnAgain
}

// learn asks who we are. Should the token be exchanged meanwhile, its account
// is that of the one before or an error; the newer is looked at again.
func (n *Network) learn(ctx context.Context, token string) (us, error) {
	a, err := n.verify(ctx)
	if err != nil {
		return us{}, err
	}
	what, err := n.instance(ctx)
	if err != nil {
		return us{}, err
	}
	me := us{id: string(a.ID), username: string(a.Username), url: link(a.URL), domain: what.domain}
	n.server.mu.Lock()
	defer n.server.mu.Unlock()
	if n.server.me.id != "" && n.server.me.id != me.id {
		return us{}, &social.Error{Fault: social.FaultOperator, Safe: "the access token is now that of another account"}
	}
	n.server.me, n.server.what, n.server.learned, n.server.token = me, what, n.kit.Clock.Now(), token
	return me, nil
}

// verify asks who we are
// (https://docs.joinmastodon.org/methods/accounts/#verify_credentials).
func (n *Network) verify(ctx context.Context) (account, error) {
	var a account
	if _, err := n.open.Do(ctx, web.Request{Path: "/api/v1/accounts/verify_credentials", Out: &a}); err != nil {
		return a, notTheirs(err)
	}
	if !validID(string(a.ID)) || a.Username == "" {
		return a, &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "the server does not say who we are"}
	}
	return a, nil
}

// instance asks what the server is
// (https://docs.joinmastodon.org/methods/instance/#v2, else #v1).
func (n *Network) instance(ctx context.Context) (instance, error) {
	var a instanceAnswer
	_, err := n.open.Do(ctx, web.Request{Path: "/api/v2/instance", Out: &a})
	if web.Status(err) == http.StatusNotFound {
		_, err = n.open.Do(ctx, web.Request{Path: "/api/v1/instance", Out: &a})
	}
	if err != nil {
		return instance{}, notTheirs(err)
	}
	version := clean(a.Version)
	it := instance{
		domain:    strings.ToLower(cmp.Or(clean(a.Domain), hostOnly(clean(a.URI)), n.base.Host)),
		software:  short(text(strings.TrimSpace("Mastodon API " + version))),
		streaming: cmp.Or(clean(a.Configuration.URLs.Streaming), clean(a.URLs.Streaming)),
		max:       cmp.Or(max(a.Configuration.Statuses.Max, 0), max(a.MaxToot, 0), defaultMax),
		link:      cmp.Or(max(a.Configuration.Statuses.Link, 0), defaultLink),
	}
	// "2.7.2 (compatible; Pleroma 2.5.0)", and GoToSocial by its source: these
	// count a text as it is written.
	it.mastodon = !strings.Contains(version, "compatible") && !strings.Contains(strings.ToLower(string(a.Source)), "gotosocial")
	if strings.Contains(strings.ToLower(string(a.Source)), "gotosocial") {
		it.software = short(text("GoToSocial " + version))
	}
	it.max = min(it.max, 100_000)
	return it, nil
}

func hostOnly(uri string) string {
	if strings.Contains(uri, "://") {
		u, err := url.Parse(uri)
		if err != nil {
			return ""
		}
		return u.Host
	}
	return uri
}

// streamingURL is where to listen. The token is shown there, so it must be the
// configured server, below it, or configured itself.
func (n *Network) streamingURL(what instance) (*url.URL, error) {
	said := cmp.Or(n.c.StreamingURL, what.streaming)
	u := *n.base
	if said != "" {
		parsed, err := url.Parse(said)
		if err != nil || parsed.Hostname() == "" {
			return nil, &social.Error{Fault: social.FaultOperator, Safe: "the server's streaming address is no address"}
		}
		own := strings.ToLower(n.base.Hostname())
		there := strings.ToLower(parsed.Hostname())
		if n.c.StreamingURL == "" && there != own && !strings.HasSuffix(there, "."+own) {
			return nil, &social.Error{Fault: social.FaultOperator, Safe: "the server streams on another host; it must be configured as streaming_url"}
		}
		u = *parsed
		u.User = nil
	}
	switch u.Scheme {
	case "ws", "http":
		u.Scheme = "http"
	default:
		u.Scheme = "https"
	}
	if u.Scheme == "http" && n.base.Scheme == "https" && n.c.StreamingURL == "" {
		u.Scheme = "https" // never less than what was configured
	}
	return u.JoinPath("/api/v1/streaming"), nil
}

// notTheirs is an error of a request that concerns no customer.
func notTheirs(err error) error {
	var e *social.Error
	if s := web.Status(err); errors.As(err, &e) && (e.Fault == social.FaultCustomer || s == http.StatusNotFound || s == http.StatusGone) {
		return &social.Error{Fault: social.FaultOperator, Safe: "the server does not have this part of the Mastodon API", Cause: e.Cause}
	}
	return err
}
