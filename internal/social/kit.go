package social

import (
	"log/slog"
	"net/http"

	"github.com/contact-advocate/advocate/internal/clock"
)

// Kit is what a connector is given to work with.
type Kit struct {
	// HTTP keeps to the rule on addresses and has no time limit of its own;
	// it follows no redirect to another host.
	HTTP  *http.Client
	State State
	Clock clock.Clock
	Log   *slog.Logger
}

// Whole fills in what may be left out: the time that it is, nobody who reads the
// log, and a plain client.
func (k Kit) Whole() Kit {
	if k.HTTP == nil {
		k.HTTP = http.DefaultClient
	}
	if k.Clock == nil {
		k.Clock = clock.Real()
	}
	if k.Log == nil {
		k.Log = slog.New(slog.DiscardHandler)
	}
	return k
}
