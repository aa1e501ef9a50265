package socialtest

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// TakesUpASecret runs an account whose secret, in the file at path, is not there yet, and puts it
// there after many vain attempts: a server that runs is to take it up within two
// minutes, as docs/networks.md promises, however long it has waited. open makes
// the connector, whose way of asking is the only one that waits on the clock.
func TakesUpASecret(t *testing.T, value string, open func(path string, c *Hasty) social.Network) {
	t.Helper()
	const vain, most = 30, 2 * time.Minute
	path := filepath.Join(t.TempDir(), "secret")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var n social.Network
	var put time.Time
	waits := 0
	c := &Hasty{At: time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)}
	c.Waits = func(d time.Duration) {
		h := n.(social.Healthy).Health()
		waits++
		switch {
		case put.IsZero() && h.Trouble == "":
			t.Error("without its secret it is said to go well")
			cancel()
		case put.IsZero() && waits == vain:
			put = c.Now() // the worst moment: just when it begins to wait
			if err := os.WriteFile(path, []byte(value), 0o600); err != nil {
				t.Error(err)
				cancel()
			}
		case put.IsZero():
		case h.Trouble == "":
			if took := c.Now().Sub(put); took > most {
				t.Errorf("it was taken up after %v, want at most %v", took, most)
			}
			cancel()
		case waits > 2*vain:
			t.Errorf("it is not taken up: %s", h.Trouble)
			cancel()
		}
	}
	n = open(path, c)
	if err := n.(social.Runner).Run(ctx, nowhere{}); err == nil {
		t.Error("Run has ended by itself")
	}
}

// nowhere is a Sink that takes whatever comes.
type nowhere struct{}

func (nowhere) PostsAccept(_ context.Context, posts []domain.Post) ([]social.Result, error) {
	return Accept(posts, nil, func(domain.Post) {})
}
