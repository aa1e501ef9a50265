package meta

import (
	"context"

	"github.com/contact-advocate/advocate/internal/social"
)

var _ social.Selfer = (*Network)(nil)

// Self implements social.Selfer. Meta resolves nobody's name.
func (n *Network) Self(context.Context) (string, error) { return n.self(), nil }
