package bridge

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/secret"
	"github.com/contact-advocate/advocate/internal/social"
)

// Limits and defaults.
const (
	defaultMaxAge = 5 * time.Minute
	defaultParts  = 3
	maxParts      = 10
	minLength     = 20 // below it there is no room for a sentence
	maxLength     = 100_000
	maxSecrets    = 4 // of which usually one is in use, and two while it is exchanged
	maxName       = 60
	maxHookName   = 64   // what an address of ours takes
	maxAddress    = 2048 // bytes
)

// Config is a bridged network as an operator writes it.
type Config struct {
	// Name is what posts of the network carry, and the last part of the
	// address that they are sent to: /hooks/NAME.
	Name string `json:"name" yaml:"name"`
	// Account is a label, needed only for a second account of the network; its
	// posts are sent to /hooks/NAME-ACCOUNT.
	Account string `json:"account,omitempty" yaml:"account,omitempty"`
	// Secrets sign both ways: "whsec_" and base64 of 24 to 64 bytes. While one
	// is exchanged for another, both stand here.
	Secrets []secret.Ref `json:"secrets" yaml:"secrets"`
	// Callback is where replies are sent to.
	Callback string `json:"callback" yaml:"callback"`
	// Public and Private say which replies the network has; at least one.
	Public  bool `json:"public,omitempty" yaml:"public,omitempty"`
	Private bool `json:"private,omitempty" yaml:"private,omitempty"`
	// Idempotent says that the callback publishes a reply once, however often
	// it is sent with the same id.
	Idempotent bool `json:"idempotent,omitempty" yaml:"idempotent,omitempty"`
	// Find is where the bridge is asked whether it has published a reply whose
	// answer was lost. Without it, and unless the callback is idempotent, such a
	// reply is not sent again: an operator is told.
	Find string `json:"find,omitempty" yaml:"find,omitempty"`
	// MaxLength is how long a message may be, in Unit; default 0, any length.
	MaxLength int `json:"max_length,omitempty" yaml:"max_length,omitempty"`
	// Unit is what MaxLength counts: graphemes (default), characters, bytes, or
	// weighted as X counts.
	Unit social.Unit `json:"unit,omitempty" yaml:"unit,omitempty"`
	// LinkLength is what a link counts, however long it is; default 0, as it is
	// written.
	LinkLength int `json:"link_length,omitempty" yaml:"link_length,omitempty"`
	// Parts is the most messages that a reply is split into; default 3.
	Parts int `json:"parts,omitempty" yaml:"parts,omitempty"`
	// MaxAge is how old a signature may be, and how far ahead; default 5m.
	MaxAge time.Duration `json:"max_age,omitempty" yaml:"max_age,omitempty"`
	// AllowPrivate lets the callback be inside the company's network.
	AllowPrivate bool `json:"allow_private,omitempty" yaml:"allow_private,omitempty"`

	Place string `json:"-" yaml:"-"` // where it is configured, for errors
}

// Check fills in the defaults and reports all mistakes, as social.Mistakes.
func (c *Config) Check() error {
	if c.Place == "" {
		c.Place = fmt.Sprintf("bridge %.60q", c.Name)
	}
	m := &social.Mistakes{Place: c.Place}
	if !validName(c.Name) {
		m.Add("name", fmt.Sprintf("1 to %d of a-z, 0-9, \"-\" and \"_\", starting with a letter", maxName), "is %.60q", c.Name)
	} else if social.NameTaken(c.Name) {
		m.Add("name", "another", "%q is the name of a network of its own", c.Name)
	}
	m.Note("account", social.CheckLabel(c.Account))
	if n := len(c.hookName()); n > maxHookName {
		m.Add("account", fmt.Sprintf("at most %d", maxHookName), "makes /hooks/%.100s, whose name is %d letters long", c.hookName(), n)
	}
	if !c.Public && !c.Private {
		m.Add("public", "public or private true, or both: which replies the network has", "and private are both false")
	}
	_, err := c.address(c.Callback)
	m.Note("callback", err)
	if c.Find != "" {
		_, err := c.address(c.Find)
		m.Note("find", err)
		if c.Idempotent {
			m.Add("find", "one of them left out", "is never asked where idempotent is true")
		}
	}
	c.checkNumbers(m)
	c.checkSecrets(m)
	return m.Err()
}

func validName(s string) bool {
	return s != "" && len(s) <= maxName && s[0] >= 'a' && s[0] <= 'z' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

func (c *Config) checkNumbers(m *social.Mistakes) {
	if c.MaxAge == 0 {
		c.MaxAge = defaultMaxAge
	}
	if c.Unit == "" {
		c.Unit = social.Graphemes
	}
	if c.Parts == 0 {
		c.Parts = defaultParts
	}
	m.Within("max_age", c.MaxAge, 10*time.Second, time.Hour)
	if c.MaxLength != 0 && (c.MaxLength < minLength || c.MaxLength > maxLength) {
		m.Add("max_length", fmt.Sprintf("from %d to %d, or 0 for any length", minLength, maxLength), "is %d", c.MaxLength)
	}
	switch c.Unit {
	case social.Graphemes, social.Characters, social.Bytes, social.Weighted:
	default:
		m.Add("unit", "graphemes, characters, bytes or weighted", "is %.40q", c.Unit)
	}
	if c.LinkLength < 0 || c.LinkLength > 0 && c.LinkLength > c.MaxLength/2 {
		m.Add("link_length", "at most half of max_length, or 0 for links as they are written", "is %d", c.LinkLength)
	}
	m.Between("parts", int64(c.Parts), 1, maxParts)
}

// checkSecrets reads the secrets, so that a mistake shows at the start. Where
// the vault is not open nothing is read: see secret.Place.
func (c *Config) checkSecrets(m *social.Mistakes) {
	if len(c.Secrets) == 0 {
		m.Add("secrets", "env, file or vault of at least one", "is empty")
	}
	if len(c.Secrets) > maxSecrets {
		m.Add("secrets", fmt.Sprintf("at most %d", maxSecrets), "has %d entries", len(c.Secrets))
	}
	for i, ref := range c.Secrets {
		if _, err := readKey(ref); err != nil && !errors.Is(err, secret.ErrNoVault) {
			m.Note(fmt.Sprintf("secrets[%d]", i), err)
		}
	}
}

// address reads one of the bridge's addresses.
func (c *Config) address(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case len(s) > maxAddress:
		return nil, fmt.Errorf("is %d bytes long; at most %d are accepted", len(s), maxAddress)
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, social.Wrong("https://host/path", "is no address") // it may hold a token: it is not shown
	case u.User != nil || u.Fragment != "":
		return nil, errors.New("holds a user or a fragment; the signature says who we are")
	case u.Scheme == "http" && !c.AllowPrivate:
		return nil, social.Wrong("https, or allow_private for a bridge inside", "http would show replies to everyone on the way")
	case u.Path != "" && path.Clean(u.Path) != strings.TrimSuffix(u.Path, "/") && u.Path != "/":
		return nil, errors.New("its path has \".\", \"..\" or \"//\" in it")
	}
	return u, nil
}

func (c *Config) hookName() string { return social.HookName(c.Name, c.Account) }

func (c *Config) length() social.Length {
	return social.Length{Max: c.MaxLength, Unit: c.Unit, Link: c.LinkLength}
}
