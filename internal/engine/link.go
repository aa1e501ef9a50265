package engine

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
	"github.com/contact-advocate/advocate/internal/store"
)

// The kinds of links.
const (
	LinkNetwork   = "network"
	LinkComponent = "component"
	LinkWebhook   = "webhook" // where notifications are sent
)

// Link is something outside that this engine sends to, asks or hears from, and
// how that goes, as seen from this process since it began.
type Link struct {
	Kind    string
	Name    string
	Account string // a network's

	Capabilities social.Capabilities // a network's
	Runs         bool                // a network that brings posts by itself
	Hook         string              // of a network that is told of posts by requests, as it is configured: their address's last part
	Health       social.Health       // as a network tells it that is social.Healthy
	Own          string              // the author id of our own posts there, once it is known
	Circuit      string              // a component's, see component.Guarded

	Heard time.Time // when a network's last post came in
	Went  time.Time // when something last went well
	Took  time.Duration

	Failed time.Time // when something last went wrong
	Error  string    // what, fit for an operator's screen
	Fault  social.Fault
	Row    int // failures since something went well

	HookFailed time.Time // when a request that tells of posts was refused, since one was taken
	HookError  string    // why, fit for an operator's screen
	HookFault  social.Fault

	Waiting int // effects that wait for it
	Oldest  time.Duration
}

type linkKey struct{ kind, name, account string }

// links remembers how it went with each thing outside. Only what is configured
// is remembered, so it is bounded.
type links struct {
	mu sync.Mutex
	by map[linkKey]*Link
}

func (l *links) change(k linkKey, f func(*Link)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.by == nil {
		l.by = map[linkKey]*Link{}
	}
	x := l.by[k]
	if x == nil {
		x = &Link{Kind: k.kind, Name: k.name, Account: k.account}
		l.by[k] = x
	}
	f(x)
}

// went notes what came of one attempt. What the customer or we ourselves are at
// fault for says nothing against the link.
func (l *links) went(k linkKey, now time.Time, took time.Duration, err error) {
	l.change(k, func(x *Link) {
		why, fault, ours := linkError(err)
		if err == nil || ours {
			x.Went, x.Took, x.Row = now, took, 0
			return
		}
		x.Failed, x.Error, x.Fault = now, why, fault
		x.Row++
	})
}

// went notes what came of an attempt that began at a time.
func (e *Engine) went(k linkKey, began time.Time, err error) {
	if errors.Is(err, context.Canceled) || k.kind == LinkComponent && !slices.Contains(e.components.Names(), k.name) {
		return // cut off by us, or nobody's
	}
	now := e.clock.Now()
	e.links.went(k, now, now.Sub(began), err)
}

// linkError says what is wrong with a link; fine is true of an error that shows
// that it works.
func linkError(err error) (why string, fault social.Fault, fine bool) {
	var network *social.Error
	var comp *component.Error
	switch {
	case err == nil:
		return "", "", true
	case errors.As(err, &network):
		return network.Safe, network.Fault, network.Fault == social.FaultCustomer || network.Fault == social.FaultOurs
	case errors.As(err, &comp):
		return comp.Safe, social.FaultNetwork, false
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time", social.FaultNetwork, false
	}
	return "failed; the log says how", social.FaultNetwork, false
}

// heard notes which networks posts came from.
func (e *Engine) heard(posts []domain.Post, now time.Time) {
	var last netKey
	for i := range posts {
		k := netKey{posts[i].Network, posts[i].Account}
		if k == last || e.networks[k] == nil {
			continue
		}
		last = k
		e.links.change(linkKey{LinkNetwork, k.name, k.account}, func(x *Link) { x.Heard = now })
	}
}

// hooked notes what came of a request by which a network tells of posts. That
// we can send to it says nothing of that, and is noted apart.
func (e *Engine) hooked(k netKey, err error) {
	e.links.change(linkKey{LinkNetwork, k.name, k.account}, func(x *Link) {
		x.HookFailed, x.HookError, x.HookFault = time.Time{}, "", ""
		if err == nil {
			return
		}
		x.HookFailed, x.HookError, x.HookFault = e.clock.Now(), "the request could not be served; the log says why", social.FaultNetwork
		var de *domain.Error
		if !errors.As(err, &de) || de.Code == domain.CodeInternal {
			return
		}
		x.HookError = "a request was refused: " + de.Error()
		if de.Code != domain.CodeUnavailable && de.Code != domain.CodeBusy {
			x.HookFault = social.FaultOperator // a secret, or what sends: nothing passes by itself
		}
	})
}

// maxWaitingLooked is how many waiting effects are looked at to see how many
// wait for each link.
const maxWaitingLooked = 5000

// Links tells how it goes with everything that this engine is connected to, by
// kind and name.
func (e *Engine) Links(ctx context.Context) ([]Link, error) {
	out := e.configured()
	e.links.mu.Lock()
	for i := range out {
		if x := e.links.by[linkKey{out[i].Kind, out[i].Name, out[i].Account}]; x != nil {
			known := *x
			known.Capabilities, known.Runs, known.Hook, known.Health, known.Circuit = out[i].Capabilities, out[i].Runs, out[i].Hook, out[i].Health, out[i].Circuit
			known.Own = out[i].Own
			out[i] = known
		}
	}
	e.links.mu.Unlock()
	waiting := map[string]*Link{}
	for i := range out {
		if out[i].Kind != LinkNetwork || waiting[out[i].Kind+":"+out[i].Name] == nil {
			waiting[out[i].Kind+":"+out[i].Name] = &out[i] // of several accounts the first one tells of all
		}
	}
	now := e.clock.Now()
	err := e.store.View(ctx, func(r store.Reader) error {
		for i := range out {
			out[i].Waiting, out[i].Oldest = 0, 0
		}
		looked := 0
		_, err := allPages(func(after string) ([]store.EffectRow, error) {
			if looked >= maxWaitingLooked {
				return nil, nil
			}
			rows, err := r.EffectList(store.EffectListParams{State: "pending", After: after, Limit: pageSize})
			looked += len(rows)
			for i := range rows {
				if x := waiting[rows[i].Destination]; x != nil && !rows[i].NotBefore.After(now) {
					x.Waiting++
					x.Oldest = max(x.Oldest, now.Sub(rows[i].NotBefore))
				}
			}
			return rows, err
		}, func(row *store.EffectRow) string { return row.ID })
		return err
	})
	return out, e.edge("look at the connections", err)
}

// configured lists what there is.
func (e *Engine) configured() []Link {
	var out []Link
	for k, n := range e.networks {
		_, runs := n.(social.Runner)
		l := Link{Kind: LinkNetwork, Name: k.name, Account: k.account, Capabilities: n.Capabilities(), Runs: runs, Health: health(n), Own: e.owns.get(k)}
		if h, ok := n.(social.Hook); ok && l.Capabilities.In.Hook {
			l.Hook = h.HookName()
		}
		out = append(out, l)
	}
	for _, name := range e.components.Names() {
		out = append(out, Link{Kind: LinkComponent, Name: name, Circuit: e.components.Circuit(name)})
	}
	for name := range e.webhooks {
		out = append(out, Link{Kind: LinkWebhook, Name: name})
	}
	slices.SortFunc(out, func(a, b Link) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Account, b.Account))
	})
	return out
}
