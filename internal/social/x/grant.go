package x

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"github.com/contact-advocate/advocate/internal/social"
)

// Of renewing access tokens.
const (
	// renewBefore is how long an access token must still hold to be used. X
	// gives it for two hours
	// (https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code,
	// "Refresh tokens").
	renewBefore = 2 * time.Minute
	// renewLimit is how long renewing may take, whoever waits for it: X gives
	// the next refresh token once, and what it gave must be kept.
	renewLimit = 30 * time.Second
	// renewTurn is for how long one node has the turn to renew: a refresh token
	// that two spend is lost to one of them.
	renewTurn = 2 * renewLimit
	turnPoll  = time.Second
	// refusedPause is how long a refresh token that was refused is left alone.
	refusedPause = 5 * time.Minute
)

// Names in the State.
const (
	grantName = "oauth2"
	turnName  = "oauth2/turn"
)

// grant is what an OAuth 2.0 sign-in has given; it is kept in the State. X
// gives a new refresh token with each access token.
type grant struct {
	Seed    string    `json:"seed"` // a digest of the configured refresh token that it all began with
	Access  string    `json:"access"`
	Refresh string    `json:"refresh"`
	Expires time.Time `json:"expires"`
}

// session is the grant in use.
type session struct {
	turn      social.Turn // held while it is read or changed
	now       grant
	unkept    bool // now could not be kept
	began     time.Time
	stale     string // an access token that X does not take any more
	refused   error
	refusedAs string    // the refresh token that was
	until     time.Time // refused holds until then
}

// token gives an access token that holds, if need be a new one. Of several
// nodes one renews it; the others wait for what it keeps.
func (n *Network) token(ctx context.Context) (string, error) {
	s := &n.session
	release, err := s.turn.Take(ctx)
	if err != nil {
		return "", social.Unreached(err)
	}
	defer release()
	first, err := n.c.RefreshToken.Read()
	if err != nil {
		return "", social.Unreadable("the credentials for X", err)
	}
	for {
		g, err := n.grant(ctx, first)
		switch {
		case err != nil:
			return "", err
		case n.holds(g):
			return g.Access, nil
		case s.refused != nil && g.Refresh == s.refusedAs && n.kit.Clock.Now().Before(s.until):
			return "", s.refused
		}
		ours, err := n.claimTurn(ctx)
		switch {
		case err != nil:
			return "", err
		case ours:
			return n.renewInTurn(ctx, first)
		case !social.Wait(ctx, n.kit.Clock, turnPoll, nil):
			return "", social.Unreached(context.Cause(ctx))
		}
	}
}

// grant is the newest that is known: ours, or what another node has kept.
func (n *Network) grant(ctx context.Context, first string) (grant, error) {
	s := &n.session
	seed := digest(first)
	if s.unkept && s.now.Seed == seed {
		n.keep(ctx) // nobody else can have gone on from there
	}
	if s.now.Seed == seed && (s.unkept || n.holds(s.now)) {
		return s.now, nil
	}
	b, err := n.kit.State.Get(ctx, grantName)
	if err != nil {
		return grant{}, social.StateError(err)
	}
	var g grant
	if b == nil || json.Unmarshal(b, &g) != nil || g.Seed != seed {
		return grant{Seed: seed, Refresh: first}, nil
	}
	s.now = g
	return g, nil
}

func (n *Network) holds(g grant) bool {
	return g.Access != "" && g.Access != n.session.stale && g.Expires.After(n.kit.Clock.Now().Add(renewBefore))
}

func (n *Network) keep(ctx context.Context) {
	b, err := json.Marshal(n.session.now)
	if err == nil {
		err = n.kit.State.Put(ctx, grantName, b, 0)
	}
	if n.session.unkept = err != nil; err != nil {
		n.log.Error("the renewed sign-in cannot be kept; if the process ends now, somebody has to sign in anew", "error", err)
	}
}

// claimTurn reports whether it is this node's turn to renew.
func (n *Network) claimTurn(ctx context.Context) (bool, error) {
	c, ok := n.kit.State.(social.Claimer)
	if !ok {
		return true, nil
	}
	ours, err := c.Claim(ctx, turnName, []byte("1"), renewTurn)
	if err != nil {
		return false, social.StateError(err)
	}
	return ours, nil
}

// renewInTurn renews in this node's turn. It is not cut off with who asked for
// it: between X's answer and its being kept the sign-in exists nowhere else.
func (n *Network) renewInTurn(ctx context.Context, first string) (string, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewLimit)
	defer cancel()
	defer func() {
		if err := n.kit.State.Put(ctx, turnName, nil, 0); err != nil {
			n.log.Warn("the turn to renew the sign-in cannot be given back; it ends by itself", "error", err)
		}
	}()
	spent := ""
	for {
		g, err := n.grant(ctx, first) // another node may have had its turn
		switch {
		case err != nil:
			return "", err
		case n.holds(g):
			return g.Access, nil
		case g.Refresh == spent:
			s := &n.session
			s.refused = &social.Error{Fault: social.FaultOperator, Safe: "X does not take the refresh token any more: sign in anew"}
			s.refusedAs, s.until = spent, n.kit.Clock.Now().Add(refusedPause)
			return "", s.refused
		}
		access, err := n.renew(ctx, g)
		if !errors.Is(err, errSpent) {
			return access, err
		}
		spent = g.Refresh // but is there a newer one by now?
	}
}

// errSpent is the error for a refresh token that X refuses.
var errSpent = errors.New("the refresh token is refused")

// renew spends a refresh token.
func (n *Network) renew(ctx context.Context, known grant) (string, error) {
	conf := oauth2.Config{ClientID: n.c.ClientID, Endpoint: oauth2.Endpoint{TokenURL: n.base.JoinPath("2/oauth2/token").String(), AuthStyle: oauth2.AuthStyleInParams}}
	if !n.c.ClientSecret.IsZero() {
		v, err := n.c.ClientSecret.Read()
		if err != nil {
			return "", social.Unreadable("the credentials for X", err)
		}
		conf.ClientSecret, conf.Endpoint.AuthStyle = v, oauth2.AuthStyleInHeader
	}
	asked := n.kit.Clock.Now()
	t, err := conf.TokenSource(context.WithValue(ctx, oauth2.HTTPClient, n.http), &oauth2.Token{RefreshToken: known.Refresh}).Token()
	var no *oauth2.RetrieveError
	switch {
	case errors.As(err, &no) && no.Response != nil && no.Response.StatusCode < 500 && no.Response.StatusCode != http.StatusTooManyRequests:
		return "", errSpent
	case errors.As(err, &no):
		return "", &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "X gives no access token now"}
	case err != nil:
		return "", social.Unreached(context.Cause(ctx)) // the library's error may quote the answer
	}
	// The machine's time is the library's; ours is the clock's.
	life := time.Duration(min(max(t.ExpiresIn, 0), 24*3600)) * time.Second
	if life == 0 {
		life = 2 * time.Hour
	}
	s := &n.session
	s.now = grant{Seed: known.Seed, Access: t.AccessToken, Refresh: t.RefreshToken, Expires: asked.Add(life)}
	s.began, s.refused = asked, nil
	n.keep(ctx)
	return s.now.Access, nil
}

// discard makes the next request take another access token, after one was
// refused. It is false where there is none to be had.
func (n *Network) discard(ctx context.Context) bool {
	s := &n.session
	if n.c.ClientID == "" {
		return false
	}
	release, err := s.turn.Take(ctx)
	if err != nil {
		return false
	}
	defer release()
	if n.kit.Clock.Now().Sub(s.began) > time.Minute { // else another call has just renewed it
		s.stale = s.now.Access
	}
	return true
}
