package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/ncruces/go-sqlite3"

	"github.com/contact-advocate/advocate/internal/store/postgres/pgtest"
)

const refersToVault = "webhooks:\n  - name: crm\n    url: https://crm.example\n    secret: {vault: crm}\n"

// TestCheckLeavesTheDatabase: who tries the new program's commands before an
// upgrade can still go on with the old one.
func TestCheckLeavesTheDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "advocate.yaml", "data: data\n"+refersToVault)
	must(t, dir, "migrate")
	if r := command(t, dir, "crm-secret-4711", "secret", "set", "crm"); r.code != 0 {
		t.Fatal(r.err)
	}
	file := filepath.Join(dir, "data", "advocate.db")
	content := func() []byte {
		t.Helper()
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	was := content()
	if r := command(t, dir, "", "check", "--json"); r.code != 0 || len(decode[checkReport](t, r.stdout).Warnings) != 0 || !bytes.Equal(content(), was) {
		t.Errorf("this program's schema: exit %d, the file is changed: %v\n%s", r.code, !bytes.Equal(content(), was), r.stdout)
	}
	for what, change := range map[string]string{
		"bring it up to date first":                `UPDATE goose_db_version SET version_id = 0 WHERE version_id > 4`,
		"run a program that is as new as the data": `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`,
	} {
		if err := os.WriteFile(file, was, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := sqlite3.Open(file)
		if err == nil {
			err = errors.Join(c.Exec(change), c.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		other := content()
		for _, args := range [][]string{{"check"}, {"doctor"}, {"explain", "c1"}, {"connect"}, {"secret", "list"}} {
			r := command(t, dir, "", args...)
			if (r.code == 0) != (args[0] == "check") || !strings.Contains(strings.Join(strings.Fields(r.stdout+r.err), " "), what) {
				t.Errorf("%v: exit %d, want %q:\n%s%s", args, r.code, what, r.stdout, r.err)
			}
			if !bytes.Equal(content(), other) {
				t.Fatalf("%v changed a database that is not its program's", args)
			}
		}
	}
}

// TestCheckLeavesADatabaseServer: the same of PostgreSQL, an empty one too.
func TestCheckLeavesADatabaseServer(t *testing.T) {
	t.Parallel()
	url, dir := pgtest.Bare(t), t.TempDir()
	write(t, dir, "advocate.yaml", refersToVault)
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	count := func(query string) (n int) {
		t.Helper()
		if err := c.QueryRow(t.Context(), query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	look := func(when, want string) {
		t.Helper()
		r := command(t, dir, "", "--store", url, "check", "--json")
		if out := decode[checkReport](t, r.stdout); r.code != 0 || len(out.Warnings) != 1 || !strings.Contains(out.Warnings[0].What, want) {
			t.Errorf("%s: exit %d, want a warning of %q:\n%s%s", when, r.code, want, r.stdout, r.err)
		}
	}
	look("an empty database", "at schema 0")
	if n := count(`SELECT count(*) FROM pg_tables WHERE schemaname = 'public'`); n != 0 {
		t.Errorf("it has %d tables now", n)
	}
	must(t, dir, "--store", url, "migrate")
	newest := count(`SELECT max(version_id) FROM advocate_schema`)
	if _, err := c.Exec(t.Context(), fmt.Sprintf(`DELETE FROM advocate_schema WHERE version_id = %d`, newest)); err != nil {
		t.Fatal(err)
	}
	look("an older schema", fmt.Sprintf("at schema %d", newest-1))
	if n := count(`SELECT max(version_id) FROM advocate_schema`); n != newest-1 {
		t.Errorf("it is at schema %d now", n)
	}
}
