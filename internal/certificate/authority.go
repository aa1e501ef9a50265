package certificate

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/acme"

	"github.com/contact-advocate/advocate/internal/clock"
	"github.com/contact-advocate/advocate/internal/component/rest"
	"github.com/contact-advocate/advocate/internal/store"
)

const (
	lease = "certificates"
	// readEvery is how long a certificate that another node ordered may go
	// unnoticed, and readAgain where there is none yet.
	readEvery = time.Minute
	readAgain = time.Second
	// callTime bounds one call to the authority, and a handshake's read.
	callTime      = 30 * time.Second
	handshakeTime = 5 * time.Second
)

// Options make an Authority. All but CA, Email and Logger are required; Alone
// is needed by Run alone.
type Options struct {
	Store        store.Store
	Sealer       Sealer
	Alone        func(ctx context.Context, name string, work func(context.Context)) // engine.Alone
	Clock        clock.Clock
	Logger       *slog.Logger
	Domains      []string
	Email        string
	Directory    string
	CA           string // a file of certificates to trust beside the system's
	AllowPrivate bool   // the authority may be at a private address
	HTTP         bool   // Handler is served on a port that the authority reaches
	Version      string
}

// Authority orders certificates and shows them. It is safe for concurrent use.
type Authority struct {
	o      Options
	client *http.Client

	mu      sync.Mutex
	have    map[string]*shown
	looked  map[string]time.Time // when a domain without a certificate was last read
	renewed int64
}

// shown is a certificate in use.
type shown struct {
	version int64 // of its document
	cert    *tls.Certificate
}

// NewAuthority makes an Authority; Run makes it order.
func NewAuthority(o Options) (*Authority, error) {
	if o.Store == nil || o.Sealer == nil || o.Clock == nil || len(o.Domains) == 0 || o.Directory == "" {
		panic("certificate: NewAuthority needs a store, a sealer, a clock, domains and a directory")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	roots, err := Roots(o.CA)
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: callTime, Control: rest.Control(o.AllowPrivate)}
	return &Authority{o: o, have: map[string]*shown{}, looked: map[string]time.Time{}, client: &http.Client{
		Timeout: callTime,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: callTime, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
		},
	}}, nil
}

// Roots are the system's certificates and those of a file; nil, the system's,
// where there is none.
func Roots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	b, err := readPEM(file)
	if err != nil {
		return nil, fmt.Errorf("the authority's certificates: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(b) {
		return nil, fmt.Errorf("the authority's certificates: %s holds none in PEM", file)
	}
	return pool, nil
}

// Config is what a listener needs.
func (a *Authority) Config() *tls.Config {
	c := config(acme.ALPNProto)
	c.GetCertificate = a.certificate
	return c
}

// certificate answers a handshake.
func (a *Authority) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	name := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
	if name == "" || net.ParseIP(name) != nil {
		name = a.o.Domains[0] // a load balancer that asks whether somebody is there
	}
	if !slices.Contains(a.o.Domains, name) {
		return nil, fmt.Errorf("certificate: %.60q is not among the domains", name)
	}
	ctx, cancel := context.WithTimeout(hello.Context(), handshakeTime)
	defer cancel()
	// RFC 8737 §3: the authority offers this protocol and no other.
	if slices.Equal(hello.SupportedProtos, []string{acme.ALPNProto}) {
		b, err := a.get(ctx, alpnPrefix+name)
		if err != nil || b == nil {
			return nil, errors.Join(fmt.Errorf("certificate: nobody asked for a proof that %s is here", name), err)
		}
		return unpack(b)
	}
	if c := a.current(name); c != nil {
		return c, nil
	}
	if a.mayRead(name) {
		if err := a.take(ctx, name); err != nil {
			return nil, err
		}
	}
	if c := a.current(name); c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("certificate: there is none for %s yet", name)
}

func (a *Authority) current(name string) *tls.Certificate {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s := a.have[name]; s != nil {
		return s.cert
	}
	return nil
}

// mayRead keeps handshakes from becoming reads of the store one by one.
func (a *Authority) mayRead(name string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	if now.Sub(a.looked[name]) < readAgain {
		return false
	}
	a.looked[name] = now
	return true
}

// take reads domains' certificates and puts those into use that changed.
func (a *Authority) take(ctx context.Context, names ...string) error {
	rs, err := a.read(ctx, names...)
	if err != nil {
		return err
	}
	for i := range rs {
		err = errors.Join(err, a.use(names[i], &rs[i]))
	}
	return err
}

// use puts a certificate into use, unless it is.
func (a *Authority) use(name string, r *record) error {
	if len(r.Sealed) == 0 {
		return nil
	}
	a.mu.Lock()
	old := a.have[name]
	a.mu.Unlock()
	if old != nil && old.version == r.doc.Version {
		return nil
	}
	plain, err := a.o.Sealer.Open(sealName(name), r.Sealed)
	if err != nil {
		return err
	}
	c, err := unpack(plain)
	if err != nil {
		return fmt.Errorf("certificate: that of %s cannot be read: %w", name, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if old != nil && !old.cert.Leaf.Equal(c.Leaf) {
		a.renewed++
	}
	a.have[name] = &shown{r.doc.Version, c}
	return nil
}

// Run keeps what is shown up to date, and orders whenever it is this node's
// turn, until ctx ends.
func (a *Authority) Run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { a.o.Alone(ctx, lease, a.work) })
	defer all.Wait()
	failing := false
	for ctx.Err() == nil {
		err := a.take(ctx, a.o.Domains...)
		if err != nil && ctx.Err() == nil && !failing {
			a.o.Logger.Warn("certificates cannot be read from the store; those in use stay", "error", err)
		}
		failing = err != nil
		a.wait(ctx, a.o.Clock.Now().Add(readEvery))
	}
}

func (a *Authority) wait(ctx context.Context, until time.Time) {
	alarm, give := a.o.Clock.Alarm(until)
	defer give()
	select {
	case <-ctx.Done():
	case <-alarm:
	}
}

// work orders what is missing or ends soon. It holds the lease.
func (a *Authority) work(ctx context.Context) {
	for ctx.Err() == nil {
		next := a.o.Clock.Now().Add(longestPause)
		for _, name := range a.o.Domains {
			if at := a.look(ctx, name); at.Before(next) {
				next = at
			}
		}
		a.wait(ctx, next)
	}
}

// Status says how the certificates of all nodes stand, by domain.
func (a *Authority) Status(ctx context.Context) (Status, error) {
	s := Status{From: FromACME}
	rs, err := a.read(ctx, a.o.Domains...)
	if err != nil {
		return s, err
	}
	for i := range rs {
		r := &rs[i]
		info := Info{Name: a.o.Domains[i], NotBefore: r.NotBefore, NotAfter: r.NotAfter, Problem: r.Problem, ProblemAt: r.ProblemAt}
		if len(r.Sealed) > 0 {
			info.Names = []string{a.o.Domains[i]}
		}
		s.Certificates = append(s.Certificates, info)
	}
	a.mu.Lock()
	s.Renewed = a.renewed
	a.mu.Unlock()
	return s, nil
}

// Handler answers the authority's questions by HTTP (RFC 8555 §8.3), and passes
// on what is none.
func (a *Authority) Handler(next http.Handler) http.Handler {
	const prefix = "/.well-known/acme-challenge/"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := strings.CutPrefix(r.URL.Path, prefix)
		if !ok || !tokenOK.MatchString(token) {
			next.ServeHTTP(w, r)
			return
		}
		answer, err := a.get(r.Context(), tokenPrefix+token)
		switch {
		case err != nil:
			a.o.Logger.WarnContext(r.Context(), "an authority's question cannot be answered", "error", err)
			http.Error(w, "the answer cannot be read now", http.StatusServiceUnavailable)
		case answer == nil:
			http.NotFound(w, r)
		default:
			w.Header().Set("Content-Type", "application/octet-stream")
			_, _ = w.Write(answer)
		}
	})
}
