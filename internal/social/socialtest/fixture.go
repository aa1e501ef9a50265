package socialtest

import (
	"context"
	"slices"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// Fixture is a network ready to be tried. What stands below Count may be left
// out; the tests that need it are skipped then.
type Fixture struct {
	Network   social.Network
	To        domain.IdentityKey
	Handle    string
	InReplyTo string     // a post of To's, "" where the network needs none
	Count     func() int // messages that have reached the network so far; each part of a split one counts

	Nobody domain.IdentityKey // an address the network refuses; zero where there is none

	// Written lists the messages that have reached the network, oldest first:
	// those that Count counts.
	Written func() []Written
	// Next says what the network does with the next requests to publish, one
	// behavior each; afterwards all goes well. Only what Plays lists is asked
	// for. A message in several parts is a request each.
	Next  func(...Behavior)
	Plays []Behavior

	World *World // nil: the network brings nothing, or it cannot be tried
}

// Written is a message as the network has it.
type Written struct {
	ID        string // as Sent says it
	InReplyTo string // as the connector would say it; "" where a private message answers none
	Text      string // whole, the mention that the connector has put before it included
}

// World is the network's other side: what people do there.
type World struct {
	// Write publishes a post and returns its id, as the connector is to say
	// it. It must come to the sink although nobody asks twice for it.
	Write func(Draft) string
	// Edit and Delete may be nil unless Capabilities.In declares them.
	Edit   func(id, text string)
	Delete func(id string)

	Owns     bool // Write can play our own account
	Reshares bool // Write can play a plain reshare

	// Break cuts what connections there are and refuses new ones until Mend:
	// what is written in between is not streamed later. A webhook's network
	// keeps what it could not deliver. Both nil: it cannot be played.
	Break, Mend func()

	// Push makes the network deliver by requests to Hook.ServeHook what it has
	// for us, oldest first, and keep what was not taken for the next Push. Nil
	// where Network is a Runner and nothing else.
	Push func(ctx context.Context, sink social.Sink)
	// Forged are requests that ServeHook must refuse as unauthorized: a wrong
	// signature, none, the right one of another body, one too old.
	Forged map[string]social.HookRequest

	// Advance moves the connector's clock, where it has one of the test's: the
	// suite calls it again and again while it waits. Nil: time passes by itself.
	Advance func(time.Duration)

	// Reopen makes the connector anew over the same State, as when the process
	// begins again. Nil: the same Network is run again.
	Reopen func() social.Network
}

// Draft is a post to be written.
type Draft struct {
	Author      string // "ana" or "ben"; different people
	Text        string
	InReplyTo   string // an id that Write has returned
	Private     bool   // asked for only with Capabilities.In.Private
	Unaddressed bool   // asked for only with In.Search: without our mention, with a word that is searched for
	Own         bool   // asked for only with World.Owns: by our own account, without the connector; a Private one to the author of InReplyTo
	Reshare     string // asked for only with World.Reshares: the id that Author passes on; there is no text
}

func (f *Fixture) plays(b Behavior) bool { return f.Next != nil && slices.Contains(f.Plays, b) }
