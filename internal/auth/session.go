package auth

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const (
	touchEvery  = time.Minute // how often a session's use is written down
	maxSessions = 50          // a person; the oldest end
	maxAgent    = 200         // bytes of a browser's name
)

// How a session came about.
const (
	viaPassword = "password"
	viaLink     = "link"
	viaOIDC     = "oidc"
)

// ErrSession means that a request carried no session, or one that has ended.
var ErrSession = &domain.Error{Code: domain.CodeUnauthorized, Message: "sign in first: the session has ended"}

// Session is one browser in which a person is signed in.
type Session struct {
	ID     string    `json:"id"` // names it; opens nothing
	Login  string    `json:"login"`
	Via    string    `json:"via"` // password, link or oidc
	At     time.Time `json:"at"`
	SeenAt time.Time `json:"seen_at"` // to the minute
	Until  time.Time `json:"until"`   // it ends then at the latest
	From   string    `json:"from,omitempty"`
	Agent  string    `json:"agent,omitempty"`
	// Second says that a second factor was shown: here, or by whatever the
	// OpenID provider asks for.
	Second bool `json:"second,omitempty"`
}

// In is what signing in gives.
type In struct {
	Token     string // for the browser's cookie; "" when nobody is signed in
	Session   Session
	User      User
	Principal Principal
}

// opening says how a session came about.
type opening struct {
	via, from, agent string
	second           bool
	old              string // the token that the browser had
}

// sessionKey finds a session by the hash of its token.
func sessionKey(token string) string { return "token:" + secretHash(token) }

// open makes a session for a person whose account is locked, and writes the
// account. The token is new whatever the browser sent, and what it had before
// ends: nobody can be made to sign in to a session that another one knows.
func (s *Service) open(tx store.Tx, a *account, d *store.Document, o opening) (In, error) {
	now := s.now()
	if wellFormed(o.old) {
		if err := endByToken(tx, o.old); err != nil {
			return In{}, err
		}
	}
	if err := trimSessions(tx, a.Login); err != nil {
		return In{}, err
	}
	a.SignedInAt = now
	if err := s.putUser(tx, d, a); err != nil {
		return In{}, err
	}
	in := In{Token: randomSecret(), Session: Session{
		ID: a.Login + "/" + randomSecret()[:16], Login: a.Login, Via: o.via, At: now, SeenAt: now, Until: now.Add(s.o.SessionMax),
		From: clip(o.from, maxAgent), Agent: clip(o.agent, maxAgent), Second: o.second,
	}}
	doc := store.Document{Kind: kindSession, ID: in.Session.ID, Keys: []string{sessionKey(in.Token)}, ExpiresAt: s.idleEnd(&in.Session)}
	if err := write(tx, &doc, in.Session, now); err != nil {
		return In{}, err
	}
	var err error
	in.User = a.public(d.Version)
	in.Principal, err = s.principal(tx, a, &in.Session)
	if err != nil {
		return In{}, err
	}
	in.Principal.From = o.from
	return in, audit(tx, now, in.Principal, "session.begin", a.Login, ok, map[string]any{"via": o.via})
}

// idleEnd is when a session ends if nobody uses it any more.
func (s *Service) idleEnd(x *Session) time.Time {
	if t := x.SeenAt.Add(s.o.SessionIdle); t.Before(x.Until) {
		return t
	}
	return x.Until
}

func (s *Service) principal(r store.Reader, a *account, x *Session) (Principal, error) {
	p := Principal{
		Kind: KindSession, Name: a.Login, Role: a.Role, Shown: a.Name, Session: x.ID, From: x.From,
		Queues: slices.Clone(a.Queues), AllQueues: len(a.Queues) == 0 && a.Role != RoleAgent,
		Restricted: !x.Second && slices.Contains(s.o.RequireTOTP, a.Role),
	}
	if len(a.Queues) > 0 || a.Role != RoleAgent || s.o.QueuesOf == nil {
		return p, nil
	}
	var err error
	p.Queues, err = s.o.QueuesOf(r, a.Login)
	return p, err
}

// Session says whose a session's token is. It takes the rights from the
// account as it is now, so that what is withdrawn is gone with the next
// request. Looking is no use of the session: see SessionUse. Errors are
// ErrSession and the store's.
func (s *Service) Session(ctx context.Context, token string) (Principal, Session, error) {
	if !wellFormed(token) {
		return Principal{}, Session{}, ErrSession
	}
	var (
		p Principal
		x Session
	)
	err := s.o.Store.View(ctx, func(r store.Reader) error {
		docs, err := r.DocumentFind(kindSession, []string{sessionKey(token)})
		if err != nil {
			return err
		}
		x = Session{}
		if docs[0].ID == "" {
			return ErrSession
		}
		if err := read(&docs[0], &x); err != nil {
			return err
		}
		if now := s.now(); !now.Before(s.idleEnd(&x)) {
			return ErrSession
		}
		a, _, err := getUser(r, x.Login)
		if domain.ErrorCode(err) == domain.CodeNotFound || err == nil && a.Disabled {
			return ErrSession
		}
		if err == nil {
			p, err = s.principal(r, &a, &x)
		}
		return err
	})
	if err != nil {
		return Principal{}, Session{}, err
	}
	return p, x, nil
}

// SessionUse is Session for what a person does: the time after which a session
// that nobody uses ends begins anew.
func (s *Service) SessionUse(ctx context.Context, token string) (Principal, Session, error) {
	p, x, err := s.Session(ctx, token)
	if err == nil {
		s.touch(ctx, &x)
	}
	return p, x, err
}

// touch notes that a session is used. That it cannot be noted takes nothing
// from the request: the session ends a little sooner.
func (s *Service) touch(ctx context.Context, x *Session) {
	now := s.now()
	if now.Sub(x.SeenAt) < touchEvery {
		return
	}
	_ = s.o.Store.Update(ctx, func(tx store.Tx) error {
		docs, err := tx.DocumentLock(kindSession, []string{x.ID})
		if err != nil || docs[0].ID == "" {
			return err
		}
		var stored Session
		if err := read(&docs[0], &stored); err != nil {
			return err
		}
		if now.Sub(stored.SeenAt) < touchEvery {
			return nil
		}
		stored.SeenAt, x.SeenAt = now, now
		docs[0].ExpiresAt = s.idleEnd(&stored)
		return write(tx, &docs[0], stored, now)
	})
}

// SessionList gives a person's sessions that have not ended, the one used last
// first.
func (s *Service) SessionList(ctx context.Context, login string) ([]Session, error) {
	out := []Session{}
	now := s.now()
	err := s.o.Store.View(ctx, func(r store.Reader) error {
		out = out[:0]
		docs, err := sessionsOf(r, foldLogin(login))
		for i := range docs {
			var x Session
			if err := read(&docs[i], &x); err != nil {
				return err
			}
			if now.Before(s.idleEnd(&x)) {
				out = append(out, x)
			}
		}
		return err
	})
	slices.SortFunc(out, func(a, b Session) int { return cmp.Or(b.SeenAt.Compare(a.SeenAt), strings.Compare(a.ID, b.ID)) })
	return out, err
}

func sessionsOf(r store.DocumentReader, login string) ([]store.Document, error) {
	if login == "" {
		return nil, nil
	}
	return r.DocumentList(store.DocumentListParams{Kind: kindSession, Prefix: login + "/", Limit: 2 * maxSessions})
}

// SessionEnd ends a session by its id: one's own, or with the permission
// People anybody's. CodeNotFound for one that is not there, or not theirs.
func (s *Service) SessionEnd(ctx context.Context, by Principal, id string) error {
	login, _, _ := strings.Cut(id, "/")
	none := domain.Errorf(domain.CodeNotFound, "there is no such session")
	if login == "" || len(id) > maxAgent || login != by.Name && !by.Can(People) {
		return none
	}
	return s.update(ctx, func(tx store.Tx) error {
		docs, err := tx.DocumentLock(kindSession, []string{id})
		if err != nil {
			return err
		}
		if docs[0].ID == "" {
			return none
		}
		if err := tx.DocumentDelete(kindSession, []string{id}); err != nil {
			return err
		}
		return audit(tx, s.now(), by, "session.end", login, ok, nil)
	})
}

// SessionEndAll ends all sessions of a person but by's own.
func (s *Service) SessionEndAll(ctx context.Context, by Principal, login string) error {
	login = foldLogin(login)
	if login != by.Name && !by.Can(People) {
		return noUser(login)
	}
	return s.update(ctx, func(tx store.Tx) error {
		if _, _, err := lockUser(tx, login); err != nil {
			return err
		}
		if err := endSessions(tx, login, by.Session); err != nil {
			return err
		}
		return audit(tx, s.now(), by, "session.end_all", login, ok, nil)
	})
}

// SignOut ends the session of a token. One that has ended already is fine.
func (s *Service) SignOut(ctx context.Context, token string) error {
	p, x, err := s.Session(ctx, token)
	if errors.Is(err, ErrSession) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx store.Tx) error {
		if err := tx.DocumentDelete(kindSession, []string{x.ID}); err != nil {
			return err
		}
		return audit(tx, s.now(), p, "session.end", p.Name, ok, nil)
	})
}

func endByToken(tx store.Tx, token string) error {
	docs, err := tx.DocumentFind(kindSession, []string{sessionKey(token)})
	if err != nil || docs[0].ID == "" {
		return err
	}
	return tx.DocumentDelete(kindSession, []string{docs[0].ID})
}

// endSessions ends all of a person's sessions but one. Whoever calls it has
// the account locked, as whoever opens a session has.
func endSessions(tx store.Tx, login, but string) error {
	for {
		docs, err := sessionsOf(tx, login)
		if err != nil {
			return err
		}
		var ids []string
		for i := range docs {
			if docs[i].ID != but {
				ids = append(ids, docs[i].ID)
			}
		}
		if len(ids) == 0 {
			return nil
		}
		if err := tx.DocumentDelete(kindSession, ids); err != nil {
			return err
		}
	}
}

// trimSessions makes room for one more.
func trimSessions(tx store.Tx, login string) error {
	docs, err := sessionsOf(tx, login)
	if err != nil || len(docs) < maxSessions {
		return err
	}
	slices.SortFunc(docs, func(a, b store.Document) int { return a.UpdatedAt.Compare(b.UpdatedAt) })
	var ids []string
	for i := range docs[:len(docs)-maxSessions+1] {
		ids = append(ids, docs[i].ID)
	}
	return tx.DocumentDelete(kindSession, ids)
}

// clip cuts a text to a number of bytes, at a character's end, and keeps of it
// what can be printed.
func clip(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
	for len(s) > most {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

// Cookie names. The prefix keeps a neighbouring host from setting one, which
// works on secure pages only.
const (
	cookieSecure = "__Host-advocate"
	cookiePlain  = "advocate"
)

// Cookie is the browser's part of a session; an empty token takes it away.
// secure says that the page came over TLS.
func Cookie(token string, until time.Time, secure bool) *http.Cookie {
	c := &http.Cookie{Name: cookiePlain, Value: token, Path: "/", HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode, Expires: until}
	if secure {
		c.Name = cookieSecure
	}
	if token == "" {
		c.MaxAge, c.Expires = -1, time.Time{}
	}
	return c
}

// CookieToken reads a session's token from a request; "" for none. Two cookies
// of the name are none: one of them is somebody else's doing.
func CookieToken(r *http.Request, secure bool) string {
	name := cookiePlain
	if secure {
		name = cookieSecure
	}
	if c := r.CookiesNamed(name); len(c) == 1 {
		return c[0].Value
	}
	return ""
}
