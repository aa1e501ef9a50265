package bluesky

import (
	"context"
	"net/url"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// The stream names authors by DID alone. Their handles are asked for when they
// write to us, if that can be done soon: a post does not wait long for a name,
// and a rush of posts does not use up our requests (3000 in five minutes,
// https://docs.bsky.app/docs/advanced-guides/rate-limits).
const (
	maxNames   = 4096
	nameKept   = time.Hour
	nameMissed = 5 * time.Minute
	askedAtAll = 300 * time.Millisecond // between two look-ups
	maxProfile = 25                     // actors that one getProfiles takes
	viewRest   = time.Minute            // before an AppView that does not answer is asked again
)

type names struct {
	known social.Recent[string, name]

	mu   sync.Mutex
	next time.Time
}

type name struct {
	handle, display string
	until           time.Time
}

func (s *names) get(did string, now time.Time) (name, bool) {
	v, ok := s.known.Get(did)
	return v, ok && now.Before(v.until)
}

func (s *names) forget(did string) {
	s.known.Update(did, func(name) name { return name{} })
}

// mayAsk keeps look-ups apart.
func (s *names) mayAsk(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Before(s.next) {
		return false
	}
	s.next = now.Add(askedAtAll)
	return true
}

// view notes whether an AppView answers behind our server.
type view struct {
	mu   sync.Mutex
	rest time.Time
}

func (n *Network) viewAnswers() bool {
	n.view.mu.Lock()
	defer n.view.mu.Unlock()
	return !n.kit.Clock.Now().Before(n.view.rest)
}

// askView asks the AppView for what can be done without.
func (n *Network) askView(ctx context.Context, c call) error {
	err := n.ask(ctx, c)
	if isUnserved(err) {
		n.view.mu.Lock()
		n.view.rest = n.kit.Clock.Now().Add(viewRest)
		n.view.mu.Unlock()
	}
	return err
}

// profile is what we use of app.bsky.actor.defs#profileView.
type profile struct {
	DID         string `json:"did"`
	Handle      string `json:"handle"`
	DisplayName string `json:"displayName"`
	Viewer      struct {
		BlockedBy bool `json:"blockedBy"`
	} `json:"viewer"`
}

func (n *Network) keepName(p profile) {
	v := name{display: social.Clean(p.DisplayName, domain.MaxPostField), until: n.kit.Clock.Now().Add(nameKept)}
	if validHandle(p.Handle) && p.Handle != "handle.invalid" {
		v.handle = p.Handle
	}
	n.names.known.Put(p.DID, v)
}

// nameAuthors fills in the authors' names that are known or soon found.
func (n *Network) nameAuthors(ctx context.Context, posts []domain.Post) {
	now := n.kit.Clock.Now()
	var missing []string
	asked := map[string]bool{}
	for i := range posts {
		did := posts[i].Author.ID
		if _, ok := n.names.get(did, now); !ok && !posts[i].Deleted && !asked[did] && len(missing) < maxProfile {
			missing, asked[did] = append(missing, did), true
		}
	}
	if len(missing) > 0 && n.names.mayAsk(now) {
		n.findNames(ctx, missing)
	}
	for i := range posts {
		if v, ok := n.names.get(posts[i].Author.ID, now); ok {
			posts[i].Author.Handle, posts[i].Author.Name = v.handle, v.display
		}
	}
}

func (n *Network) findNames(ctx context.Context, dids []string) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	if n.viewAnswers() {
		var out struct{ Profiles []profile }
		if n.askView(ctx, call{name: "app.bsky.actor.getProfiles", query: url.Values{"actors": dids}, out: &out}) == nil {
			for _, p := range out.Profiles {
				if validDID(p.DID) {
					n.keepName(p)
				}
			}
		}
	}
	now := n.kit.Clock.Now()
	for i, did := range dids {
		if _, ok := n.names.get(did, now); ok {
			continue
		}
		// The server itself knows the accounts that it holds.
		var out struct {
			Handle  string `json:"handle"`
			Correct bool   `json:"handleIsCorrect"`
		}
		if !n.viewAnswers() && i < 3 && n.ask(ctx, call{name: "com.atproto.repo.describeRepo", query: url.Values{"repo": {did}}, out: &out}) == nil && out.Correct {
			n.keepName(profile{DID: did, Handle: out.Handle})
		} else if i < 3 {
			n.names.known.Put(did, name{until: now.Add(nameMissed)})
		}
	}
}
