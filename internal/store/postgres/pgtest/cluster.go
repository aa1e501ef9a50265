//go:build unix

package pgtest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Cluster is a PostgreSQL server of the tests' own, in a folder of its own,
// reached by a socket in that folder.
type Cluster struct {
	dir  string
	bin  string
	port int                 // on 127.0.0.1 too; 0: by the socket only
	disk int                 // MiB of a disk of its own at Disk; 0: none
	who  *syscall.Credential // nil: who we are
	mu   sync.Mutex
	proc *exec.Cmd
	done chan struct{} // closed when proc has ended
	log  bytes.Buffer
}

// errMissing says that there is no PostgreSQL on this machine.
var errMissing = errors.New("PostgreSQL was not found: run \"sh scripts/postgres.sh\" to install it, or set ADVOCATE_TEST_POSTGRES to the URL of a server on which databases may be created")

// binaries finds the server's programs.
func binaries() (string, error) {
	var dirs []string
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	version := func(dir string) int { n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir))); return n }
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	dirs = append(dirs, found...)
	dirs = append(dirs, "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql/bin", "/usr/local/opt/postgresql/bin")
	if p, err := exec.LookPath("initdb"); err == nil {
		dirs = append(dirs, filepath.Dir(p))
	}
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
			if _, err := os.Stat(filepath.Join(dir, "postgres")); err == nil {
				return dir, nil
			}
		}
	}
	return "", errMissing
}

// NewCluster makes a cluster and starts it. Settings are lines of
// postgresql.conf. Stop ends it and removes its folder.
func NewCluster(settings ...string) (*Cluster, error) { return (&Cluster{}).create(settings) }

// NewTCPCluster is NewCluster for a server that is reached by TCP as well.
func NewTCPCluster(settings ...string) (*Cluster, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	return (&Cluster{port: port}).create(settings)
}

// NewDiskCluster is NewCluster for a server with a disk of its own of so many
// MiB at Disk, for tablespaces. It is ErrNoDisk where none can be made: that
// takes root on Linux.
func NewDiskCluster(mib int, settings ...string) (*Cluster, error) {
	return (&Cluster{disk: mib}).create(settings)
}

func (c *Cluster) create(settings []string) (_ *Cluster, err error) {
	if c.bin, err = binaries(); err != nil {
		return nil, err
	}
	if c.who, err = unprivileged(); err != nil {
		return nil, err
	}
	if c.dir, err = c.folder(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(c.dir)
		}
	}()
	init := c.command("initdb", "-D", c.data(), "-U", "advocate", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if out, err := init.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	listen := "listen_addresses = ''"
	if c.port != 0 {
		listen = "listen_addresses = '127.0.0.1'"
	}
	conf := append([]string{
		listen, fmt.Sprintf("port = %d", c.portOrDefault()), "unix_socket_directories = '" + c.dir + "'", "max_connections = 200", "shared_buffers = '64MB'",
		"log_min_messages = warning", "autovacuum_naptime = '10s'", "max_wal_size = '2GB'",
	}, settings...)
	if err := c.configure(conf...); err != nil {
		return nil, err
	}
	return c, c.Start()
}

// Fast are settings for a cluster whose data nobody needs after the tests.
func Fast() []string {
	return []string{"fsync = off", "synchronous_commit = off", "full_page_writes = off"}
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *Cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "HOME="+c.dir)
	cmd.SysProcAttr = processAttributes(c.who)
	return cmd
}

// Start starts the server and returns when it takes connections.
func (c *Cluster) Start() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.proc != nil {
		return errors.New("pgtest: the cluster runs already")
	}
	c.log.Reset()
	cmd := c.command("postgres", "-D", c.data())
	if c.disk > 0 {
		if err := c.withDisk(cmd); err != nil {
			return err
		}
	}
	cmd.Stdout, cmd.Stderr = &c.log, &c.log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	done := make(chan struct{})
	go func() {
		cmd.Wait()
		close(done)
	}()
	c.proc, c.done = cmd, done
	deadline := time.Now().Add(60 * time.Second)
	for {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		conn, err := pgx.Connect(ctx, c.URL("postgres"))
		if err == nil {
			conn.Close(ctx)
		}
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-done:
			c.proc = nil
			return fmt.Errorf("PostgreSQL ended at once:\n%s", c.log.String())
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("PostgreSQL takes no connections: %w", err)
		}
	}
}

// Signal ends the server: SIGTERM waits for sessions, SIGINT ends them,
// SIGQUIT crashes it. It returns when the server has ended. A server that does
// not run is left.
func (c *Cluster) Signal(sig syscall.Signal) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.proc == nil {
		return nil
	}
	if err := c.proc.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-c.done
	c.proc = nil
	return nil
}

// Stop ends the server and removes its folder.
func (c *Cluster) Stop() error {
	return errors.Join(c.Signal(syscall.SIGQUIT), os.RemoveAll(c.dir))
}

// PID is the server's process, 0 when it does not run.
func (c *Cluster) PID() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.proc == nil {
		return 0
	}
	return c.proc.Process.Pid
}

// Socket is where the server listens.
func (c *Cluster) Socket() string {
	return filepath.Join(c.dir, fmt.Sprintf(".s.PGSQL.%d", c.portOrDefault()))
}

// Port is where the server listens on 127.0.0.1; 0 for nowhere.
func (c *Cluster) Port() int { return c.port }

func (c *Cluster) portOrDefault() int { return cmp.Or(c.port, 5432) }

// freePort finds a port that nobody listens on now.
func freePort() (int, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port, nil
}

// URL is how a database of the cluster is reached.
func (c *Cluster) URL(database string) string {
	return fmt.Sprintf("postgres:///%s?host=%s&port=%d&user=advocate&sslmode=disable", database, c.dir, c.portOrDefault())
}
