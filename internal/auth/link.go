package auth

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Purpose is what a one-time link is for.
type Purpose string

const (
	PurposeInvite Purpose = "invite" // a first password
	PurposeReset  Purpose = "reset"  // another password
	PurposeFirst  Purpose = "first"  // the first administrator, who chooses login and password
)

// How long links work.
const (
	InviteFor = 72 * time.Hour
	ResetFor  = time.Hour
	firstFor  = 24 * time.Hour
)

// LinkPath is where a link leads on the server. What follows it is not sent
// to servers by browsers, so that it is in no log.
const LinkPath = "/link#"

// ErrLink means that a link is no good: it was used, has run out, was replaced
// by a newer one, or never was. Which of these is not told.
var ErrLink = &domain.Error{Code: domain.CodeUnauthorized, Message: "this link is not valid any more: it was used, replaced by a newer one, or has run out; ask for another"}

// link is a one-time link as it is stored, under the hash of its secret. Its
// key names whom it is for, so that there is one a person.
type link struct {
	Purpose Purpose   `json:"purpose"`
	Login   string    `json:"login,omitempty"`
	By      string    `json:"by,omitempty"`
	At      time.Time `json:"at"`
}

// Link is a link that was made. Its secret is here and nowhere else.
type Link struct {
	Secret  string
	Purpose Purpose
	Login   string
	Expires time.Time
}

// URL is the link below an address such as https://desk.example.com.
func (l *Link) URL(base string) string { return strings.TrimRight(base, "/") + LinkPath + l.Secret }

const randomBytes = 32

// randomSecret is 256 random bits as text.
func randomSecret() string {
	b := make([]byte, randomBytes)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// secretHash is what is kept of a random secret. Nobody can guess such a
// secret from its hash, so the hash need not be slow.
func secretHash(secret string) string {
	h := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(h[:])
}

// wellFormed reports whether something could be a random secret: nothing else
// is looked up.
func wellFormed(secret string) bool {
	b, err := base64.RawURLEncoding.DecodeString(secret)
	return err == nil && len(b) == randomBytes
}

// LinkMake makes a one-time link for a person: an invitation while there is no
// password, or a reset. Links made for them before are void.
func (s *Service) LinkMake(ctx context.Context, by Principal, login string) (Link, error) {
	login = foldLogin(login)
	var l Link
	err := s.update(ctx, func(tx store.Tx) error {
		a, _, err := lockUser(tx, login)
		if err != nil {
			return err
		}
		if a.Disabled {
			return domain.Errorf(domain.CodeConflict, "%s is disabled; enable the account first", login)
		}
		now := s.now()
		l = Link{Purpose: PurposeInvite, Login: login, Expires: now.Add(InviteFor)}
		if a.Password != "" {
			l.Purpose, l.Expires = PurposeReset, now.Add(ResetFor)
		}
		if err := s.putLink(tx, &l, by.Name); err != nil {
			return err
		}
		return audit(tx, now, by, "user."+string(l.Purpose), login, ok, nil)
	})
	if err != nil {
		return Link{}, err
	}
	return l, nil
}

// FirstLink makes the link by which the first person becomes an administrator.
// made is false when there are people already. The one before is void.
func (s *Service) FirstLink(ctx context.Context) (l Link, made bool, err error) {
	err = s.update(ctx, func(tx store.Tx) error {
		made = false
		if some, err := anybody(tx); err != nil || some {
			return err
		}
		now := s.now()
		l = Link{Purpose: PurposeFirst, Expires: now.Add(firstFor)}
		if err := s.putLink(tx, &l, ""); err != nil {
			return err
		}
		made = true
		return audit(tx, now, Principal{Kind: KindCommand, Name: "serve"}, "user.first", "", ok, nil)
	})
	if err != nil || !made {
		return Link{}, false, err
	}
	return l, true, nil
}

// anybody reports whether there is any account.
func anybody(r store.DocumentReader) (bool, error) {
	docs, err := r.DocumentList(store.DocumentListParams{Kind: kindUser, Limit: 1})
	return len(docs) > 0, err
}

// linkKey finds a person's link. No login has a colon.
func linkKey(login string) string { return "for:" + login }

func (s *Service) putLink(tx store.Tx, l *Link, by string) error {
	if err := dropLink(tx, l.Login); err != nil {
		return err
	}
	l.Secret = randomSecret()
	d := store.Document{Kind: kindLink, ID: secretHash(l.Secret), Keys: []string{linkKey(l.Login)}, ExpiresAt: l.Expires}
	now := s.now()
	return write(tx, &d, link{Purpose: l.Purpose, Login: l.Login, By: by, At: now}, now)
}

// dropLink makes a person's link void.
func dropLink(tx store.Tx, login string) error {
	docs, err := tx.DocumentFind(kindLink, []string{linkKey(login)})
	if err != nil || docs[0].ID == "" {
		return err
	}
	return tx.DocumentDelete(kindLink, []string{docs[0].ID})
}

// getLink reads a link that still works, else ErrLink.
func (s *Service) getLink(secret string, get func(kind string, ids []string) ([]store.Document, error)) (link, string, error) {
	if !wellFormed(secret) {
		return link{}, "", ErrLink
	}
	docs, err := get(kindLink, []string{secretHash(secret)})
	if err != nil {
		return link{}, "", err
	}
	if docs[0].ID == "" || !s.now().Before(docs[0].ExpiresAt) {
		return link{}, "", ErrLink
	}
	var l link
	return l, docs[0].ID, read(&docs[0], &l)
}

// LinkShow says what a link is for, without using it: what a page needs to ask
// for a password. Errors are ErrLink and the store's.
func (s *Service) LinkShow(ctx context.Context, secret string) (Link, User, error) {
	var (
		out Link
		who User
	)
	err := s.o.Store.View(ctx, func(r store.Reader) error {
		l, _, err := s.getLink(secret, r.DocumentGet)
		if err != nil {
			return err
		}
		out = Link{Purpose: l.Purpose, Login: l.Login}
		if l.Purpose == PurposeFirst {
			some, err := anybody(r)
			if err == nil && some {
				err = ErrLink
			}
			return err
		}
		a, version, err := getUser(r, l.Login)
		if domain.ErrorCode(err) == domain.CodeNotFound || err == nil && a.Disabled {
			return ErrLink
		}
		who = a.public(version)
		return err
	})
	if err != nil {
		return Link{}, User{}, err
	}
	return out, who, nil
}

// LinkUse is a link with the password that its bearer chose; for a first link
// also who they are to be.
type LinkUse struct {
	Secret, Password   string
	Login, Name, Email string // of the first administrator

	From, Agent string // the address and the browser
}

// LinkUse takes a link's password, ends all sessions of its person and signs
// them in, unless a second factor is set up: then In.Token is empty and they
// sign in with password and code. A link that was used is void; a password
// that will not do leaves it as it is.
func (s *Service) LinkUse(ctx context.Context, p LinkUse) (In, error) {
	l, who, err := s.LinkShow(ctx, p.Secret)
	if err != nil {
		return In{}, err
	}
	if l.Purpose == PurposeFirst {
		who = User{Login: foldLogin(p.Login), Name: strings.TrimSpace(p.Name), Email: strings.TrimSpace(p.Email), Role: RoleAdmin}
		if err := checkLogin(who.Login); err != nil {
			return In{}, err
		}
		if err := who.check(); err != nil {
			return In{}, err
		}
	}
	if err := CheckPassword(p.Password, who.Login, who.Email); err != nil {
		return In{}, err
	}
	hash, err := s.hasher.make(ctx, p.Password)
	if err != nil {
		return In{}, err
	}
	var in In
	err = s.update(ctx, func(tx store.Tx) (err error) {
		in, err = s.useLink(tx, p, who, hash)
		return err
	})
	if err != nil {
		return In{}, err
	}
	return in, nil
}

func (s *Service) useLink(tx store.Tx, p LinkUse, who User, hash string) (In, error) {
	// Locked: of two who use it at once, one finds it gone.
	l, id, err := s.getLink(p.Secret, tx.DocumentLock)
	if err != nil {
		return In{}, err
	}
	if err := tx.DocumentDelete(kindLink, []string{id}); err != nil {
		return In{}, err
	}
	by := Principal{Kind: KindSession, Name: who.Login, From: p.From}
	if l.Purpose == PurposeFirst {
		if some, err := anybody(tx); err != nil || some {
			return In{}, cmp.Or[error](err, ErrLink)
		}
		if _, err := s.addUser(tx, by, account{User: who}); err != nil {
			return In{}, err
		}
	}
	a, d, err := lockUser(tx, who.Login)
	if domain.ErrorCode(err) == domain.CodeNotFound || err == nil && a.Disabled {
		return In{}, ErrLink
	}
	if err != nil {
		return In{}, err
	}
	now := s.now()
	a.Password, a.PasswordAt = hash, now
	if err := endSessions(tx, a.Login, ""); err != nil {
		return In{}, err
	}
	if err := s.calm(tx, a.Login, p.From); err != nil {
		return In{}, err
	}
	if err := audit(tx, now, by, "password.set", a.Login, ok, map[string]any{"link": l.Purpose}); err != nil {
		return In{}, err
	}
	if a.TOTP != nil {
		return In{User: a.public(d.Version + 1)}, s.putUser(tx, &d, &a)
	}
	return s.open(tx, &a, &d, opening{via: viaLink, from: p.From, agent: p.Agent})
}
