// Package social says what a social network is to the engine. A connector
// implements Network and, where its network can do more, Runner, Hook,
// Fetcher, Checker, Selfer, Resolver and Healthy. Connectors push what they
// receive into a Sink and know neither the engine nor each other.
package social

import (
	"context"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Network is one account on one network. Its methods are safe for concurrent
// use.
type Network interface {
	// Name is the network instance as posts carry it, e.g. "sandbox" or
	// "mastodon:example.social".
	Name() string
	// Account is the company's account as posts carry it, "" for the only one.
	Account() string
	Capabilities() Capabilities
	// Send publishes a reply. It may block until ctx ends. Key is the same
	// for every attempt at the same message; a connector uses it so that a
	// repeat after a lost answer makes no second message. Errors are *Error.
	Send(ctx context.Context, m Message) (Sent, error)
}

// Runner is a Network that brings posts by itself, by a stream or by asking:
// it calls the sink until ctx ends, catches up with what it missed and heals
// its connection itself. In a cluster one node runs it at a time.
type Runner interface {
	Run(ctx context.Context, sink Sink) error
}

// Hook is a Network that is told of posts by requests of the network's own.
type Hook interface {
	// HookName is the last part of the address that it is told at:
	// /hooks/NAME.
	HookName() string
	// ServeHook takes one request. Nothing may be taken whose signature is not
	// right. Errors are *domain.Error: unauthorized, invalid, too_large; or
	// the sink's. An error makes the network try again later.
	ServeHook(ctx context.Context, r HookRequest, sink Sink) (HookReply, error)
}

// HookName is the name of the hook of an account on a network: its label goes
// with it, where it has one.
func HookName(network, account string) string {
	if account == "" {
		return network
	}
	return network + "-" + account
}

// HookRequest is a request as it came.
type HookRequest struct {
	Method string
	Query  map[string][]string
	Header map[string][]string // canonical names
	Body   []byte              // whole; its size was limited
}

// HookReply is what the network gets for an answer; the zero value is an
// empty 200.
type HookReply struct {
	ContentType string
	Body        []byte
}

// Fetcher is a Network that can look at a post again, since not every network
// tells of each edit and deletion.
type Fetcher interface {
	// Fetch returns the post as it stands now: with its current revision, or
	// with Deleted set where it is gone or hidden from us. Its fields are those
	// that Run or ServeHook would bring. Where the network does not show posts
	// of that kind, private messages perhaps, the error is final: nothing may
	// be taken for gone that cannot be looked at. Errors are *Error.
	Fetch(ctx context.Context, key domain.PostKey) (domain.Post, error)
}

// Checker is a Network that can say whether its credentials do what they are
// for.
type Checker interface {
	// Check asks the network who we are and what we may do. It changes
	// nothing. Errors are *Error.
	Check(ctx context.Context) (Check, error)
}

// Selfer is a Network whose own posts carry an author id of ours.
type Selfer interface {
	// Self is that id, as Check would tell it. The network is asked where it
	// is not known already. Errors are *Error.
	Self(ctx context.Context) (string, error)
}

// Resolver is a Network that finds people by the name they go by there.
type Resolver interface {
	// Resolve gives the author id of a handle, with or without "@". Errors are
	// *Error: of FaultCustomer where nobody goes by it.
	Resolve(ctx context.Context, handle string) (string, error)
}

// Check is what a network says of our account.
type Check struct {
	Account  string    `json:"account"`             // as people know it: "@shop@example.social"
	ID       string    `json:"id"`                  // the author id of our own posts
	Server   string    `json:"server,omitempty"`    // software and version, or the API's
	Expires  time.Time `json:"expires_at,omitzero"` // of the credentials; zero: not known, or never
	Warnings []string  `json:"warnings,omitempty"`  // what will not work, and what to do
}

// Capabilities declares per direction what a network can do, as it is
// configured.
type Capabilities struct {
	PublicReply    bool
	PrivateMessage bool
	Public         Form // of a public reply
	Private        Form // of a private message
	Settles        bool // what came of a message whose answer was lost is found out without a person

	In In
}

// Form is what a message may be like.
type Form struct {
	Text  Length // of one part
	Parts int    // most parts that one message may be split into; below 2: it is shortened
}

// Form is that of messages of a visibility.
func (c *Capabilities) Form(v domain.Visibility) Form {
	if v == domain.Public {
		return c.Public
	}
	return c.Private
}

// In is what a network brings.
type In struct {
	Search  bool // also posts that are not written to us
	Private bool // private messages
	Edits   bool // by itself; Fetcher looks in any case
	Deletes bool
	Hook    bool // by requests to Hook's address; a Hook that is configured to ask refuses them
}

// Message is a reply on its way out.
type Message struct {
	Key        string
	To         domain.IdentityKey
	Handle     string
	InReplyTo  string
	Visibility domain.Visibility
	Text       string
	Lang       string
	Person     bool // a person wrote it, not the advocate

	// Told, unless it is nil, is called before anything is published where that
	// is not Text as a whole: with the texts of the parts, as they will stand
	// there. With an error nothing may be published. It may be called again.
	Told func(ctx context.Context, parts []string) error
}

// Sent is what the network made of a message.
type Sent struct {
	PostID string
	More   []string // the ids of the further parts of a message that was split, in their order
	URL    string
	At     time.Time
}
