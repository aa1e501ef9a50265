package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// A network's runner that ended is started again after a while: soon at first,
// later and later as long as it ends at once, and not so soon at all where an
// operator has something to do first.
const (
	runnerFirst    = 5 * time.Second
	runnerOperator = time.Minute
	runnerMost     = 5 * time.Minute
	runnerWell     = 2 * time.Minute // who ran this long begins anew
)

// Networks lists the networks, by name and account.
func (e *Engine) Networks() []social.Network {
	return slices.SortedFunc(maps.Values(e.networks), func(a, b social.Network) int {
		return cmp.Or(cmp.Compare(a.Name(), b.Name()), cmp.Compare(a.Account(), b.Account()))
	})
}

// hookOf finds a network by the name of its hook; nil if there is none.
func (e *Engine) hookOf(name string) (netKey, social.Hook) {
	for k, n := range e.networks {
		if h, ok := n.(social.Hook); ok && h.HookName() == name {
			return k, h
		}
	}
	return netKey{}, nil
}

// HookNames lists the last parts of the addresses that networks tell us at.
func (e *Engine) HookNames() []string {
	var out []string
	for _, n := range e.networks {
		if h, ok := n.(social.Hook); ok {
			out = append(out, h.HookName())
		}
	}
	slices.Sort(out)
	return out
}

// HookServe hands a request of a network's to the network that it is for. Its
// errors are *domain.Error: not_found where no network listens under the name,
// else what the network makes of it.
func (e *Engine) HookServe(ctx context.Context, name string, r social.HookRequest) (social.HookReply, error) {
	k, h := e.hookOf(name)
	if h == nil {
		return social.HookReply{}, domain.Errorf(domain.CodeNotFound, "no network listens at %.60q", name)
	}
	var reply social.HookReply
	_, err := e.guarded(ctx, func(ctx context.Context) (_ int, err error) {
		if other, twice := e.owns.sameAs(k); twice {
			return 0, domain.Errorf(domain.CodeUnavailable, "the same account is connected as %s already", labelled(k.name, other))
		}
		reply, err = h.ServeHook(ctx, r, e)
		return 0, err
	})
	e.hooked(k, err)
	if err == nil {
		return reply, nil
	}
	if domain.ErrorCode(err) == domain.CodeInternal {
		e.log.ErrorContext(ctx, "a network's request could not be served", "network", k.name, "account", k.account, "error", err)
	}
	return social.HookReply{}, e.edge("serve a network's request", err)
}

// health is how a network says its connection goes.
func health(n social.Network) social.Health {
	if h, ok := n.(social.Healthy); ok {
		return h.Health()
	}
	return social.Health{}
}

// runNetwork keeps a network's runner going, once it is known which account of
// ours it is for.
func (e *Engine) runNetwork(ctx context.Context, k netKey, n social.Network, r social.Runner) {
	for failures := 0; ctx.Err() == nil; {
		began := e.clock.Now()
		_, err := e.guarded(ctx, func(ctx context.Context) (int, error) {
			if err := e.learnOwn(ctx, k, n); err != nil {
				return 0, err
			}
			return 0, r.Run(ctx, e)
		})
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			err = errors.New("it ended")
		}
		now := e.clock.Now()
		if now.Sub(began) >= runnerWell {
			failures = 0
		}
		failures++
		pause := runnerPause(k, failures, err)
		e.went(linkKey{LinkNetwork, k.name, k.account}, now, err)
		e.log.WarnContext(ctx, "a network's runner ended; it is started again", "network", k.name, "account", k.account, "error", err, "in", pause)
		alarm, stop := e.clock.Alarm(now.Add(pause))
		select {
		case <-ctx.Done():
		case <-alarm:
		}
		stop()
	}
}

// runnerPause is how long a runner that ended with an error is left alone.
func runnerPause(k netKey, failures int, err error) time.Duration {
	first := runnerFirst
	var said *social.Error
	if errors.As(err, &said) && said.Fault == social.FaultOperator {
		first = runnerOperator
	}
	// Spread, so that several accounts are not refused all at once.
	pause := spread(min(first<<min(failures-1, 10), runnerMost), fmt.Sprintf("%s/%s/%d", k.name, k.account, failures))
	if said != nil {
		pause = max(pause, said.After) // the network knows better
	}
	return pause
}
