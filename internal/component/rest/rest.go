package rest

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/jq"
)

// maxAsked is the longest part of a question that is sent on, in bytes.
const maxAsked = 2 << 10

// Component asks one HTTP service. It is safe for concurrent use.
type Component struct {
	config  Config
	url     template
	body    *jq.Program
	mapping *jq.Program
	client  *http.Client
	breaker breaker
}

var _ component.Component = (*Component)(nil)

// New checks a configuration, compiles its programs and reads its credentials
// once, so that what is wrong is said at the start.
func New(c Config) (*Component, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	t, err := newTemplate(c.URL, c.Auth.header() != "" && !c.AllowPrivate)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Place, err)
	}
	out := &Component{config: c, url: t, breaker: breaker{now: c.Now, failures: c.Failures, cooldown: c.Cooldown}}
	if out.body, out.mapping, err = c.programs(); err != nil {
		return nil, err
	}
	roots, err := c.roots()
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: c.Timeout, Control: control(c.AllowPrivate)}
	out.client = &http.Client{
		CheckRedirect: out.redirect,
		Transport: &http.Transport{
			// No proxy: it would connect for us, past the check of addresses.
			Proxy:                  nil,
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    c.Timeout,
			IdleConnTimeout:        90 * time.Second,
			MaxConnsPerHost:        maxConnsPerHost,
			MaxResponseHeaderBytes: maxHeaderBytes,
			ForceAttemptHTTP2:      true,
		},
	}
	return out, nil
}

func (c *Component) Name() string { return c.config.Name }

// State is the circuit breaker's.
func (c *Component) State() State { return c.breaker.state() }

// Circuit implements component.Guarded.
func (c *Component) Circuit() string { return string(c.State()) }

// Close lets go of idle connections.
func (c *Component) Close() { c.client.CloseIdleConnections() }

// fault is an error of one attempt.
type fault struct {
	component.Error
	service bool          // it counts against the service
	after   time.Duration // what the service asks us to wait
}

func (c *Component) fail(retry, service bool, cause error, format string, args ...any) *fault {
	return &fault{Error: component.Error{Retry: retry, Safe: c.config.Name + ": " + fmt.Sprintf(format, args...), Cause: cause}, service: service}
}

// Ask fills the question into the URL and the body, asks, tries again where
// that is harmless, and maps what comes back. A question that cannot be asked
// as configured (nothing to fill in, or text that would lead elsewhere) is
// not found, without a request; so are the statuses 404 and 410.
func (c *Component) Ask(ctx context.Context, q domain.Lookup, asker component.Asker) (domain.ComponentAnswer, error) {
	ans := domain.ComponentAnswer{Lookup: q}
	if err := ctx.Err(); err != nil {
		return ans, &component.Error{Retry: true, Safe: c.config.Name + ": was not asked in time", Cause: err}
	}
	asked, ok := questions(q, asker)
	if !ok {
		return ans, nil
	}
	target, ok := c.url.expand(asked)
	if !ok {
		return ans, nil
	}
	if asked["id"] == "" && asked["query"] == "" && asked["ref"] == "" && c.body != nil {
		return ans, nil
	}
	ask := map[string]any{"id": asked["id"], "query": asked["query"], "ref": asked["ref"], "lang": asked["lang"], "case": strings.ToValidUTF8(q.Case, "")}
	body, f := c.requestBody(ctx, ask)
	if f == nil {
		var status int
		var raw []byte
		if status, raw, f = c.fetch(ctx, target, body); f == nil {
			f = c.answer(ctx, status, raw, ask, &ans)
		}
	}
	if f != nil {
		return domain.ComponentAnswer{Lookup: q}, &f.Error
	}
	return ans, nil
}

// questions are the values of the places. What is far too long is nobody's.
func questions(q domain.Lookup, asker component.Asker) (map[string]string, bool) {
	lang := q.Lang
	if lang == "" {
		lang = asker.Lang
	}
	out := map[string]string{"id": q.ID, "query": q.Query, "ref": asker.Ref, "lang": lang}
	for name, v := range out {
		v = strings.TrimSpace(domain.CleanText(v))
		if len(v) > maxAsked {
			if name != "query" {
				return nil, false
			}
			for v = v[:maxAsked]; !utf8.ValidString(v); {
				v = v[:len(v)-1]
			}
		}
		out[name] = v
	}
	return out, true
}

func (c *Component) requestBody(ctx context.Context, ask map[string]any) ([]byte, *fault) {
	if c.body == nil {
		return nil, nil
	}
	out, err := c.body.RunMax(ctx, maxRequest, ask)
	if err == nil && len(out) != 1 {
		err = fmt.Errorf("the body program gave %d results; want one", len(out))
	}
	var b []byte
	if err == nil {
		b, err = jq.Encode(out[0])
	}
	if err != nil {
		return nil, c.fail(false, false, err, "the request could not be made from this question")
	}
	return b, nil
}

// fetch makes attempts until one tells something or none is left.
func (c *Component) fetch(ctx context.Context, target string, body []byte) (int, []byte, *fault) {
	retries := *c.config.Retries
	if c.config.Method != http.MethodGet && !c.config.Idempotent {
		retries = 0
	}
	wait := c.config.Backoff
	for attempt := 0; ; attempt++ {
		status, raw, f := c.guarded(ctx, target, body)
		if f == nil || !f.Retry || attempt >= retries || ctx.Err() != nil || c.State() != Closed {
			return status, raw, f
		}
		// Full jitter: many askers that failed together do not come back together.
		pause := time.Duration(rand.Int64N(int64(wait))) + 1
		if f.after > 0 {
			pause = f.after
		}
		if wait = min(2*wait, maxBackoff); pause > maxBackoff || !sleep(ctx, pause) {
			return status, raw, f // too long to hold a place; the outbox comes back
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	if end, ok := ctx.Deadline(); ok && time.Until(end) < d {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// guarded is one attempt under the circuit breaker.
func (c *Component) guarded(ctx context.Context, target string, body []byte) (int, []byte, *fault) {
	ticket, until, ok := c.breaker.enter()
	if !ok {
		why := fmt.Sprintf("%d failures in a row", c.config.Failures)
		if c.config.Failures == 1 {
			why = "a failure"
		}
		return 0, nil, c.fail(true, false, nil, "is left alone after %s, until %s UTC", why, until.UTC().Format(time.TimeOnly))
	}
	end := unknown
	defer func() { c.breaker.leave(ticket, end) }()
	status, raw, f := c.attempt(ctx, target, body)
	switch {
	case f == nil || !f.service:
		if f == nil || status > 0 {
			end = good
		}
	case ctx.Err() == nil: // a caller that went away says nothing about the service
		end = bad
	}
	return status, raw, f
}

func (c *Component) attempt(ctx context.Context, target string, body []byte) (int, []byte, *fault) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, c.config.Method, target, bytes.NewReader(body))
	if err != nil {
		return 0, nil, c.fail(false, false, plain(err), "the address could not be made from this question")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", defaultUserAgent)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, v := range c.config.Headers {
		req.Header.Set(name, v)
	}
	if err := c.config.Auth.apply(req.Header); err != nil {
		return 0, nil, c.fail(false, false, err, "its credentials cannot be read")
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return 0, nil, c.connectFault(ctx, err)
	}
	defer resp.Body.Close()
	if f := c.statusFault(resp); f != nil {
		return resp.StatusCode, nil, f
	}
	raw, err := io.ReadAll(io.LimitReader(resp.Body, MaxResponse+1))
	switch {
	case err != nil:
		return resp.StatusCode, nil, c.fail(true, true, plain(err), "the answer broke off")
	case len(raw) > MaxResponse:
		return resp.StatusCode, nil, c.fail(false, false, nil, "the answer is larger than %d MiB", MaxResponse>>20)
	}
	return resp.StatusCode, raw, nil
}

// plain drops the address from an error: it holds what a customer wrote.
func plain(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		return ue.Err
	}
	return err
}

var errRedirect = errors.New("redirected")

func (c *Component) connectFault(ctx context.Context, err error) *fault {
	err = plain(err)
	var ae *addressError
	var cert *tls.CertificateVerificationError
	switch {
	case errors.As(err, &ae):
		return c.fail(false, false, err, "its address is not one that may be asked")
	case errors.Is(err, errRedirect):
		return c.fail(false, false, err, "it sends us elsewhere: %v", err)
	case errors.As(err, &cert):
		return c.fail(true, true, err, "its certificate cannot be verified")
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return c.fail(true, true, err, "did not answer within %v", c.config.Timeout)
	}
	return c.fail(true, true, err, "cannot be reached")
}

func (c *Component) statusFault(resp *http.Response) *fault {
	switch s := resp.StatusCode; {
	case s >= 200 && s < 300, s == http.StatusNotFound, s == http.StatusGone:
		return nil
	case s == http.StatusTooManyRequests || s == http.StatusServiceUnavailable:
		f := c.fail(true, true, nil, "asks us to come back later (status %d)", s)
		// RFC 9110 §10.2.3, in seconds; a date is rare and worth a backoff only.
		if n, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && n > 0 {
			f.after = time.Duration(min(n, 3600)) * time.Second
		}
		return f
	case s >= 500 || s == http.StatusRequestTimeout || s == http.StatusTooEarly:
		return c.fail(true, true, nil, "failed (status %d)", s)
	case s == http.StatusUnauthorized || s == http.StatusForbidden:
		return c.fail(false, false, nil, "refuses our credentials (status %d)", s)
	default:
		return c.fail(false, false, nil, "refuses the question (status %d)", s)
	}
}

// redirect follows at most three, never from https to http, and shows our
// credentials to nobody but the host we were told to ask. The new address is
// checked when it is dialled.
func (c *Component) redirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("%w more than %d times", errRedirect, maxRedirects)
	}
	if req.URL.Scheme != "https" && (req.URL.Scheme != "http" || via[0].URL.Scheme == "https") {
		return fmt.Errorf("%w from %s to %.20q", errRedirect, via[0].URL.Scheme, req.URL.Scheme)
	}
	for _, earlier := range append(via[:len(via):len(via)], req) {
		if earlier.URL.Host != via[0].URL.Host || earlier.URL.Scheme != via[0].URL.Scheme {
			if req.Method != http.MethodGet { // 307 and 308 would take the body along
				return fmt.Errorf("%w with what was asked, to another host", errRedirect)
			}
			for _, name := range []string{c.config.Auth.header(), "Authorization", "Cookie", "Referer"} {
				if name != "" {
					req.Header.Del(name)
				}
			}
			for name := range c.config.Headers { // they may hold an account's name
				req.Header.Del(name)
			}
		}
	}
	return nil
}

// mapped is what a mapping gives.
type mapped struct {
	Found   *bool           `json:"found"`
	Data    json.RawMessage `json:"data"`
	Orders  []domain.Order  `json:"orders"`
	Profile *domain.Profile `json:"profile"`
}

// answer maps a response.
func (c *Component) answer(ctx context.Context, status int, raw []byte, ask map[string]any, ans *domain.ComponentAnswer) *fault {
	if status == http.StatusNotFound || status == http.StatusGone {
		return nil
	}
	var v any
	if raw = bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\ufeff"))); len(raw) > 0 {
		var err error
		if v, err = jq.Decode(bytes.ToValidUTF8(raw, []byte("\ufffd"))); err != nil {
			return c.fail(false, false, err, "the answer is not JSON")
		}
	}
	out, err := c.mapping.RunMax(ctx, 4*component.MaxAnswerData, v, status, ask)
	if err != nil {
		retry := ctx.Err() != nil
		return c.fail(retry, false, err, "the answer could not be mapped")
	}
	switch {
	case len(out) == 0 || len(out) == 1 && out[0] == nil:
		return nil // the mapping found nothing
	case len(out) > 1:
		return c.fail(false, false, fmt.Errorf("the mapping gave %d results; want one", len(out)), "the answer could not be mapped")
	}
	if err := take(out[0], ans); err != nil {
		return c.fail(false, false, err, "the answer could not be mapped")
	}
	return nil
}

func take(result any, ans *domain.ComponentAnswer) error {
	b, err := jq.Encode(result)
	if err != nil {
		return err
	}
	var m mapped
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil {
		return fmt.Errorf("the mapping's result: %w; want {found, data, orders, profile}", err)
	}
	if string(m.Data) == "null" {
		m.Data = nil
	}
	switch {
	case len(m.Data) > 0 && m.Data[0] != '{':
		return errors.New("the mapping's data is not an object")
	case len(m.Data) > component.MaxAnswerData:
		return fmt.Errorf("the mapping's data is %d bytes long; at most %d are accepted", len(m.Data), component.MaxAnswerData)
	case len(m.Orders) > component.MaxAnswerOrders:
		return fmt.Errorf("the mapping gave %d orders; at most %d are accepted", len(m.Orders), component.MaxAnswerOrders)
	}
	for i := range m.Orders {
		o := &m.Orders[i]
		// A reference that is not whole would become nobody's, in silence.
		if err := domain.CheckKey("customer_ref", o.CustomerRef); err != nil {
			return fmt.Errorf("the mapping's orders[%d].%w", i, err)
		}
		if o.Normalize(); o.ID == "" {
			return fmt.Errorf("the mapping's orders[%d] has no id", i)
		}
		if err := domain.CheckKey("id", o.ID); err != nil {
			return fmt.Errorf("the mapping's orders[%d].%w", i, err)
		}
	}
	if m.Profile != nil {
		m.Profile.Normalize()
		if err := domain.CheckKey("ref", m.Profile.Ref); err != nil {
			return fmt.Errorf("the mapping's profile.%w", err)
		}
	}
	has := len(m.Data) > 0 || len(m.Orders) > 0 || m.Profile != nil
	if m.Found != nil && !*m.Found || m.Found == nil && !has {
		return nil
	}
	ans.Found, ans.Data, ans.Orders, ans.Profile = true, m.Data, m.Orders, m.Profile
	return nil
}
