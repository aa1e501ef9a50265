package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

var (
	errClosed = errors.New("store: closed")

	// errAgain ends a transaction that built on what another one has changed
	// meanwhile: it is run again and sees it.
	errAgain = errors.New("store: another transaction was faster")
)

// SQLSTATE codes (PostgreSQL documentation, appendix A).
const (
	codeSerialization   = "40001"
	codeDeadlock        = "40P01"
	codeLockTimeout     = "55P03"
	codeUnique          = "23505"
	codeCanceled        = "57014"
	codeDiskFull        = "53100"
	codeReadOnly        = "25006"
	codeDenied          = "42501"
	codeDataCorrupted   = "XX001"
	codeIndexCorrupted  = "XX002"
	codeUndefinedTable  = "42P01"
	codeUndefinedColumn = "42703"
	codeUndefinedFunc   = "42883"
)

// classify gives a driver's error the store's meaning.
func classify(err error) error {
	for _, known := range [...]error{store.ErrBusy, store.ErrConflict, store.ErrNotFound, store.ErrSchema, errAgain} {
		if errors.Is(err, known) {
			return err
		}
	}
	if err == nil || errors.Is(err, errClosed) {
		return err
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return classifyServer(pg, err)
	}
	var dial *pgconn.ConnectError
	var op net.Error
	switch {
	case errors.As(err, &dial), errors.As(err, &op), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, net.ErrClosed), errors.Is(err, pgconn.ErrConnClosed), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE),
		errors.Is(err, context.DeadlineExceeded), pgconn.SafeToRetry(err):
		return fmt.Errorf("%w: %w", store.ErrAway, err)
	}
	return err
}

func classifyServer(pg *pgconn.PgError, err error) error {
	switch pg.Code {
	case codeDiskFull:
		return fmt.Errorf("%w: %w", store.ErrFull, err)
	case codeDenied:
		return fmt.Errorf("%w: %w", store.ErrDenied, err)
	case codeDataCorrupted, codeIndexCorrupted:
		return fmt.Errorf("%w: %w", store.ErrDamaged, err)
	case codeSerialization, codeDeadlock, codeLockTimeout, codeCanceled, codeReadOnly, "55006":
		return fmt.Errorf("%w: %w", store.ErrBusy, err)
	case codeUndefinedTable, codeUndefinedColumn, codeUndefinedFunc:
		return fmt.Errorf("%w: %w", store.ErrSchema, err)
	case "25P03": // idle in transaction for too long
		return fmt.Errorf("%w: a transaction was left open for too long: %w", store.ErrBusy, err)
	}
	switch {
	case strings.HasPrefix(pg.Code, "08"), strings.HasPrefix(pg.Code, "57P"):
		// no connection; shutting down, crashed, starting up
		return fmt.Errorf("%w: %w", store.ErrAway, err)
	case strings.HasPrefix(pg.Code, "53"): // no memory, connections or locks left
		return fmt.Errorf("%w: %w", store.ErrBusy, err)
	case strings.HasPrefix(pg.Code, "58"):
		return fmt.Errorf("%w: %w", store.ErrIO, err)
	}
	return err
}

// mayRunAgain reports whether a transaction that failed so can succeed when
// it is run again. A unique key that another transaction took between our
// look and our write is among it: the second run sees who has it.
func mayRunAgain(err error) bool {
	if errors.Is(err, errAgain) {
		return true
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	switch pg.Code {
	case codeSerialization, codeDeadlock, codeLockTimeout, codeUnique:
		return true
	}
	return false
}

func emptyKey(what string) error { return fmt.Errorf("store: an empty %s cannot be kept", what) }

func unmarshal(b []byte, dst any) error {
	if err := wire.Unmarshal(b, dst); err != nil {
		return fmt.Errorf("store: a stored %T cannot be read: %w", dst, err)
	}
	return nil
}

// missing is what a read of one thing returns when it found nothing.
func (x *session) missing(what, id string) error {
	if x.err != nil {
		return x.err
	}
	return fmt.Errorf("%w: %s %.60q", store.ErrNotFound, what, id)
}
