package certificate

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// lookEvery is how long a change of the files may go unnoticed.
const lookEvery = 2 * time.Second

// Pair is a certificate and its key in two files. It is safe for concurrent
// use.
type Pair struct {
	cert, key string
	now       func() time.Time
	log       *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	stamp   string // of the files that were read last
	problem string
	at      time.Time // of the problem
	renewed int64
}

// OpenPair reads the files; what is wrong with them is an error.
func OpenPair(cert, key string, now func() time.Time, log *slog.Logger) (*Pair, error) {
	p := &Pair{cert: cert, key: key, now: now, log: log, stamp: stampOf(cert, key)}
	c, err := Load(cert, key)
	if err != nil {
		return nil, err
	}
	p.current = c
	if now().After(c.Leaf.NotAfter) {
		log.Error("the certificate has expired; who connects is warned or turned away", "file", cert, "not_after", c.Leaf.NotAfter.UTC())
	}
	return p, nil
}

// Config is what a listener needs.
func (p *Pair) Config() *tls.Config {
	c := config()
	c.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.current, nil
	}
	return c
}

// Run follows changes of the files until ctx ends.
func (p *Pair) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			p.Look()
		}
	}
}

// Look takes what the files hold into use, if they changed and are a pair that
// is no worse than the one in use.
func (p *Pair) Look() {
	stamp := stampOf(p.cert, p.key)
	p.mu.Lock()
	same := stamp == p.stamp
	p.stamp = stamp
	old := p.current
	p.mu.Unlock()
	if same {
		return
	}
	c, err := Load(p.cert, p.key)
	now := p.now()
	if err == nil && now.After(c.Leaf.NotAfter) && !now.After(old.Leaf.NotAfter) {
		err = fmt.Errorf("%s has expired on %s", p.cert, c.Leaf.NotAfter.UTC().Format(time.RFC3339))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		p.problem, p.at = err.Error(), now
		p.log.Error("the new certificate cannot be used; the one before stays in use", "error", err, "not_after", old.Leaf.NotAfter.UTC())
		return
	}
	p.current, p.problem, p.at = c, "", time.Time{}
	p.renewed++
	p.log.Info("a new certificate is in use", "file", p.cert, "not_after", c.Leaf.NotAfter.UTC())
}

// Status says how it stands.
func (p *Pair) Status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := infoOf(p.cert, p.current)
	i.Problem, i.ProblemAt = p.problem, p.at
	return Status{From: FromFiles, Certificates: []Info{i}, Renewed: p.renewed}
}

// stampOf changes when one of the files does, also where a link is turned to
// another one, as container platforms do.
func stampOf(names ...string) string {
	s := ""
	for _, name := range names {
		st, err := os.Stat(name)
		if err != nil {
			s += err.Error() + "\n"
			continue
		}
		s += fmt.Sprintln(st.ModTime().UnixNano(), st.Size(), fileNumber(st))
	}
	return s
}
