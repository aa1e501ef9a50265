package rest

import (
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/jq"
	"github.com/contact-advocate/advocate/internal/secret"
)

// Limits and defaults.
const (
	MaxResponse      = 1 << 20 // bytes, unpacked
	maxRequest       = 64 << 10
	maxRedirects     = 3
	maxRetries       = 5
	defaultTimeout   = 5 * time.Second
	defaultRetries   = 2
	defaultBackoff   = 200 * time.Millisecond
	maxBackoff       = 5 * time.Second
	defaultFailures  = 5
	defaultCooldown  = 30 * time.Second
	maxConnsPerHost  = 16
	maxHeaderBytes   = 64 << 10
	defaultUserAgent = "contact-advocate"
)

// Config is an HTTP service as an operator writes it.
type Config struct {
	Name    string            `json:"name" yaml:"name"`
	URL     string            `json:"url" yaml:"url"`                           // with {id}, {query}, {ref}, {lang} in path and query
	Method  string            `json:"method,omitempty" yaml:"method,omitempty"` // GET (default) or POST
	Body    string            `json:"body,omitempty" yaml:"body,omitempty"`     // POST: jq over {id, query, ref, lang, case} that gives the JSON body
	Headers map[string]string `json:"headers,omitempty" yaml:"headers,omitempty"`
	Auth    Auth              `json:"auth,omitzero" yaml:"auth,omitempty"`
	CAFile  string            `json:"ca_file,omitempty" yaml:"ca_file,omitempty"` // PEM, trusted besides the system's
	// Map is jq over the response's JSON (null for an empty one) that gives
	// {found, data, orders, profile}. $status is the HTTP status and $ask what
	// was asked. Without found, anything given counts as found.
	Map          string        `json:"map" yaml:"map"`
	Timeout      time.Duration `json:"timeout,omitempty" yaml:"timeout,omitempty"`       // of one attempt
	Retries      *int          `json:"retries,omitempty" yaml:"retries,omitempty"`       // after the first attempt; default 2
	Idempotent   bool          `json:"idempotent,omitempty" yaml:"idempotent,omitempty"` // a POST may be repeated
	Backoff      time.Duration `json:"backoff,omitempty" yaml:"backoff,omitempty"`       // before the first retry; doubles
	Failures     int           `json:"failures,omitempty" yaml:"failures,omitempty"`     // in a row that open the circuit
	Cooldown     time.Duration `json:"cooldown,omitempty" yaml:"cooldown,omitempty"`     // before it is tried again
	AllowPrivate bool          `json:"allow_private,omitempty" yaml:"allow_private,omitempty"`

	Place string           `json:"-" yaml:"-"` // where it is configured, for errors
	Now   func() time.Time `json:"-" yaml:"-"` // the breaker's clock; time.Now by default
}

// Auth is how we show who we are: at most one of the three.
type Auth struct {
	Bearer   secret.Ref `json:"bearer,omitzero" yaml:"bearer,omitempty"`
	User     string     `json:"user,omitempty" yaml:"user,omitempty"` // HTTP Basic
	Password secret.Ref `json:"password,omitzero" yaml:"password,omitempty"`
	Header   string     `json:"header,omitempty" yaml:"header,omitempty"` // a header of the service's own …
	Value    secret.Ref `json:"value,omitzero" yaml:"value,omitempty"`    // … and what it carries
}

func (a Auth) header() string {
	switch {
	case a.Header != "":
		return a.Header
	case a.User != "" || !a.Bearer.IsZero():
		return "Authorization"
	}
	return ""
}

// apply sets the credentials on a request.
func (a Auth) apply(h http.Header) error {
	var ref secret.Ref
	switch {
	case a.Header != "":
		ref = a.Value
	case a.User != "":
		ref = a.Password
	case !a.Bearer.IsZero():
		ref = a.Bearer
	default:
		return nil
	}
	s, err := ref.Read()
	if err != nil {
		return err
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return fmt.Errorf("%v holds a line break or another control character", ref)
	}
	switch {
	case a.Header != "":
		h.Set(a.Header, s)
	case a.User != "":
		r := http.Request{Header: h}
		r.SetBasicAuth(a.User, s)
	default:
		h.Set("Authorization", "Bearer "+s)
	}
	return nil
}

// check fills defaults and reports the first mistake.
func (c *Config) check() (err error) {
	if c.Place == "" {
		c.Place = fmt.Sprintf("component %q", c.Name)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("%s: %w", c.Place, err)
		}
	}()
	if !component.ValidName(c.Name) {
		return fmt.Errorf("name: is %.60q; want 1 to 60 of a-z, 0-9 and \"_\", starting with a letter", c.Name)
	}
	if c.Method == "" {
		c.Method = http.MethodGet
	}
	if c.Method != http.MethodGet && c.Method != http.MethodPost {
		return fmt.Errorf("method: is %.20q; want GET or POST", c.Method)
	}
	if c.Method == http.MethodGet && c.Body != "" {
		return errors.New("body: is for method POST only")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if err := c.checkNumbers(); err != nil {
		return err
	}
	if err := c.checkHeaders(); err != nil {
		return err
	}
	return c.checkAuth()
}

func (c *Config) checkNumbers() error {
	for _, d := range []struct {
		name         string
		v            *time.Duration
		def, lo, max time.Duration
	}{
		{"timeout", &c.Timeout, defaultTimeout, time.Millisecond, 2 * time.Minute},
		{"backoff", &c.Backoff, defaultBackoff, time.Millisecond, maxBackoff},
		{"cooldown", &c.Cooldown, defaultCooldown, time.Millisecond, time.Hour},
	} {
		if *d.v == 0 {
			*d.v = d.def
		}
		if *d.v < d.lo || *d.v > d.max {
			return fmt.Errorf("%s: is %v; want from %v to %v", d.name, *d.v, d.lo, d.max)
		}
	}
	if c.Retries == nil {
		n := defaultRetries
		c.Retries = &n
	}
	if *c.Retries < 0 || *c.Retries > maxRetries {
		return fmt.Errorf("retries: is %d; want from 0 to %d", *c.Retries, maxRetries)
	}
	if c.Failures == 0 {
		c.Failures = defaultFailures
	}
	if c.Failures < 1 || c.Failures > 1000 {
		return fmt.Errorf("failures: is %d; want from 1 to 1000", c.Failures)
	}
	return nil
}

func (c *Config) checkHeaders() error {
	for _, name := range slices.Sorted(maps.Keys(c.Headers)) {
		switch http.CanonicalHeaderKey(name) {
		case "Authorization", "Proxy-Authorization", "Cookie":
			return fmt.Errorf("headers: %s is a credential; put it under auth, from env or file", name)
		case "Host", "Content-Length", "Transfer-Encoding", "Connection":
			return fmt.Errorf("headers: %s is not yours to set", name)
		}
		if !validHeader(name) || strings.ContainsFunc(c.Headers[name], func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			return fmt.Errorf("headers: %.60q is not a valid header", name)
		}
	}
	return nil
}

func validHeader(name string) bool {
	return name != "" && strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

func (c *Config) checkAuth() error {
	a := c.Auth
	ways := 0
	for _, set := range []bool{!a.Bearer.IsZero(), a.User != "" || !a.Password.IsZero(), a.Header != "" || !a.Value.IsZero()} {
		if set {
			ways++
		}
	}
	switch {
	case ways > 1:
		return errors.New("auth: has more than one way; want one of bearer, user and password, or header and value")
	case ways == 1 && a.header() == "", a.User != "" && a.Password.IsZero(), a.Header != "" && a.Value.IsZero():
		return errors.New("auth: is incomplete; want bearer, or user and password, or header and value")
	case a.Header != "" && !validHeader(a.Header):
		return fmt.Errorf("auth: header: %.60q is not a header's name", a.Header)
	case strings.Contains(a.User, ":"):
		return errors.New("auth: user: must not hold \":\" (RFC 7617 §2)")
	}
	// Where the vault is not open, nothing is asked: see secret.Place.
	if err := a.apply(http.Header{}); err != nil && !errors.Is(err, secret.ErrNoVault) {
		return fmt.Errorf("auth: %w", err)
	}
	return nil
}

func (c *Config) programs() (body, mapping *jq.Program, err error) {
	if c.Body != "" {
		if body, err = jq.Compile(c.Place+": body", c.Body); err != nil {
			return nil, nil, err
		}
	}
	mapping, err = jq.Compile(c.Place+": map", c.Map, "$status", "$ask")
	return body, mapping, err
}

func (c *Config) roots() (*x509.CertPool, error) {
	if c.CAFile == "" {
		return nil, nil // the system's
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("%s: ca_file: %w", c.Place, err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: ca_file: %s holds no certificate in PEM", c.Place, c.CAFile)
	}
	return pool, nil
}

// template is a URL with places.
type template struct {
	base  url.URL // without path and query
	path  string
	query string
}

var places = []string{"id", "query", "ref", "lang"}

func newTemplate(raw string, secure bool) (template, error) {
	// A place in the host would let a post choose whom we talk to.
	start := strings.Index(raw, "://")
	end := len(raw)
	if start >= 0 {
		if i := strings.IndexAny(raw[start+3:], "/?#"); i >= 0 {
			end = start + 3 + i
		}
	}
	if strings.ContainsAny(raw[:end], "{}") {
		return template{}, errors.New("url: {…} may stand in the path and the query only")
	}
	base, err := url.Parse(raw[:end])
	if err != nil {
		return template{}, fmt.Errorf("url: is not a URL: %w", err)
	}
	switch {
	case base.Scheme != "https" && base.Scheme != "http" || base.Hostname() == "":
		return template{}, fmt.Errorf("url: is %.200q; want https://host/path", base.Redacted())
	case base.User != nil:
		return template{}, errors.New("url: holds a user; put credentials under auth")
	case base.Scheme == "http" && secure:
		return template{}, errors.New("url: http would show the credentials to everyone on the way; want https, or allow_private for a service inside")
	case strings.Contains(raw, "#"):
		return template{}, errors.New("url: must not have a fragment (\"#\")")
	}
	t := template{base: *base}
	t.path, t.query, _ = strings.Cut(raw[end:], "?")
	for _, part := range []string{t.path, t.query} {
		if err := checkPlaces(part); err != nil {
			return template{}, err
		}
	}
	if u, ok := t.expand(map[string]string{"id": "x", "query": "x", "ref": "x", "lang": "x"}); !ok {
		return template{}, errors.New("url: its path does not stay within itself: \".\" or \"..\"")
	} else if _, err := url.Parse(u); err != nil {
		return template{}, fmt.Errorf("url: %w", err)
	}
	return t, nil
}

func checkPlaces(s string) error {
	for {
		open := strings.IndexAny(s, "{}")
		if open < 0 {
			return nil
		}
		end := strings.IndexByte(s[open:], '}')
		if s[open] == '}' || end < 0 {
			return errors.New("url: has a \"{\" or \"}\" without the other")
		}
		if name := s[open+1 : open+end]; !slices.Contains(places, name) {
			return fmt.Errorf("url: {%.30s} is unknown; known are {id}, {query}, {ref} and {lang}", name)
		}
		s = s[open+end+1:]
	}
}

// expand fills the places. It is false where the result would not ask what
// the operator meant: a place in the path without a value, a path that leaves
// its directory, no reference where one is wanted, or nothing asked at all.
func (t *template) expand(values map[string]string) (string, bool) {
	path, query := t.path, t.query
	wanted, given := false, false
	for _, name := range places {
		place, value := "{"+name+"}", values[name]
		inPath := strings.Contains(path, place)
		if !inPath && !strings.Contains(query, place) {
			continue
		}
		if name != "lang" {
			wanted, given = true, given || value != ""
		}
		if value == "" && (inPath || name == "ref") {
			return "", false
		}
		if inPath && !staysInPath(value) {
			return "", false
		}
		path = strings.ReplaceAll(path, place, url.PathEscape(value))
		query = strings.ReplaceAll(query, place, url.QueryEscape(value))
	}
	if wanted && !given {
		return "", false
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return "", false
		}
	}
	out := t.base.String() + path
	if query != "" {
		out += "?" + query
	}
	return out, true
}

// staysInPath refuses values that a server, which may undo the escapes before
// it looks for "..", could take for another path.
func staysInPath(v string) bool {
	for part := range strings.FieldsFuncSeq(v, func(r rune) bool { return r == '/' || r == '\\' || r == ';' }) {
		if part == "." || part == ".." {
			return false
		}
	}
	return !strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f }) && !strings.Contains(v, "%2")
}
