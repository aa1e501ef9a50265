// Package web is the part of talking to a network's HTTP API that is the same
// for all of them: bounded answers, the network's own word on how often it may
// be asked, and errors that say whose fault it is without telling a secret.
package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/social"
)

// Limits of one request.
const (
	maxAnswer    = 4 << 20 // bytes, unpacked
	maxRedirects = 3
	timeout      = 30 * time.Second
)

// Client asks one server. It is safe for concurrent use.
type Client struct {
	Base *url.URL     // paths are laid below it
	HTTP *http.Client // nil: http.DefaultClient
	// Sign puts the credentials on a request. Its error ends the request; one
	// that is a *social.Error comes out as it is.
	Sign func(r *http.Request) error
	// Agent is the User-Agent.
	Agent string
	// Answered sees each answer's status and headers, for quotas.
	Answered func(status int, h http.Header)
	// Now is the time; nil: time.Now.
	Now func() time.Time
}

// Request is one call.
type Request struct {
	Method string // GET if empty
	Path   string
	Query  url.Values
	Header http.Header
	JSON   any        // the body, or
	Form   url.Values // the body
	Out    any        // where the answer's JSON goes; nil: it is not read
}

// ErrNoJSON is the Cause of the error for an answer that is no JSON, or not of
// the form that was asked for.
var ErrNoJSON = errors.New("invalid JSON")

// Answer is what came back of a request that the server took.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// StatusError is the Cause of the *social.Error for an answer that is no 2xx.
type StatusError struct {
	Status int
	Header http.Header
	Body   []byte // may hold personal data: not for screens or logs
}

func (e *StatusError) Error() string { return fmt.Sprintf("status %d", e.Status) }

// Status is that of the answer that an error is about, 0 where none came.
func Status(err error) int {
	var s *StatusError
	if errors.As(err, &s) {
		return s.Status
	}
	return 0
}

// Do makes a request. Errors are *social.Error; that of an answer which is no
// 2xx has a *StatusError for its cause, so that a connector can read what its
// network means by it.
func (c *Client) Do(ctx context.Context, r Request) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := c.request(ctx, &r)
	if err != nil {
		var known *social.Error
		if errors.As(err, &known) {
			return Answer{}, known
		}
		return Answer{}, &social.Error{Fault: social.FaultOurs, Safe: "the request cannot be made", Cause: err}
	}
	var way way
	resp, err := c.client(req.Method).Do(way.watch(req))
	if err != nil {
		return Answer{}, social.UnreachedAt(c.Base.Host, way.failure(bare(err)))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if c.Answered != nil {
		c.Answered(resp.StatusCode, resp.Header)
	}
	a := Answer{resp.StatusCode, resp.Header, body}
	switch {
	case err != nil:
		return a, social.UnreachedAt(c.Base.Host, bare(err))
	case len(body) > maxAnswer:
		return a, &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "the network's answer is larger than 4 MiB"}
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return a, c.refused(&a)
	case r.Out == nil:
		return a, nil
	}
	if err := json.Unmarshal(body, r.Out); err != nil {
		e := social.Unpromised()
		e.Cause = ErrNoJSON
		return a, e
	}
	return a, nil
}

// client follows redirects only where nothing but a page is asked for, and
// only within the server: a redirect makes a GET of a POST, whose answer would
// say that what was never sent has arrived, and elsewhere our credentials are
// nobody's business. What is not followed is the answer.
func (c *Client) client(method string) *http.Client {
	client := http.Client{}
	if c.HTTP != nil {
		client = *c.HTTP
	}
	configured := client.CheckRedirect
	client.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if method != http.MethodGet || len(via) > maxRedirects || r.URL.Host != via[0].URL.Host || r.URL.Scheme != via[0].URL.Scheme {
			return http.ErrUseLastResponse
		}
		if configured != nil {
			return configured(r, via)
		}
		return nil
	}
	return &client
}

// staysBelow refuses a path that a part of which, such as a post's id, could
// lead elsewhere. Servers may undo the escapes before they look for "..".
func staysBelow(path string) bool {
	path = strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/")
	for part := range strings.SplitSeq(path, "/") {
		plain, err := url.PathUnescape(part)
		if err != nil || plain == "." || plain == ".." || part == "" && path != "" || strings.ContainsAny(plain, "/\\") ||
			strings.ContainsFunc(plain, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return false
		}
	}
	return true
}

func (c *Client) request(ctx context.Context, r *Request) (*http.Request, error) {
	if !staysBelow(r.Path) {
		return nil, errors.New("the path does not stay below the server's")
	}
	u := c.Base.JoinPath(r.Path)
	u.RawQuery = r.Query.Encode()
	var body io.Reader
	kind := ""
	switch {
	case r.JSON != nil:
		b, err := json.Marshal(r.JSON)
		if err != nil {
			return nil, err
		}
		body, kind = bytes.NewReader(b), "application/json"
	case r.Form != nil:
		body, kind = strings.NewReader(r.Form.Encode()), "application/x-www-form-urlencoded"
	}
	method := r.Method
	if method == "" {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, errors.New("the address is no address")
	}
	for k, v := range r.Header {
		req.Header[k] = v
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	req.Header.Set("Accept", "application/json")
	if c.Agent != "" {
		req.Header.Set("User-Agent", c.Agent)
	}
	if c.Sign != nil {
		if err := c.Sign(req); err != nil {
			return nil, err
		}
	}
	return req, nil
}

// bare takes the address off an error: its query may hold a token.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// refused reads a status as most networks mean it.
func (c *Client) refused(a *Answer) *social.Error {
	e := &social.Error{Cause: &StatusError{a.Status, a.Header, a.Body}}
	switch s := a.Status; {
	case s == http.StatusTooManyRequests:
		e.Retry, e.Fault, e.After, e.Safe = true, social.FaultNetwork, RetryAfter(a.Header, c.now()), "the network limits how often it may be asked"
	case s == http.StatusUnauthorized:
		e.Fault, e.Safe = social.FaultOperator, "the network does not know our credentials any more (401)"
	case s == http.StatusForbidden:
		e.Fault, e.Safe = social.FaultOperator, "the network does not allow us to do that (403)"
	case (s == http.StatusNotFound || s == http.StatusGone) && !IsJSON(a.Body):
		// A gateway's page, or nothing: the API itself has not been asked.
		e.Retry, e.Fault, e.Safe = true, social.FaultNetwork, fmt.Sprintf("something else than the network's API answers at its address (%d)", s)
	case s == http.StatusNotFound || s == http.StatusGone:
		e.Fault, e.Safe = social.FaultCustomer, fmt.Sprintf("what we answer is not there any more (%d)", s)
	case s == http.StatusRequestTimeout || s >= 500:
		e.Retry, e.Fault, e.After, e.Safe = true, social.FaultNetwork, RetryAfter(a.Header, c.now()), fmt.Sprintf("the network has trouble of its own (%d)", s)
	case s >= 300 && s < 400:
		e.Fault, e.Safe = social.FaultOperator, fmt.Sprintf("the network is at another address (%d); configure that one", s)
	default:
		e.Fault, e.Safe = social.FaultOurs, fmt.Sprintf("the network refuses what we sent (%d)", s)
	}
	return e
}

func (c *Client) now() time.Time {
	if c.Now != nil {
		return c.Now()
	}
	return time.Now()
}

// IsJSON reports whether a body is a JSON object, as APIs answer with. What it
// says of itself is not asked: gateways say it of their own pages too.
func IsJSON(body []byte) bool {
	return strings.HasPrefix(strings.TrimLeft(string(body), " \t\r\n"), "{") && json.Valid(body)
}
