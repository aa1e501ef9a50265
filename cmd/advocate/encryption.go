package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/contact-advocate/advocate/internal/certificate"
	"github.com/contact-advocate/advocate/internal/config"
	"github.com/contact-advocate/advocate/internal/telemetry"
)

// encryption is what a node shows by TLS: one of the two, or none.
type encryption struct {
	pair      *certificate.Pair
	authority *certificate.Authority
}

// openEncryption makes it. Nothing is read from the store or ordered yet.
func (n *node) openEncryption() (err error) {
	s := &n.settings
	switch t := &s.tls; {
	case t.ACME.On():
		n.encryption.authority, err = certificate.NewAuthority(certificate.Options{
			Store: n.store, Sealer: n.vault, Clock: s.clock, Logger: n.log, Version: version, HTTP: t.HTTPListen != "",
			Domains: t.ACME.Domains, Email: t.ACME.Email, Directory: t.ACME.Directory, CA: t.ACME.CA, AllowPrivate: t.ACME.AllowPrivate || s.allowPrivate,
			Alone: func(ctx context.Context, name string, work func(context.Context)) { n.engine.Alone(ctx, name, work) },
		})
	case t.On():
		n.encryption.pair, err = certificate.OpenPair(t.Cert, t.Key, s.clock.Now, n.log)
	}
	return placed(&s.tls, err)
}

// placed says where the setting stands that an error is about.
func placed(t *config.TLS, err error) error {
	switch {
	case err == nil:
		return nil
	case t.Place == "": // from the environment
		return fmt.Errorf("tls: %w", err)
	}
	return fmt.Errorf("%s: %w", t.Place, err)
}

// config is what the listener needs; nil for plain HTTP.
func (e *encryption) config() *tls.Config {
	switch {
	case e.authority != nil:
		return e.authority.Config()
	case e.pair != nil:
		return e.pair.Config()
	}
	return nil
}

// run follows files, or orders, until ctx ends.
func (e *encryption) run(ctx context.Context) {
	switch {
	case e.authority != nil:
		e.authority.Run(ctx)
	case e.pair != nil:
		e.pair.Run(ctx)
	}
}

// Status says how certificates stand; the zero value without TLS.
func (e *encryption) Status(ctx context.Context) (certificate.Status, error) {
	switch {
	case e.authority != nil:
		return e.authority.Status(ctx)
	case e.pair != nil:
		return e.pair.Status(), nil
	}
	return certificate.Status{}, nil
}

// shownURL is where people on this machine reach a listener: by the
// certificate's name where it is ordered for one.
func (s *settings) shownURL(a net.Addr) string {
	switch {
	case s.tls.ACME.On():
		url := "https://" + s.tls.ACME.Domains[0]
		if _, port, err := net.SplitHostPort(a.String()); err == nil && port != "443" {
			url += ":" + port
		}
		return url
	case s.tls.On():
		return "https://" + shownAddress(a)
	}
	return "http://" + shownAddress(a)
}

// checkEncryption looks at the files that a configuration names.
func checkEncryption(t *config.TLS) error {
	var err error
	switch {
	case t.Cert != "" && t.Key != "":
		_, err = certificate.Load(t.Cert, t.Key)
	case t.ACME.On() && t.ACME.CA != "":
		_, err = certificate.Roots(t.ACME.CA)
	}
	return placed(t, err)
}

// errPlain says that nothing is encrypted, so that there is nothing to tell.
var errPlain = errors.New("there is no TLS")

// certificateState is how certificates stand, for metrics.
func (n *node) certificateState(ctx context.Context) (telemetry.Certificates, error) {
	s, err := n.encryption.Status(ctx)
	if err == nil && s.From == "" {
		err = errPlain
	}
	return telemetry.Certificates{Ends: s.Soonest(), Failing: s.Failing(), Renewed: s.Renewed}, err
}

// certificates is how they stand, also for a node that does not serve.
func (n *node) certificates(ctx context.Context) (certificate.Status, error) {
	if n.encryption == (encryption{}) && n.settings.tls.On() {
		if err := n.openEncryption(); err != nil {
			return certificate.Status{From: certificate.FromFiles, Certificates: []certificate.Info{{Name: n.settings.tls.Cert, Problem: err.Error()}}}, nil
		}
	}
	return n.encryption.Status(ctx)
}

// endsSoon is when a certificate that should have been replaced by now is worth
// a warning. One that is short-lived by design has until a fifth of its life.
const endsSoon = 14 * 24 * time.Hour

// certificates tells how they stand.
func (x *examination) certificates(s *certificate.Status, now time.Time) {
	fix := "put a newer pair in the files' place; it is taken without a restart"
	if s.From == certificate.FromACME {
		fix = "it is tried again by itself; the log says what the authority answered"
	}
	for _, c := range s.Certificates {
		left := c.NotAfter.Sub(now)
		says := c.Name
		if !c.NotAfter.IsZero() {
			says = fmt.Sprintf("%s: until %s, %s", c.Name, c.NotAfter.Format(time.RFC3339), amount(int64(max(0, left)/(24*time.Hour)), "day"))
		}
		if c.Problem != "" {
			says += "; could not be replaced: " + c.Problem
		}
		switch {
		case c.NotAfter.IsZero():
			x.bad("certificate", fix, "%s: there is none", says)
		case left <= 0:
			x.bad("certificate", fix, "%s: it has ended", says)
		case left < min(endsSoon, c.NotAfter.Sub(c.NotBefore)/5), c.Problem != "":
			x.warn("certificate", fix, "%s", says)
		default:
			x.ok("certificate", "%s", says)
		}
	}
}
