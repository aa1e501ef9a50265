package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

type backupCmd struct {
	File string `arg:"" help:"The file to write; it must not exist."`
}

func (*backupCmd) Help() string {
	return `Writes a consistent copy of the database while the server goes on working. Keep erasures.log, beside the database, together with your backups: "restore" erases again who was erased since.

Examples:
  advocate backup /backups/advocate-$(date +%F).db`
}

// backupReport says what was written.
type backupReport struct {
	File    string  `json:"file"`
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds"`
}

func (c *backupCmd) Run(g *globals) error {
	s, err := g.load()
	if err != nil {
		return err
	}
	if s.server() {
		return usagef("backup copies an SQLite database; a PostgreSQL one is backed up with its own tools, while nodes work: pg_dump, or pg_basebackup and an archive of its log. " +
			"Keep a node's erasures.log with each backup. After one was restored, and before a node starts, \"advocate restore --store URL\" erases again who was erased since and holds back what may have been sent already")
	}
	path, err := filepath.Abs(c.File)
	if err != nil {
		return err
	}
	rep, err := ask[backupReport](g, "backup", path)
	if err == nil {
		fmt.Fprintf(g.stdout, "%s: %.1f MiB in %.1f s\n", c.File, float64(rep.Bytes)/(1<<20), rep.Seconds)
	}
	return err
}

// databaseBytes is about how much a copy of the database takes: its file, and
// the log beside it.
func (s *settings) databaseBytes() uint64 {
	sum := uint64(noRoom)
	for _, suffix := range []string{"", "-wal"} {
		if st, err := os.Stat(s.database() + suffix); err == nil {
			sum += uint64(st.Size())
		}
	}
	return sum
}

func opBackup(ctx context.Context, n *node, path string) (backupReport, error) {
	start := time.Now()
	if err := n.syncErasures(ctx); err != nil {
		return backupReport{}, err
	}
	m, ok := n.store.(store.Maintainer)
	if !ok {
		return backupReport{}, domain.Errorf(domain.CodeInvalid, "this store is backed up with its own tools")
	}
	if err := m.Backup(ctx, path, nil); err != nil {
		return backupReport{}, tellFull(filepath.Dir(path), n.settings.databaseBytes(), err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return backupReport{}, err
	}
	st, err := os.Stat(path)
	if err != nil {
		return backupReport{}, err
	}
	return backupReport{path, st.Size(), time.Since(start).Seconds()}, nil
}
