package httpapi

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/contact-advocate/advocate/internal/auth"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/remote"
)

// Requests are answered in places, of which there are so many. A place is not
// held for as long as a caller likes: a body is read before one is taken, in a
// room of its own, and who shows neither token nor session shares what there is
// by address. So no stranger takes the places of who is signed in, nor those of
// health checks, which a supervisor of processes acts upon.

// room is a number of places, with a share for each who asks.
type room struct {
	all, each int

	mu    sync.Mutex
	taken map[string]int
	sum   int
}

func newRoom(all, each int) *room { return &room{all: all, each: each, taken: map[string]int{}} }

func (r *room) take(who string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sum >= r.all || r.taken[who] >= r.each {
		return false
	}
	r.sum++
	r.taken[who]++
	return true
}

func (r *room) leave(who string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum--
	if r.taken[who]--; r.taken[who] == 0 {
		delete(r.taken, who)
	}
}

// side is what there is for some of the callers.
type side struct {
	work    *room // requests being answered
	bodies  *room // requests whose body is being read
	streams *room // answers that stay open
	bytes   atomic.Int64
	most    int64 // of bytes, in bodies that are here
}

// rooms are all there are.
type rooms struct {
	health  *room // /healthz and /readyz
	door    *room // whose token or session is being looked at; nothing waits for a caller there
	known   side  // who is signed in, and programs with a token
	strange side  // everybody else, by address
}

func newRooms() *rooms {
	return &rooms{
		health: newRoom(maxHealth, maxHealth), door: newRoom(maxInFlight, maxInFlight),
		known:   side{work: newRoom(maxInFlight, maxKnown), bodies: newRoom(maxInFlight, maxKnown), streams: newRoom(maxStreams, maxStreams), most: maxKnownBytes},
		strange: side{work: newRoom(maxStrangers, maxStranger), bodies: newRoom(maxStrangers, maxStranger), streams: newRoom(maxWaits, maxWait), most: maxStrangerBytes},
	}
}

// seat is where a request stands; one goroutine's.
type seat struct {
	in   *room
	who  string
	side *side // whose bytes the request's body is counted in
	held int64
}

type seatKey struct{}

// move takes a place elsewhere and gives back the one before, or keeps it and
// says no.
func (p *seat) move(to *room, who string) bool {
	if !to.take(who) {
		return false
	}
	p.leave()
	p.in, p.who = to, who
	return true
}

// leave gives the place back, for good or until the next move.
func (p *seat) leave() {
	if p.in != nil {
		p.in.leave(p.who)
		p.in = nil
	}
}

// end gives back all that the request holds.
func (p *seat) end() {
	p.leave()
	if p.side != nil {
		p.side.bytes.Add(-p.held)
		p.held = 0
	}
}

func full() error {
	return problem(domain.CodeUnavailable, "the server has all it can do")
}

func fullStreams() error {
	return problem(domain.CodeUnavailable, "there are as many streams open as there may be")
}

// enter takes the first place of a request: at the door where its credentials
// will be asked for, else among the strangers. Who has a session keeps a place
// where strangers of the same address have taken theirs.
func (a *API) enter(r *http.Request, pattern string) (*seat, error) {
	p := &seat{}
	need, ok := a.needs[pattern]
	switch {
	case healthChecks[pattern]:
		if !p.move(a.rooms.health, "") {
			return nil, full()
		}
	case ok && !need.free():
		if !p.move(a.rooms.door, "") {
			return nil, full()
		}
	case a.streams[pattern]:
		if !p.move(a.rooms.strange.streams, addressOf(r)) {
			return nil, fullStreams()
		}
	case !p.move(a.rooms.strange.work, addressOf(r)):
		if !p.move(a.rooms.door, "") {
			return nil, full()
		}
		who, err := a.identify(r, false)
		if err != nil || !p.move(a.rooms.known.work, nameOf(&who)) {
			p.end()
			return nil, full()
		}
	}
	return p, nil
}

var healthChecks = map[string]bool{"GET /healthz": true, "GET /readyz": true}

// addressOf names whom a stranger's share is counted for.
func addressOf(r *http.Request) string {
	addr, _ := remote.ClientAddr(r)
	return remote.Neighbourhood(addr)
}

func nameOf(who *auth.Principal) string { return string(who.Kind) + " " + who.Name }

// seated gives a request that may reach its route the place in which it is
// answered, once its body is here.
func (a *API) seated(w http.ResponseWriter, r *http.Request, c *call, who *auth.Principal) error {
	p, _ := r.Context().Value(seatKey{}).(*seat)
	if p == nil || p.in == a.rooms.health {
		return nil
	}
	s, name := &a.rooms.strange, p.who
	switch {
	case !c.need.free():
		s, name = &a.rooms.known, nameOf(who)
	case p.in == a.rooms.known.work:
		s = &a.rooms.known
	}
	if c.stream {
		if p.in != s.streams && (!p.move(s.streams, name) || who.Kind == auth.KindSession && s.streams.of(name) > maxOwnStreams) {
			return fullStreams()
		}
		return nil
	}
	if c.method != http.MethodGet && r.ContentLength != 0 {
		if !p.move(s.bodies, name) {
			return full()
		}
		if err := p.read(w, r, c.maxBody+2, s); err != nil {
			return err
		}
	}
	if p.in != s.work && !p.move(s.work, name) {
		return full()
	}
	return nil
}

func (r *room) of(who string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.taken[who]
}

// read fetches a request's body, so far as its route looks at it. What all
// bodies together may take is counted as it comes: who says that much will come
// has taken nothing yet. How reading went wrong is told to the handler, as if it
// had read by itself.
func (p *seat) read(w http.ResponseWriter, r *http.Request, most int64, s *side) error {
	p.side = s
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime)) // not of every connection; the server has its own
	var (
		body  bytes.Buffer
		from  = io.LimitReader(r.Body, most)
		piece = make([]byte, pieceOf(r.ContentLength))
	)
	for {
		n, err := from.Read(piece)
		p.held += int64(n)
		if s.bytes.Add(int64(n)) > s.most {
			return full()
		}
		body.Write(piece[:n])
		switch {
		case errors.Is(err, io.EOF):
			r.Body = io.NopCloser(&body)
			return nil
		case err != nil:
			r.Body = io.NopCloser(io.MultiReader(&body, failing{err}))
			return nil
		}
	}
}

// pieceOf is how much of a body is read at once; most are small, and say so.
func pieceOf(length int64) int64 {
	const most = 32 << 10
	if length < 0 || length >= most {
		return most
	}
	return length + 1
}

// failing is a body whose rest cannot be read.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// withSeat is a request that knows where it stands.
func withSeat(r *http.Request, p *seat) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), seatKey{}, p))
}
