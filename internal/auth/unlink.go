package auth

import (
	"context"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Unlink parts an account from the identity at the OpenID provider that it
// belongs to, and ends all sessions of its person. It is an administrator's to
// do. CodeConflict when nobody vouches for the person.
func (s *Service) Unlink(ctx context.Context, by Principal, login string) error {
	login = foldLogin(login)
	return s.update(ctx, func(tx store.Tx) error {
		a, d, err := lockUser(tx, login)
		if err != nil {
			return err
		}
		if a.Subject == "" {
			return domain.Errorf(domain.CodeConflict, "%s belongs to no OpenID identity", login)
		}
		issuer := a.Issuer
		a.Issuer, a.Subject = "", ""
		if err := endSessions(tx, login, ""); err != nil {
			return err
		}
		if err := s.putUser(tx, &d, &a); err != nil {
			return err
		}
		return audit(tx, s.now(), by, "user.unlink", login, ok, map[string]any{"issuer": issuer})
	})
}
