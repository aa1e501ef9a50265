package auth

import (
	"context"
	"errors"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// What somebody who signs in may be told. The first is for an unknown login, a
// disabled account, one without a password, a wrong password, and an attempt
// that came too soon; only the last has a RetryAfter.
var (
	ErrSignIn    = &domain.Error{Code: domain.CodeUnauthorized, Message: "the login or the password is wrong; after several wrong ones, wait a moment: the right one is refused meanwhile"}
	ErrCode      = &domain.Error{Code: domain.CodeUnauthorized, Field: "code", Message: "a code of the authenticator app is needed, or a recovery code"}
	ErrCodeWrong = &domain.Error{Code: domain.CodeUnauthorized, Field: "code", Message: "the code is wrong, or was used already; take the next one"}
)

// SignIn is what somebody shows to be let in.
type SignIn struct {
	Login, Password string
	Code            string // of the authenticator app, or a recovery code
	Old             string // the session's token that the browser sent, which ends
	From, Agent     string // the address and the browser
}

// SignIn signs somebody in. Errors are ErrSignIn, ErrCode (the password was
// right, and nothing was counted), ErrCodeWrong, CodeBusy, and the store's;
// match them with errors.Is.
func (s *Service) SignIn(ctx context.Context, p SignIn) (In, error) {
	login := foldLogin(p.Login)
	known, err := s.attempt(ctx, login, p.From)
	if err != nil {
		return In{}, err
	}
	stored := known.Password
	if known.Disabled {
		stored = ""
	}
	right, stale, err := s.hasher.check(ctx, p.Password, stored)
	if err != nil {
		s.forgive(ctx, login, p.From)
		return In{}, err
	}
	if !right {
		return In{}, s.refuse(ctx, login, &known, p.From, ErrSignIn)
	}
	fresh := stored
	if stale {
		if fresh, err = s.hasher.make(ctx, p.Password); err != nil {
			fresh = stored // another time
		}
	}
	in, err := s.admit(ctx, p, login, stored, fresh)
	switch {
	case errors.Is(err, ErrSignIn), errors.Is(err, ErrCodeWrong):
		var e *domain.Error
		errors.As(err, &e)
		return In{}, s.refuse(ctx, login, &known, p.From, e)
	case err != nil:
		s.forgive(ctx, login, p.From)
		return In{}, err
	}
	return in, nil
}

// attempt counts an attempt and reads whose it may be; the account of an
// unknown login is empty.
func (s *Service) attempt(ctx context.Context, login, from string) (account, error) {
	var a account
	err := s.update(ctx, func(tx store.Tx) error {
		a = account{}
		wait, err := s.take(tx, tried(login), from)
		if err != nil {
			return err
		}
		if wait > 0 {
			return later(ErrSignIn, wait)
		}
		if tried(login) == "?" {
			return nil
		}
		found, _, err := getUser(tx, login)
		if domain.ErrorCode(err) == domain.CodeNotFound {
			return nil
		}
		a = found
		return err
	})
	return a, err
}

// admit looks at the second factor and opens the session, if nothing changed
// since the password was looked at.
func (s *Service) admit(ctx context.Context, p SignIn, login, stored, fresh string) (In, error) {
	var in In
	err := s.update(ctx, func(tx store.Tx) error {
		a, d, err := lockUser(tx, login)
		if domain.ErrorCode(err) == domain.CodeNotFound || err == nil && (a.Disabled || a.Password != stored) {
			return ErrSignIn
		}
		if err != nil {
			return err
		}
		a.Password = fresh
		second := a.TOTP != nil
		if second {
			if err := s.secondFactor(&a, p.Code); err != nil {
				return err
			}
		}
		if err := s.giveBack(tx, login, p.From); err != nil {
			return err
		}
		if err := s.calm(tx, login, p.From); err != nil {
			return err
		}
		in, err = s.open(tx, &a, &d, opening{via: viaPassword, from: p.From, agent: p.Agent, second: second, old: p.Old})
		return err
	})
	if err != nil {
		return In{}, err
	}
	return in, nil
}

// refuse records a failed attempt and says when the next one is allowed. Of
// an unknown login nothing is recorded: it may be a password that was typed in
// the wrong place.
func (s *Service) refuse(ctx context.Context, login string, known *account, from string, why *domain.Error) error {
	out := later(why, 0)
	err := s.update(ctx, func(tx store.Tx) error {
		wait, err := s.waits(tx, tried(login), from)
		if err != nil {
			return err
		}
		out = later(why, wait)
		outcome := "wrong password"
		switch {
		case known.Login == "":
			outcome = "unknown login"
		case known.Disabled:
			outcome = "disabled"
		case why == ErrCodeWrong:
			outcome = "wrong code"
		}
		return audit(tx, s.now(), Principal{Kind: KindSession, From: from}, "session.refuse", known.Login, outcome, nil)
	})
	if err != nil {
		return err
	}
	return out
}

// forgive takes an attempt back that ended without a verdict. When even that
// fails, the attempt counts.
func (s *Service) forgive(ctx context.Context, login, from string) {
	_ = s.update(context.WithoutCancel(ctx), func(tx store.Tx) error { return s.giveBack(tx, tried(login), from) })
}
