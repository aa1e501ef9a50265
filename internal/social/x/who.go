package x

import (
	"context"

	"github.com/contact-advocate/advocate/internal/social"
)

var _ social.Selfer = (*Network)(nil)

// Self implements social.Selfer. Names are not resolved: X charges for that.
func (n *Network) Self(ctx context.Context) (string, error) {
	us, err := n.self(ctx)
	return us.ID, err
}
