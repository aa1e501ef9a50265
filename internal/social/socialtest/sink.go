package socialtest

import (
	"errors"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// Accept is the PostsAccept of a test's sink. fail, unless it is nil, is asked
// of all posts, and with an error about the posts themselves of each alone:
// those it is about are refused. With another error none is taken. take is
// given what is taken.
func Accept(posts []domain.Post, fail func([]domain.Post) error, take func(domain.Post)) ([]social.Result, error) {
	bad := func(some []domain.Post) (*domain.Error, error) {
		if fail == nil {
			return nil, nil
		}
		err := fail(some)
		var refused *domain.Error
		switch domain.ErrorCode(err) {
		case domain.CodeInvalid, domain.CodeConflict, domain.CodeTooLarge:
			errors.As(err, &refused)
			return refused, nil
		}
		return nil, err
	}
	some, err := bad(posts)
	if err != nil {
		return nil, err
	}
	out := make([]social.Result, len(posts))
	for i := range posts {
		if some != nil {
			if out[i].Err, err = bad(posts[i : i+1]); err != nil {
				return nil, err
			}
		}
		if out[i].Outcome = social.Taken; out[i].Err != nil {
			out[i].Outcome = social.Refused
			continue
		}
		take(posts[i])
	}
	return out, nil
}
