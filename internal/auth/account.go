package auth

import (
	"context"
	"errors"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Proof is what somebody who is signed in shows again before what keeps their
// account safe is changed: the password, if they have one, and a code where a
// second factor is set up.
type Proof struct {
	Password, Code string
	From, Agent    string // the address and the browser
}

// prove looks at a proof, under the same limits as signing in, and runs change
// on the account in the transaction that holds it. Errors are those of SignIn,
// ErrSession when the session ended meanwhile, and change's.
func (s *Service) prove(ctx context.Context, by Principal, p Proof, change func(tx store.Tx, a *account, d *store.Document) error) error {
	if by.Kind != KindSession || by.Session == "" {
		return ErrSession
	}
	known, err := s.attempt(ctx, by.Name, p.From)
	if err != nil {
		return err
	}
	if known.Password != "" {
		right, _, err := s.hasher.check(ctx, p.Password, known.Password)
		if err != nil {
			s.forgive(ctx, by.Name, p.From)
			return err
		}
		if !right {
			return s.refuse(ctx, by.Name, &known, p.From, ErrSignIn)
		}
	}
	err = s.update(ctx, func(tx store.Tx) error {
		a, d, err := s.lockOwn(tx, by, known.Password)
		if err != nil {
			return err
		}
		if a.TOTP != nil {
			if err := s.secondFactor(&a, p.Code); err != nil {
				return err
			}
		}
		if err := s.giveBack(tx, by.Name, p.From); err != nil {
			return err
		}
		return change(tx, &a, &d)
	})
	if errors.Is(err, ErrCodeWrong) {
		return s.refuse(ctx, by.Name, &known, p.From, ErrCodeWrong)
	}
	if err != nil {
		s.forgive(ctx, by.Name, p.From)
	}
	return err
}

// lockOwn locks the account of who is signed in, if the session still stands
// and the password is the one that was looked at.
func (s *Service) lockOwn(tx store.Tx, by Principal, stored string) (account, store.Document, error) {
	a, d, err := lockUser(tx, by.Name)
	if err != nil {
		return account{}, store.Document{}, err
	}
	docs, err := tx.DocumentGet(kindSession, []string{by.Session})
	if err != nil {
		return account{}, store.Document{}, err
	}
	if docs[0].ID == "" || a.Disabled || a.Password != stored {
		return account{}, store.Document{}, ErrSession
	}
	return a, d, nil
}

// renew ends all sessions of a person and opens another one in place of by's:
// what they may do has changed, and so do the tokens that stand for it.
func (s *Service) renew(tx store.Tx, by Principal, a *account, d *store.Document, p Proof, second bool) (In, error) {
	docs, err := tx.DocumentGet(kindSession, []string{by.Session})
	if err != nil {
		return In{}, err
	}
	var x Session
	if docs[0].ID == "" {
		return In{}, ErrSession
	}
	if err := read(&docs[0], &x); err != nil {
		return In{}, err
	}
	if err := endSessions(tx, a.Login, ""); err != nil {
		return In{}, err
	}
	return s.open(tx, a, d, opening{via: x.Via, from: p.From, agent: p.Agent, second: second || x.Via == viaOIDC})
}

// PasswordChange changes the password of who is signed in, ends all their
// sessions and links, and opens another session. Who has none yet gets one by
// a link.
func (s *Service) PasswordChange(ctx context.Context, by Principal, p Proof, password string) (In, error) {
	who, err := s.User(ctx, by.Name)
	if err != nil {
		return In{}, err
	}
	if !who.HasPassword {
		return In{}, domain.Errorf(domain.CodeConflict, "there is no password to change; ask for a link to set one")
	}
	if err := CheckPassword(password, who.Login, who.Email); err != nil {
		return In{}, err
	}
	hash, err := s.hasher.make(ctx, password)
	if err != nil {
		return In{}, err
	}
	var in In
	err = s.prove(ctx, by, p, func(tx store.Tx, a *account, d *store.Document) (err error) {
		now := s.now()
		a.Password, a.PasswordAt = hash, now
		if err := dropLink(tx, a.Login); err != nil {
			return err
		}
		if err := audit(tx, now, by, "password.change", a.Login, ok, nil); err != nil {
			return err
		}
		in, err = s.renew(tx, by, a, d, p, a.TOTP != nil)
		return err
	})
	if err != nil {
		return In{}, err
	}
	return in, nil
}
