//go:build unix

package pgtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Standby copies a cluster that runs and starts the copy as its standby. From
// then on the primary answers a commit only when the standby has it too. port
// is where it listens on 127.0.0.1, 0 for any.
func (c *Cluster) Standby(port int) (s *Cluster, err error) {
	s = &Cluster{bin: c.bin, who: c.who, port: port}
	if s.dir, err = s.folder(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.Stop()
		}
	}()
	if s.port == 0 {
		if s.port, err = freePort(); err != nil {
			return nil, err
		}
	}
	copied := s.command("pg_basebackup", "-D", s.data(), "-h", c.dir, "-p", fmt.Sprint(c.portOrDefault()), "-U", "advocate", "-R", "-X", "stream", "-c", "fast", "--no-sync")
	if out, err := copied.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("pg_basebackup: %w\n%s", err, out)
	}
	if err := s.configure("unix_socket_directories = '"+s.dir+"'", fmt.Sprintf("port = %d", s.portOrDefault()), "synchronous_standby_names = ''"); err != nil {
		return nil, err
	}
	if err := s.Start(); err != nil {
		return nil, err
	}
	return s, c.Exec(`ALTER SYSTEM SET synchronous_standby_names = '*'`, `SELECT pg_reload_conf()`)
}

// Promote makes a primary of a standby.
func (c *Cluster) Promote() error { return c.Exec(`SELECT pg_promote(true, 30)`) }

// Exec runs statements in the database "postgres".
func (c *Cluster) Exec(statements ...string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// folder makes a folder that the server's user owns.
func (c *Cluster) folder() (string, error) {
	dir, err := os.MkdirTemp("", "advocate-pg-")
	if err == nil && c.who != nil {
		err = os.Chown(dir, int(c.who.Uid), int(c.who.Gid))
	}
	return dir, err
}

// configure adds lines to postgresql.conf; of two for one setting the later
// counts.
func (c *Cluster) configure(lines ...string) error {
	f, err := os.OpenFile(filepath.Join(c.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString("\n" + strings.Join(lines, "\n") + "\n")
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}
