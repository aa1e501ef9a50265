package domain

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// Code says what kind of error a caller met. One table, in httpapi, maps
// codes to HTTP statuses.
type Code string

const (
	CodeInvalid      Code = "invalid"      // the request is malformed; the message names the place
	CodeNotFound     Code = "not_found"    // nothing has that name
	CodeConflict     Code = "conflict"     // the thing is in another state, or the key was used with another body
	CodeTooLarge     Code = "too_large"    // a stated limit on size is passed
	CodeUnauthorized Code = "unauthorized" // no or bad credentials
	CodeForbidden    Code = "forbidden"    // known, and not allowed
	CodeBusy         Code = "busy"         // a bounded queue is full; come back after RetryAfter
	CodeUnavailable  Code = "unavailable"  // something behind us is down; come back after RetryAfter
	CodeInternal     Code = "internal"     // our fault; the message says nothing more
)

// Error is a domain error: a code and a message that is safe to show to
// whoever asked.
type Error struct {
	Code       Code
	Message    string
	Field      string        // the offending field as a JSON path, where there is one
	RetryAfter time.Duration // with CodeBusy and CodeUnavailable
	Cause      error         // for logs only
}

func (e *Error) Error() string {
	if e.Field != "" {
		return e.Field + ": " + e.Message
	}
	return e.Message
}

// LogValue implements slog.LogValuer: a log shows the cause as well.
func (e *Error) LogValue() slog.Value {
	if e.Cause == nil || strings.Contains(e.Message, e.Cause.Error()) {
		return slog.StringValue(e.Error())
	}
	return slog.StringValue(e.Error() + ": " + e.Cause.Error())
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Cause }

// Errorf makes an Error. A %w verb keeps the cause.
func Errorf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), Cause: errors.Unwrap(err)}
}

// FieldErrorf makes a CodeInvalid error about one field.
func FieldErrorf(field, format string, args ...any) *Error {
	return &Error{Code: CodeInvalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// ErrorCode returns the code of the first domain error in err's chain, ""
// for nil and CodeInternal for anything else.
func ErrorCode(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}
