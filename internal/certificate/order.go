package certificate

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/acme"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

const (
	orderTime     = 4 * time.Minute // an order that is not through by then has failed
	challengeTime = time.Hour       // how long an answer is kept for the authority
	firstPause    = time.Minute     // after a failure; it doubles
	longestPause  = time.Hour
	maxChain      = 10
	maxProblem    = 500 // bytes of an authority's words that are kept
)

// tokenOK is what a token may be: RFC 8555 §8.3, base64url.
var tokenOK = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

// The ways to prove that a domain leads here, in the order in which they are
// tried.
const (
	byALPN = "tls-alpn-01"
	byHTTP = "http-01"
)

// pause is how long to wait after so many failures in a row.
func pause(failures int) time.Duration {
	d := firstPause
	for ; failures > 1 && d < longestPause; failures-- {
		d *= 2
	}
	return min(d, longestPause)
}

// renewAt is when a third of a certificate's life is left.
func renewAt(k *kept) time.Time { return k.NotBefore.Add(k.NotAfter.Sub(k.NotBefore) / 3 * 2) }

// look orders a certificate if it is time to, and says when to look again.
func (a *Authority) look(ctx context.Context, name string) time.Time {
	rs, err := a.read(ctx, name)
	now := a.o.Clock.Now()
	if err != nil {
		a.o.Logger.Warn("a certificate cannot be looked at", "domain", name, "error", err)
		return now.Add(firstPause)
	}
	r := &rs[0]
	has := len(r.Sealed) > 0 && r.Directory == a.o.Directory
	if due := renewAt(&r.kept); has && due.After(now) {
		return due
	}
	if r.Asked != a.o.Directory {
		r.Failures, r.NextTry = 0, time.Time{}
	}
	if r.NextTry.After(now) {
		return r.NextTry
	}
	a.o.Logger.Info("a certificate is ordered", "domain", name, "authority", a.o.Directory)
	within, cancel := context.WithTimeout(ctx, orderTime)
	defer cancel()
	if err = a.order(within, r); err == nil {
		err = a.write(within, r)
	}
	switch {
	case errors.Is(err, store.ErrConflict):
		return now // another node has done something: look at that first
	case ctx.Err() != nil:
		return now // the lease was lost, or the server stops: no failure of the authority's
	case err != nil:
		return a.failed(ctx, name, err)
	}
	if err := a.use(name, r); err != nil {
		a.o.Logger.Error("a new certificate cannot be used", "domain", name, "error", err)
	}
	a.o.Logger.Info("a certificate was issued", "domain", name, "not_after", r.NotAfter)
	return renewAt(&r.kept)
}

// failed writes down that an order failed, and returns when to try again.
func (a *Authority) failed(ctx context.Context, name string, cause error) time.Time {
	now := a.o.Clock.Now()
	again := now.Add(firstPause)
	rs, err := a.read(ctx, name)
	if err == nil {
		r := &rs[0]
		if r.Asked != a.o.Directory {
			r.Asked, r.Failures = a.o.Directory, 0
		}
		r.Failures++
		wait := pause(r.Failures)
		var e *acme.Error
		if errors.As(cause, &e) {
			if d, ok := acme.RateLimit(e); ok {
				wait = min(max(wait, d), 24*time.Hour)
			}
		}
		r.Problem, r.ProblemAt, r.NextTry = domain.Clip(cause.Error(), maxProblem), now, now.Add(wait)
		again = r.NextTry
		err = a.write(ctx, r)
	}
	a.o.Logger.Error("a certificate could not be ordered", "domain", name, "error", cause, "next_try", again)
	if err != nil {
		a.o.Logger.Warn("that an order failed could not be written down", "domain", name, "error", err)
	}
	return again
}

// order gets a certificate into r, from the account to the issued chain.
func (a *Authority) order(ctx context.Context, r *record) error {
	name := r.doc.ID
	client, err := a.account(ctx)
	if err != nil {
		return fmt.Errorf("the account at %s: %w", a.o.Directory, err)
	}
	order, err := client.AuthorizeOrder(ctx, acme.DomainIDs(name))
	if err != nil {
		return fmt.Errorf("the order: %w", err)
	}
	for _, url := range order.AuthzURLs {
		if err := a.prove(ctx, client, url, name, r.Failures); err != nil {
			return err
		}
	}
	ready, err := client.WaitOrder(ctx, order.URI)
	if err != nil {
		return fmt.Errorf("the order: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{DNSNames: []string{name}}, key)
	if err != nil {
		return err
	}
	chain, err := issue(ctx, client, order.URI, ready.FinalizeURL, csr)
	if err != nil {
		return fmt.Errorf("issuing: %w", err)
	}
	leaf, err := a.checkIssued(name, key, chain)
	if err != nil {
		return fmt.Errorf("what was issued: %w", err)
	}
	plain, err := pack(key, chain)
	if err != nil {
		return err
	}
	sealed, err := a.o.Sealer.Seal(ctx, sealName(name), plain)
	r.kept = kept{Sealed: sealed, Directory: a.o.Directory, Asked: a.o.Directory, NotBefore: leaf.NotBefore.UTC(), NotAfter: leaf.NotAfter.UTC()}
	return err
}

// issue has a certificate made and fetches it. The client looks for an order
// that is not through at once where the answer's Location says, and an
// authority need not say it again (RFC 8555 §7.4): then the order is looked at
// where it is.
func issue(ctx context.Context, client *acme.Client, order, finalize string, csr []byte) ([][]byte, error) {
	chain, _, err := client.CreateOrderCert(ctx, finalize, csr, true)
	if err == nil {
		return chain, nil
	}
	o, e := client.WaitOrder(ctx, order)
	if e != nil {
		return nil, errors.Join(err, e)
	}
	if o.Status != acme.StatusValid || o.CertURL == "" {
		return nil, err
	}
	return client.FetchCert(ctx, o.CertURL, true)
}

// checkIssued holds what the authority sent against what was asked for.
func (a *Authority) checkIssued(name string, key *ecdsa.PrivateKey, chain [][]byte) (*x509.Certificate, error) {
	if len(chain) == 0 || len(chain) > maxChain {
		return nil, fmt.Errorf("a chain of %d certificates", len(chain))
	}
	leaf, err := x509.ParseCertificate(chain[0])
	if err != nil {
		return nil, err
	}
	switch public, ok := leaf.PublicKey.(*ecdsa.PublicKey); {
	case !ok || !public.Equal(&key.PublicKey):
		return nil, errors.New("a certificate for another key")
	case !leaf.NotAfter.After(a.o.Clock.Now()):
		return nil, fmt.Errorf("a certificate that ended on %s; is this machine's clock right?", leaf.NotAfter.UTC().Format(time.RFC3339))
	}
	return leaf, leaf.VerifyHostname(name)
}

// account opens the account at the authority, and makes it where there is none.
func (a *Authority) account(ctx context.Context) (*acme.Client, error) {
	id := accountID(a.o.Directory)
	client := &acme.Client{HTTPClient: a.client, DirectoryURL: a.o.Directory, UserAgent: "contact-advocate/" + a.o.Version}
	rs, err := a.read(ctx, id)
	if err != nil {
		return nil, err
	}
	r := &rs[0]
	if len(r.Sealed) > 0 {
		plain, err := a.o.Sealer.Open(sealName(id), r.Sealed)
		if err != nil {
			return nil, err
		}
		if client.Key, err = unpackKey(plain); err != nil {
			return nil, err
		}
	} else if client.Key, err = a.newAccount(ctx, r); err != nil {
		return nil, err
	}
	account := &acme.Account{}
	if a.o.Email != "" {
		account.Contact = []string{"mailto:" + a.o.Email}
	}
	if _, err := client.Register(ctx, account, acme.AcceptTOS); err != nil && !errors.Is(err, acme.ErrAccountAlreadyExists) {
		return nil, err
	}
	return client, nil
}

// newAccount keeps a new key before the authority hears of it.
func (a *Authority) newAccount(ctx context.Context, r *record) (crypto.Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	plain, err := pack(key, nil)
	if err != nil {
		return nil, err
	}
	if r.Sealed, err = a.o.Sealer.Seal(ctx, sealName(r.doc.ID), plain); err != nil {
		return nil, err
	}
	r.Directory = a.o.Directory
	return key, a.write(ctx, r)
}

// ways are the challenges that can be met, the next one to try first.
func (a *Authority) ways(failures int) []string {
	if !a.o.HTTP {
		return []string{byALPN}
	}
	if failures%2 == 1 { // what did not work is not tried twice in a row
		return []string{byHTTP, byALPN}
	}
	return []string{byALPN, byHTTP}
}

// prove shows the authority that a domain leads here.
func (a *Authority) prove(ctx context.Context, client *acme.Client, url, name string, failures int) error {
	z, err := client.GetAuthorization(ctx, url)
	if err != nil {
		return fmt.Errorf("the authorization: %w", err)
	}
	if z.Status == acme.StatusValid {
		return nil // proven a while ago
	}
	var c *acme.Challenge
	for _, way := range a.ways(failures) {
		if i := slices.IndexFunc(z.Challenges, func(c *acme.Challenge) bool { return c.Type == way }); i >= 0 && c == nil {
			c = z.Challenges[i]
		}
	}
	if c == nil {
		var offered []string
		for _, c := range z.Challenges {
			offered = append(offered, c.Type)
		}
		return fmt.Errorf("the authority wants %s proven by %s; want one of %s", name, strings.Join(offered, " or "), strings.Join(a.ways(0), " and "))
	}
	if !tokenOK.MatchString(c.Token) {
		return fmt.Errorf("the authority's token %.40q is none", c.Token)
	}
	id, err := a.answer(ctx, client, c, name)
	if err != nil {
		return err
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), handshakeTime)
		defer cancel()
		if err := a.drop(end, id); err != nil {
			a.o.Logger.Warn("an answer to an authority stays until it expires", "error", err)
		}
	}()
	if _, err := client.Accept(ctx, c); err != nil {
		return fmt.Errorf("the challenge %s: %w", c.Type, err)
	}
	if _, err := client.WaitAuthorization(ctx, z.URI); err != nil {
		return fmt.Errorf("proving by %s that %s leads here: %w", c.Type, name, err)
	}
	return nil
}

// answer puts what the authority is to find where every node sees it.
func (a *Authority) answer(ctx context.Context, client *acme.Client, c *acme.Challenge, name string) (id string, err error) {
	var plain []byte
	if c.Type == byALPN {
		id = alpnPrefix + name
		cert, err := client.TLSALPN01ChallengeCert(c.Token, name)
		if err != nil {
			return "", err
		}
		if plain, err = pack(cert.PrivateKey, cert.Certificate); err != nil {
			return "", err
		}
	} else {
		id = tokenPrefix + c.Token
		text, err := client.HTTP01ChallengeResponse(c.Token)
		if err != nil {
			return "", err
		}
		plain = []byte(text)
	}
	return id, a.put(ctx, id, plain, challengeTime)
}
