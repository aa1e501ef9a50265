// Package social says what a social network is to the engine. A connector
// implements Network and, where its network can do more, the capability
// interfaces. Connectors push what they receive into a Sink and know neither
// the engine nor each other.
package social

import (
	"context"
	"fmt"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Network is one account on one network. Its methods are safe for concurrent
// use.
type Network interface {
	// Name is the network instance as posts carry it, e.g. "sandbox".
	Name() string
	// Account is the company's account as posts carry it, "" for the only one.
	Account() string
	Capabilities() Capabilities
	// Send publishes a reply. It may block until ctx ends. Key is the same
	// for every attempt at the same message; a connector uses it so that a
	// repeat after a lost answer makes no second message. Errors are *Error.
	Send(ctx context.Context, m Message) (Sent, error)
}

// Runner is a Network that brings posts by itself: it calls the sink until
// ctx ends.
type Runner interface {
	Run(ctx context.Context, sink Sink) error
}

// Sink takes what a network brought. It returns nil only when every post is
// durable or was known before.
type Sink interface {
	PostsAccept(ctx context.Context, posts []domain.Post) error
}

// Capabilities declares per direction what a network can do.
type Capabilities struct {
	PublicReply    bool
	PrivateMessage bool
	MaxText        int  // in graphemes; 0 is no limit
	Idempotent     bool // Send's Key makes a repeat harmless
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
}

// Sent is what the network made of a message.
type Sent struct {
	PostID string
	URL    string
	At     time.Time
}

// Fault says who has to do something about an error.
type Fault string

const (
	FaultNetwork  Fault = "network"  // down, slow, limiting: try again later
	FaultOperator Fault = "operator" // credentials, permissions, configuration
	FaultCustomer Fault = "customer" // gone, blocks us, does not take messages
	FaultOurs     Fault = "ours"     // we sent something the network refuses
)

// Error is a connector's error.
type Error struct {
	Retry bool
	After time.Duration // with Retry: not before that
	Fault Fault
	Safe  string // fit for an operator's screen: no secrets, no personal data
	Cause error
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %v", e.Safe, e.Cause)
	}
	return e.Safe
}

func (e *Error) Unwrap() error { return e.Cause }
