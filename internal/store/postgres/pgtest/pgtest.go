//go:build unix

package pgtest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/contact-advocate/advocate/internal/store/postgres"
)

// Variable names the environment variable with the URL of a server to use.
const Variable = "ADVOCATE_TEST_POSTGRES"

// server is what the tests of this process share.
var server struct {
	once     sync.Once
	err      error
	cluster  *Cluster // nil: that of Variable
	template string
	made     []string // databases on a server that is not ours
	mu       sync.Mutex
	copying  sync.Mutex // one copy of the template at a time
}

// Main runs the tests of a package and ends the server that they used. It
// returns the exit code: call it from TestMain.
func Main(m *testing.M) int {
	defer stop()
	return m.Run()
}

func stop() {
	if server.cluster != nil {
		server.cluster.Stop()
		return
	}
	if server.template == "" {
		return
	}
	for _, name := range append(server.made, server.template) {
		run(`DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`)
	}
}

func start() error {
	server.once.Do(func() {
		if os.Getenv(Variable) == "" {
			if server.cluster, server.err = NewCluster(Fast()...); server.err != nil {
				return
			}
		}
		server.template = newName()
		if server.err = run(`CREATE DATABASE ` + server.template + ` ENCODING 'UTF8' TEMPLATE template0`); server.err != nil {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		s, err := postgres.Open(ctx, urlOf(server.template), postgres.Options{MaxConns: 1})
		if err != nil {
			server.err = err
			return
		}
		server.err = s.Close()
	})
	return server.err
}

func newName() string {
	var b [6]byte
	rand.Read(b[:])
	return "advocate_test_" + hex.EncodeToString(b[:])
}

func urlOf(name string) string {
	if server.cluster != nil {
		return server.cluster.URL(name)
	}
	u, err := url.Parse(os.Getenv(Variable))
	if err != nil {
		return os.Getenv(Variable)
	}
	u.Path = "/" + name
	return u.String()
}

// run runs a statement on the server, in the database that it was given by.
func run(sql string) error {
	at := os.Getenv(Variable)
	if server.cluster != nil {
		at = server.cluster.URL("postgres")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, at)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, sql)
	return err
}

// URL makes a database of the test's own, with the schema.
func URL(t testing.TB) string {
	t.Helper()
	return database(t, true)
}

// Bare makes an empty database of the test's own.
func Bare(t testing.TB) string {
	t.Helper()
	return database(t, false)
}

func database(t testing.TB, schema bool) string {
	t.Helper()
	if testing.Short() {
		t.Skip("needs PostgreSQL; not with -short")
	}
	if err := start(); err != nil {
		t.Fatal(err)
	}
	name, from := newName(), "template0"
	if schema {
		from = server.template
	}
	server.copying.Lock()
	err := run(fmt.Sprintf(`CREATE DATABASE %s ENCODING 'UTF8' TEMPLATE %s`, name, from))
	server.copying.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	server.mu.Lock()
	server.made = append(server.made, name)
	server.mu.Unlock()
	t.Cleanup(func() {
		if err := run(`DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`); err != nil {
			t.Error(err)
		}
	})
	return urlOf(name)
}

// Open opens a store on a database of the test's own and closes it with the
// test. Each call makes another database.
func Open(t testing.TB, opts postgres.Options) *postgres.Store {
	t.Helper()
	return OpenURL(t, URL(t), opts)
}

// OpenURL opens one more store on a database.
func OpenURL(t testing.TB, url string, opts postgres.Options) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(context.Background(), url, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// Shared is the cluster that the tests share; nil when they use the server of
// Variable.
func Shared(t testing.TB) *Cluster {
	t.Helper()
	URL(t)
	return server.cluster
}
