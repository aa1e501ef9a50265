//go:build unix

package pgtest

import (
	"context"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Ordinary makes a user without any rights and gives its name, the database's
// URL for it, and what runs statements there as who has made it. The user goes
// with the test.
func Ordinary(t testing.TB, database string) (name, as string, run func(statements ...string)) {
	t.Helper()
	c, err := pgx.Connect(context.Background(), database)
	if err != nil {
		t.Fatal(err)
	}
	run = func(statements ...string) {
		t.Helper()
		for _, sql := range statements {
			if _, err := c.Exec(context.Background(), sql); err != nil {
				t.Fatalf("%s: %v", sql, err)
			}
		}
	}
	name = newName()
	run(`CREATE ROLE ` + name + ` LOGIN PASSWORD '` + name + `'`)
	t.Cleanup(func() {
		run(`DROP OWNED BY `+name, `DROP ROLE `+name)
		c.Close(context.Background())
	})
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("user", name)
	if server.cluster == nil { // ours trusts everybody
		q.Set("password", name)
	}
	u.RawQuery = q.Encode()
	return name, u.String(), run
}
