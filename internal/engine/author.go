package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// nameAuthors holds that identities which somebody wrote down could ever write
// to us: on a network there is, under an account of ours, as an author as that
// network counts them. Who is given by the name that people know is looked up
// where the network is connected and can do so.
func (e *Engine) nameAuthors(ctx context.Context, ids []domain.Identity) error {
	for i := range ids {
		id := &ids[i]
		if err := e.checkNetwork(id.IdentityKey); err != nil {
			return err
		}
		wrong := social.CheckAuthor(id.Network, id.Author)
		if wrong == nil {
			continue
		}
		author, err := e.resolveAuthor(ctx, id.IdentityKey)
		if err != nil {
			return domain.FieldErrorf("identities", "%v%v", wrong, err)
		}
		id.Handle = cmp.Or(id.Handle, strings.TrimPrefix(id.Author, "@"))
		id.Author = author
	}
	return nil
}

// resolveAuthor asks the network whose name that is. Its error goes behind what
// is wrong with the name itself.
func (e *Engine) resolveAuthor(ctx context.Context, k domain.IdentityKey) (string, error) {
	r, ok := e.networks[netKey{k.Network, k.Account}].(social.Resolver)
	if !ok {
		return "", errors.New("; names are not looked up there")
	}
	author, err := r.Resolve(ctx, k.Author)
	var said *social.Error
	switch {
	case errors.As(err, &said):
		return "", fmt.Errorf("; looked up as a name: %s", said.Safe)
	case err != nil:
		return "", errors.New("; it could not be looked up")
	case social.CheckAuthor(k.Network, author) != nil:
		return "", errors.New("; the network has given something else")
	}
	return author, nil
}

// checkNetwork refuses an identity on a network that is neither connected nor
// could be, or under an account that is not ours. An import may come before
// its network is connected.
func (e *Engine) checkNetwork(k domain.IdentityKey) error {
	var names, labels []string
	for n := range e.networks {
		names = append(names, n.name)
		if n.name == k.Network {
			labels = append(labels, n.account)
		}
	}
	slices.Sort(names)
	slices.Sort(labels)
	switch {
	case slices.Contains(labels, k.Account):
		return nil
	case len(labels) > 0:
		for i, l := range labels {
			labels[i] = strings.TrimSuffix(k.Network+"/"+l, "/") + "/AUTHOR"
		}
		return domain.FieldErrorf("identities", "%.80q is under no account of ours there; accepted are %s", identityWords(k), strings.Join(labels, ", "))
	}
	near := domain.Nearest(k.Network, append(slices.Compact(slices.Clone(names)), social.Kinds()...))
	switch {
	case social.Possible(k.Network) && domain.NearestWithin(k.Network, names, slipLetters) == "":
		return nil
	case near != "":
		near = fmt.Sprintf("; did you mean %q?", near)
	}
	return domain.FieldErrorf("identities", "there is no network %.80q; connected: %s%s", k.Network, cmp.Or(strings.Join(slices.Compact(names), ", "), "none"), near)
}

func identityWords(k domain.IdentityKey) string {
	if k.Account == "" {
		return k.Network + "/" + k.Author
	}
	return k.Network + "/" + k.Account + "/" + k.Author
}
