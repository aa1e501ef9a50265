package auth

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func decode(s string) ([]byte, error) { return base64.RawURLEncoding.DecodeString(s) }

// vouched signs in whom a provider vouches for: by issuer and subject, never
// by a name that can change hands; by a verified address only where the
// operator allows it, and only into an account that is nobody's yet.
func (s *Service) vouched(ctx context.Context, who vouchee, o OIDCOptions, r Return) (In, error) {
	var in In
	err := s.update(ctx, func(tx store.Tx) error {
		by := Principal{Kind: KindSession, From: r.From}
		login, err := s.vouchedLogin(tx, who, o, by)
		if err != nil {
			return err
		}
		by.Name = login
		a, d, err := lockUser(tx, login)
		if err != nil {
			return err
		}
		if a.Disabled {
			return errUnknown
		}
		if a.Subject == "" {
			a.Issuer, a.Subject = who.Issuer, who.Subject
			if err := audit(tx, s.now(), by, "user.link", login, ok, map[string]any{"issuer": who.Issuer}); err != nil {
				return err
			}
		}
		if who.role != "" && who.role != a.Role {
			if err := audit(tx, s.now(), by, "user.change", login, ok, map[string]any{"role": []Role{a.Role, who.role}, "issuer": who.Issuer}); err != nil {
				return err
			}
			if err := endSessions(tx, login, ""); err != nil {
				return err
			}
			if err := dropLink(tx, login); err != nil {
				return err
			}
			a.Role = who.role
		}
		in, err = s.open(tx, &a, &d, opening{via: viaOIDC, from: r.From, agent: r.Agent, second: true, old: r.Old})
		return err
	})
	if err != nil {
		return In{}, err
	}
	return in, nil
}

// vouchedLogin finds or makes the account.
func (s *Service) vouchedLogin(tx store.Tx, who vouchee, o OIDCOptions, by Principal) (string, error) {
	docs, err := tx.DocumentFind(kindUser, []string{subjectKey(who.Issuer, who.Subject)})
	if err != nil || docs[0].ID != "" {
		return docs[0].ID, err
	}
	if o.LinkEmail && who.Verified && who.Email != "" {
		docs, err := tx.DocumentFind(kindUser, []string{emailKey(who.Email)})
		if err != nil {
			return "", err
		}
		if docs[0].ID != "" {
			var a account
			if err := read(&docs[0], &a); err != nil {
				return "", err
			}
			if a.Subject != "" {
				return "", errUnknown // it is somebody else's
			}
			return a.Login, nil
		}
	}
	role := who.role
	if role == "" {
		role = o.DefaultRole
	}
	if !o.Create || role == "" {
		return "", errUnknown
	}
	return s.makeVouched(tx, who, role, by)
}

// makeVouched makes an account. Its login is what the provider suggests, or
// something near it that is free.
func (s *Service) makeVouched(tx store.Tx, who vouchee, role Role, by Principal) (string, error) {
	a := account{User: User{Name: clip(domain.CleanName(who.Name), maxUserName), Role: role, Issuer: who.Issuer, Subject: who.Subject}}
	if who.Verified {
		a.Email = who.Email
		if a.check() != nil {
			a.Email = ""
		} else if docs, err := tx.DocumentFind(kindUser, []string{emailKey(a.Email)}); err != nil {
			return "", err
		} else if docs[0].ID != "" {
			a.Email = "" // it stands in another account
		}
	}
	local, _, _ := strings.Cut(who.Email, "@")
	tail := "-" + subjectKey(who.Issuer, who.Subject)[len("oidc:"):][:8]
	for _, name := range []string{who.Preferred, local, clip(suggest(who.Preferred), 54) + tail, "person" + tail} {
		if a.Login = suggest(name); checkLogin(a.Login) != nil {
			continue
		}
		err := loginFree(tx, a.Login)
		if domain.ErrorCode(err) == domain.CodeConflict {
			continue
		}
		if err != nil {
			return "", err
		}
		by.Name = a.Login
		_, err = s.addUser(tx, by, a)
		return a.Login, err
	}
	return "", errUnknown
}

// suggest makes a login of a name.
func suggest(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', strings.ContainsRune("._@+-", r):
			return r
		case r == ' ':
			return '.'
		}
		return -1
	}, foldLogin(name))
	return clip(strings.TrimLeft(name, "._@+-"), 63)
}
