package social

import (
	"errors"
	"fmt"
	"time"
)

// Fault says who has to do something about an error.
type Fault string

const (
	FaultNetwork  Fault = "network"  // down, slow, limiting: try again later
	FaultOperator Fault = "operator" // credentials, permissions, configuration, an exhausted budget
	FaultCustomer Fault = "customer" // gone, blocks us, does not take messages
	FaultOurs     Fault = "ours"     // we sent something the network refuses
)

// Error is a connector's error.
type Error struct {
	Retry   bool
	After   time.Duration // with Retry: not before that
	Fault   Fault
	Blocked bool   // with FaultCustomer: they do not want to hear from us
	Closed  bool   // with FaultCustomer: nothing private reaches them until they write to us in private
	Unread  bool   // with FaultOperator: a secret of ours cannot be read; nothing was asked, and it may be there at any moment
	Safe    string // fit for an operator's screen: no secrets, no personal data
	Cause   error
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %v", e.Safe, e.Cause)
	}
	return e.Safe
}

func (e *Error) Unwrap() error { return e.Cause }

// told is what may be shown of a connection's error, and whose fault it is.
func told(err error) (string, Fault) {
	var e *Error
	if errors.As(err, &e) {
		return e.Safe, e.Fault
	}
	return "the connection failed", FaultNetwork
}

// Safe is what may be shown and logged of a connection's error.
func Safe(err error) string {
	safe, _ := told(err)
	return safe
}

// Unreadable is the error for a secret that cannot be read now, named as an
// operator would know it: "the access token". It is tried again: the vault may
// only be slow.
func Unreadable(what string, cause error) *Error {
	return &Error{Retry: true, Fault: FaultOperator, Unread: true, Safe: what + " cannot be read", Cause: cause}
}

// unread reports whether an error is of a secret that cannot be read.
func unread(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Unread
}

// Unpromised is the error of an answer that is not what its API promises.
func Unpromised() *Error {
	return &Error{Retry: true, Fault: FaultNetwork, Safe: "the network's answer is not what its API promises"}
}
