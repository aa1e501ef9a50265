package config

import (
	"slices"
	"strings"

	"github.com/contact-advocate/advocate/internal/secret"
)

// SecretAt is a secret that the configuration refers to, and where.
type SecretAt struct {
	Path string // its key
	Line int
	Ref  secret.Ref
}

// Secrets lists what the file refers to, in its order.
func (c *Config) Secrets() []SecretAt { return c.secrets }

// LineOf is the line that a key stands in; where it is left out, that of what it
// would stand in. 0: in none.
func (c *Config) LineOf(path string) int {
	for path != "" {
		if n, ok := c.lines[path]; ok {
			return n
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return 0
}

// places keeps what LineOf and Secrets tell.
func (d *decoder) places(c *Config) {
	c.lines = map[string]int{}
	for path, n := range d.at {
		c.lines[path] = n.line
	}
	c.secrets = slices.Clone(d.secrets)
}
