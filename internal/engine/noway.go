package engine

import (
	"cmp"
	"slices"

	"github.com/contact-advocate/advocate/internal/domain"
)

// noWays lists what the connected networks do not take from us.
func (e *Engine) noWays() (out []domain.NoWay) {
	for k, n := range e.networks {
		caps := n.Capabilities()
		for v, can := range map[domain.Visibility]bool{domain.Public: caps.PublicReply, domain.Private: caps.PrivateMessage} {
			if !can {
				out = append(out, domain.NoWay{Network: k.name, Account: k.account, Visibility: v})
			}
		}
	}
	slices.SortFunc(out, func(a, b domain.NoWay) int {
		return cmp.Or(cmp.Compare(a.Network, b.Network), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Visibility, b.Visibility))
	})
	return out
}

// cannot reports whether the network of an identity takes no messages of a kind
// from us.
func (e *Engine) cannot(k domain.IdentityKey, v domain.Visibility) bool {
	return slices.Contains(e.noWays(), domain.NoWay{Network: k.Network, Account: k.Account, Visibility: v})
}

// tellNoWays tells each decision how its customer cannot be written to. It is
// part of the inputs, so that a history that is played again says the same
// whatever the networks can by then.
func (t *turn) tellNoWays() error {
	all := t.e.noWays()
	if len(all) == 0 {
		return nil
	}
	for _, s := range t.order {
		if len(s.inputs) == 0 {
			continue
		}
		var mine []domain.NoWay
		for _, w := range all {
			if s.writesOn(w.Network, w.Account) {
				mine = append(mine, w)
			}
		}
		s.inputs[0].NoWays = mine
	}
	return nil
}

// writesOn reports whether the customer has, or gets with these inputs, an
// identity that our account on a network sees.
func (s *seat) writesOn(network, account string) bool {
	return slices.ContainsFunc(s.snap.Customer.Identities, func(i domain.Identity) bool {
		return i.Network == network && i.Account == account
	}) || slices.ContainsFunc(s.inputs, func(in domain.Input) bool {
		return in.Post != nil && in.Post.Network == network && in.Post.Account == account
	})
}
