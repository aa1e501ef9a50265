package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
)

// networks tells how it goes with the networks; online asks them as well.
func (x *examination) networks(g *globals, c caller, online bool) {
	var r networksResult
	if err := c.call(g.ctx, "network.list", networksParams{online}, &r); err != nil {
		x.bad("networks", "", "%v", err)
		return
	}
	for _, p := range r.Problems {
		x.bad("networks", `"advocate check" lists what is wrong with the file, "advocate connect" gets credentials`, "%s", p)
	}
	spare := x.twins(r.Networks)
	for i := range r.Networks {
		if s := &r.Networks[i]; !spare[s.name()] {
			x.network(s, time.Now())
		}
	}
}

// twins tells of accounts that are there under two labels, and gives the names
// of those that do not answer: what else they tell follows from it.
func (x *examination) twins(all []networkState) (spare map[string]bool) {
	spare = map[string]bool{}
	first := map[[2]string]*networkState{}
	for i := range all {
		s := &all[i]
		if s.ID == "" {
			continue
		}
		key := [2]string{s.Network, s.ID}
		one := first[key]
		if one == nil {
			first[key] = s
			continue
		}
		if one.Error != "" && s.Error == "" { // the server has refused the one that is listed first
			one, s = s, one
			first[key] = one
		}
		x.bad("network", "take one of the two out of the configuration", "%s is the same account as %s: only one of them answers", s.name(), one.name())
		spare[s.name()] = true
	}
	return spare
}

// network tells of one account: first what it answered to us now, where it was
// asked, then how its connection has gone in the server.
func (x *examination) network(s *networkState, now time.Time) {
	name := s.name()
	if s.Connect != "" {
		x.warn("network", `"`+s.Connect+`" connects it`, "%s: %s", name, notConnected)
		return
	}
	asked := x.answered(s, name, now)
	h := s.Health
	trouble, ours := h.Trouble, h.Ours
	if trouble == "" {
		trouble, ours = s.Error, s.Fault == social.FaultOperator
	}
	scarce := social.Scarce(h.Quotas, now)
	switch {
	case trouble != "" && trouble == s.Refused: // said already
	case trouble != "" && ours:
		x.bad("network", credentialsFix(s), "%s: %s", name, trouble)
	case trouble != "" && s.Check != nil:
		x.warn("network", "it answers now, so that the server should have it back soon; if not, restart the server", "%s: in the server: %s", name, trouble)
	case trouble != "":
		x.warn("network", outageFix, "%s: %s", name, trouble)
	case s.Check == nil && x.ends(name, h.Expires, now): // what answered has said it
	case scarce != nil:
		x.warn("network", "it goes on by itself when the network gives more; ask less often, or buy more there", "%s: little is left of %s%s", name, scarce.Name, left(h.Quotas))
	case asked:
	case h.Mode != "":
		x.ok("network", "%s, by %s since %s%s", name, h.Mode, rfc3339(h.Since), left(h.Quotas))
	default:
		x.ok("network", "%s", name)
	}
}

const outageFix = `"advocate doctor --online" asks it; it is also tried again by itself`

// credentialsFix is what helps where an account is refused; a bridge has no
// "advocate connect".
func credentialsFix(s *networkState) string {
	kind, _, _ := strings.Cut(s.Network, ":")
	if !slices.Contains(social.Kinds(), kind) {
		return "look at the bridge's secrets on both sides, and at its part of the configuration"
	}
	return `look at the account's credentials and permissions; "advocate connect ` + kind + `" with --replace takes new ones`
}

// answered tells what an account answered to us, and whether it was asked.
func (x *examination) answered(s *networkState, name string, now time.Time) bool {
	switch c := s.Check; {
	case s.Refused != "" && s.Ours:
		x.bad("network", credentialsFix(s), "%s: %s", name, s.Refused)
	case s.Refused != "":
		x.warn("network", "it is tried again by itself; if it lasts, look at the network's own status page", "%s: %s", name, s.Refused)
	case c == nil:
		return false
	case len(c.Warnings) > 0:
		x.warn("network", "docs/networks.md says what each network needs", "%s, as %s: %s", name, c.Account, strings.Join(c.Warnings, "; "))
		x.ends(name, c.Expires, now)
	case !x.ends(name, c.Expires, now):
		x.ok("network", "%s, as %s%s", name, c.Account, left(s.Health.Quotas))
	}
	return true
}

// ends tells that our credentials have ended or soon will, and whether it did.
func (x *examination) ends(name string, at, now time.Time) bool {
	const fix = `"advocate connect" with --replace takes new credentials`
	switch {
	case at.IsZero() || at.After(now.Add(social.ExpirySoon)):
		return false
	case at.After(now):
		x.warn("network", fix, "%s: our credentials end %s", name, rfc3339(at))
	default:
		x.bad("network", fix, "%s: our credentials have ended", name)
	}
	return true
}

// name is an account's, as operators know it.
func (s *networkState) name() string { return strings.TrimSuffix(s.Network+"/"+s.Account, "/") }

// left tells what the network still lets us do.
func left(all []social.Quota) string {
	var b strings.Builder
	for _, q := range all {
		fmt.Fprintf(&b, "; %s: %d", q.Name, q.Left)
		if q.Of > 0 {
			fmt.Fprintf(&b, " of %d", q.Of)
		}
		b.WriteString(" left")
	}
	return b.String()
}
