package store

import (
	"errors"
	"fmt"
)

// Sentinels. The narrow ones wrap the broad ones.
var (
	ErrNotFound = errors.New("store: not found")
	ErrConflict = errors.New("store: conflict")
	ErrVersion  = fmt.Errorf("%w: the advocate is at another version", ErrConflict)
	ErrBusy     = errors.New("store: busy")
	ErrFull     = narrow("store: no space left", ErrBusy)
	ErrIO       = narrow("store: its files cannot be read or written", ErrBusy)
	ErrDamaged  = narrow("store: its files are damaged", ErrIO)
	ErrAway     = narrow("store: the database cannot be reached", ErrBusy)
	ErrDenied   = narrow("store: the database's user lacks a right", ErrBusy)
	ErrSchema   = errors.New("store: the schema is not this program's")
	ErrLocked   = errors.New("store: the data directory is in use by another process")
)

// narrower is a sentinel that is a case of a broad one and does not name it:
// a log that calls a full disk busy sends its reader after the load.
type narrower struct {
	text  string
	broad error
}

func narrow(text string, broad error) error { return &narrower{text, broad} }

func (e *narrower) Error() string { return e.text }
func (e *narrower) Unwrap() error { return e.broad }

// Failure is why a store takes or gives nothing, in words for operators and
// callers: "" for errors that are not the store's or pass with its load.
func Failure(err error) string {
	switch {
	case errors.Is(err, ErrFull):
		return "the store has no space left"
	case errors.Is(err, ErrDamaged):
		return "the store's files are damaged"
	case errors.Is(err, ErrIO):
		return "the store cannot read or write its files"
	case errors.Is(err, ErrAway):
		return "the database cannot be reached"
	case errors.Is(err, ErrDenied):
		return "the server's user lacks rights in the database"
	}
	return ""
}
