package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/advocate"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
)

// Modes of a switch.
const (
	ModeLive    = "live"    // effects leave
	ModeApprove = "approve" // each waits for a person's release
	ModeShadow  = "shadow"  // decided and recorded, not sent
	ModeStopped = "stopped" // stays in the outbox until the switch is back
	ModeInherit = "inherit" // to SwitchSet alone: takes the switch away, so that the wider one holds
)

// SwitchSet sets a switch: scope "all", "network:<name>" or "rule:<name>". The
// network must be connected, or be one that could be and looks like none that
// is, so that it can be held in shadow before its first post; the rule must be
// one of the playbook that decides. A switch of that name that is set already
// can be set again: a slip must not look like a stop. A stop anywhere stops; otherwise the narrowest switch holds (rule, network,
// all). Questions to components and our own events are not sending: they go
// on under every mode.
func (e *Engine) SwitchSet(ctx context.Context, s store.Switch) error {
	kind, name, named := strings.Cut(s.Scope, ":")
	switch {
	case s.Scope == "all":
	case named && name != "" && (kind == "network" || kind == "rule"):
	default:
		return domain.FieldErrorf("scope", "is %.80q; want \"all\", \"network:<name>\" or \"rule:<name>\"", s.Scope)
	}
	switch s.Mode {
	case ModeLive, ModeApprove, ModeShadow, ModeStopped, ModeInherit:
	default:
		return domain.FieldErrorf("mode", "is %.40q; want \"live\", \"approve\", \"shadow\", \"stopped\" or \"inherit\"", s.Mode)
	}
	s.At = e.clock.Now()
	err := e.store.Update(ctx, func(tx store.Tx) error {
		rows, err := tx.SwitchList()
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(rows, func(set store.Switch) bool { return set.Scope == s.Scope }) {
			if err := e.checkScope(kind, name); err != nil {
				return err
			}
		}
		if s.Scope == "all" && s.Mode == ModeLive || s.Mode == ModeInherit {
			return tx.SwitchDelete(s.Scope)
		}
		return tx.SwitchPut(s)
	})
	if err != nil {
		return e.edge("set a switch", err)
	}
	e.log.InfoContext(ctx, "switch set", "scope", s.Scope, "mode", s.Mode, "by", s.By)
	e.effects.ring()
	return nil
}

// slipLetters is how many letters may be wrong in the name of a network that is
// connected; what is further off can be one that is yet to come.
const slipLetters = 2

// checkScope refuses the name of a network or rule that there is none of.
func (e *Engine) checkScope(kind, name string) error {
	var known []string
	switch kind {
	case "network":
		for k := range e.networks {
			known = append(known, k.name)
		}
	case "rule":
		pb := e.Playbook()
		if pb == nil {
			return nil // nobody can say
		}
		for _, r := range pb.AllRules() {
			known = append(known, r.Name)
		}
		known = append(known, advocate.EngineRule, advocate.RatingRule)
	default:
		return nil
	}
	if slices.Contains(known, name) {
		return nil
	}
	near := ""
	if near = domain.Nearest(name, known); near != "" {
		near = fmt.Sprintf("; did you mean %q?", kind+":"+near)
	}
	if kind == "network" && social.Possible(name) && domain.NearestWithin(name, known, slipLetters) == "" {
		return nil
	}
	if kind == "rule" {
		return domain.FieldErrorf("scope", "there is no rule %.80q in the playbook that decides%s", name, near)
	}
	slices.Sort(known)
	known = slices.Compact(known)
	if len(known) == 0 {
		return domain.FieldErrorf("scope", "there is no network %.80q: none is connected; accepted are %s, mastodon:HOST for the server's name, and \"all\"", name, strings.Join(social.KindsOfOne(), ", "))
	}
	return domain.FieldErrorf("scope", "there is no network %.80q; connected: %s%s", name, strings.Join(known, ", "), near)
}

// switchSet is what the switches say, read in one transaction.
type switchSet struct {
	all             string
	networks, rules map[string]string
	stopped         bool // something is
}

func readSwitches(r store.Reader) (switchSet, error) {
	rows, err := r.SwitchList()
	if err != nil {
		return switchSet{}, err
	}
	s := switchSet{}
	for _, row := range rows {
		if row.Mode == ModeStopped {
			s.stopped = true
		}
		kind, name, _ := strings.Cut(row.Scope, ":")
		switch kind {
		case "all":
			s.all = row.Mode
		case "network":
			if s.networks == nil {
				s.networks = map[string]string{}
			}
			s.networks[name] = row.Mode
		case "rule":
			if s.rules == nil {
				s.rules = map[string]string{}
			}
			s.rules[name] = row.Mode
		}
	}
	return s, nil
}

// mode says how an effect may leave.
func (s *switchSet) mode(e *domain.Effect) string {
	var network, by string
	switch e.Kind {
	case domain.EffectReply:
		network, by = s.networks[e.Reply.To.Network], e.Reply.By
	case domain.EffectNotify:
	default:
		return ModeLive
	}
	rule := s.rules[e.Rule]
	if s.all == ModeStopped || network == ModeStopped || rule == ModeStopped {
		return ModeStopped
	}
	mode := ModeLive
	for _, m := range [...]string{rule, network, s.all} {
		if m != "" {
			mode = m
			break
		}
	}
	if mode == ModeApprove && by != "" {
		return ModeLive // a person wrote it; nobody else has to agree
	}
	return mode
}

// blocked lists the destinations that nothing may leave for, so that the
// outbox does not hand out what would only be put back.
func (s *switchSet) blocked(e *Engine) []string {
	if !s.stopped {
		return nil
	}
	var out []string
	for k := range e.networks {
		if s.all == ModeStopped || s.networks[k.name] == ModeStopped {
			out = append(out, "network:"+k.name)
		}
	}
	if s.all == ModeStopped {
		for name := range e.webhooks {
			out = append(out, "webhook:"+name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
