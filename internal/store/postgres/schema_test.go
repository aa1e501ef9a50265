//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/store/postgres"
	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

// TestSchema: a database that is not this program's is refused in words.
func TestSchema(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	bare := pgtest.Bare(t)
	if v, err := postgres.SchemaOf(ctx, bare); v != 0 || err != nil {
		t.Errorf("an empty database is at schema %d, %v", v, err)
	}
	if _, err := postgres.Open(ctx, bare, postgres.Options{Schema: postgres.SchemaKeep}); !errors.Is(err, store.ErrSchema) || !strings.Contains(err.Error(), "migrate") {
		t.Errorf("too old: %v", err)
	}
	var wg sync.WaitGroup // nodes that start at once
	for range 4 {
		wg.Go(func() {
			s, err := postgres.Open(ctx, bare, postgres.Options{MaxConns: 2})
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	wg.Wait()
	if v, err := postgres.SchemaOf(ctx, bare); v != postgres.SchemaVersion || err != nil {
		t.Errorf("it is at schema %d, %v", v, err)
	}
	s := pgtest.OpenURL(t, bare, postgres.Options{Schema: postgres.SchemaKeep})
	one(t, s, `WITH x AS (INSERT INTO advocate_schema (version_id, is_applied) VALUES (999, true) RETURNING 1) SELECT count(*) FROM x`)
	_, err := postgres.Open(ctx, bare, postgres.Options{})
	if !errors.Is(err, store.ErrSchema) || !strings.Contains(err.Error(), "999") {
		t.Errorf("too new: %v", err)
	}
	put(t, s, func(tx store.Tx) error { return insert(tx, 1) }) // who serves goes on
}

// TestAddress: what cannot be an address is refused without showing a
// password.
func TestAddress(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for _, url := range []string{"postgres://u:geheim@:x/db", "postgres://u:geheim@127.0.0.1:1/db?connect_timeout=1", "geheim"} {
		_, err := postgres.Open(ctx, url, postgres.Options{})
		if err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v", url, err)
		}
	}
	cluster := pgtest.Shared(t)
	if cluster == nil {
		return
	}
	if _, err := postgres.Open(ctx, cluster.URL("nowhere"), postgres.Options{}); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("no such database: %v", err)
	}
}

// TestClassify: each trouble has the sentinel that says what it is.
func TestClassify(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want error
	}{
		{&pgconn.PgError{Code: "53100"}, store.ErrFull},
		{&pgconn.PgError{Code: "53300"}, store.ErrBusy},
		{&pgconn.PgError{Code: "53200"}, store.ErrBusy},
		{&pgconn.PgError{Code: "57P01"}, store.ErrBusy},
		{&pgconn.PgError{Code: "57P03"}, store.ErrBusy},
		{&pgconn.PgError{Code: "57014"}, store.ErrBusy},
		{&pgconn.PgError{Code: "25006"}, store.ErrBusy},
		{&pgconn.PgError{Code: "40P01"}, store.ErrBusy},
		{&pgconn.PgError{Code: "08006"}, store.ErrBusy},
		{&pgconn.PgError{Code: "58030"}, store.ErrIO},
		{&pgconn.PgError{Code: "XX001"}, store.ErrDamaged},
		{&pgconn.PgError{Code: "42P01"}, store.ErrSchema},
		{&pgconn.PgError{Code: "42501"}, store.ErrDenied},
		{io.ErrUnexpectedEOF, store.ErrBusy},
		{&net.OpError{Op: "read", Err: syscall.ECONNRESET}, store.ErrBusy},
	} {
		got := postgres.Classify(fmt.Errorf("insert: %w", c.err))
		if !errors.Is(got, c.want) || !errors.Is(got, c.err) {
			t.Errorf("%v is %v, want %v", c.err, got, c.want)
		}
		if again := postgres.Classify(got); again.Error() != got.Error() {
			t.Errorf("classified twice: %v", again)
		}
	}
	if err := errors.New("other"); postgres.Classify(err) != err || postgres.Classify(nil) != nil {
		t.Error("what is none of these must stay as it is")
	}
}
