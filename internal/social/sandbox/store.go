package sandbox

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	_ "github.com/ncruces/go-sqlite3/driver" // the "sqlite3" driver
	"github.com/ncruces/go-sqlite3/vfs/memdb"

	"github.com/contact-advocate/advocate/internal/domain"
)

// openDB opens or makes the network's own database. One connection is enough:
// the sandbox is for people at a page, and it spares every "database is locked".
// database/sql throws that connection away when an act is cut short, so what is
// kept in memory is held by name, until it is closed.
func openDB(path string) (*database, error) {
	file, options, memory := path, "?_pragma=journal_mode(wal)&_pragma=synchronous(full)", ""
	if path == "" {
		memory = "sandbox-" + rand.Text()
		file, options = "/"+memory, "?vfs=memdb"
	}
	db, err := sql.Open("sqlite3", "file:"+(&url.URL{Path: file}).EscapedPath()+options+"&_pragma=busy_timeout(5000)&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	db.SetMaxOpenConns(1)
	db.SetConnMaxIdleTime(0)
	d := &database{DB: db, words: strings.NewReplacer("@", "")}
	if memory != "" {
		memdb.Create(memory, nil)
		d.free = func() { memdb.Delete(memory) }
	}
	_, err = db.Exec(schema)
	if err == nil {
		err = addUnaddressed(db)
	}
	if err != nil {
		d.Close()
		return nil, fmt.Errorf("sandbox: open %s: %w", path, err)
	}
	return d, nil
}

// addUnaddressed brings a database up to date that was made before posts
// remembered to whom they were written.
func addUnaddressed(db *sql.DB) error {
	var there bool
	err := db.QueryRow(`SELECT EXISTS (SELECT 1 FROM pragma_table_info('post') WHERE name = 'unaddressed')`).Scan(&there)
	if err == nil && !there {
		_, err = db.Exec(`ALTER TABLE post ADD COLUMN unaddressed INTEGER NOT NULL DEFAULT 0`)
	}
	return err
}

const postColumns = `id, change, handle, name, company, recipient, visibility, text, in_reply_to, thread, at, edited_at, deleted, refused, unaddressed,
  EXISTS (SELECT 1 FROM @delivery d WHERE d.post = @post.id)`

type scanner interface{ Scan(dest ...any) error }

func scanPost(s scanner) (Post, error) {
	var (
		p          Post
		at, edited int64
		queued     bool
	)
	err := s.Scan(&p.ID, &p.Change, &p.Handle, &p.Name, &p.Company, &p.To, &p.Visibility, &p.Text, &p.InReplyTo, &p.Thread,
		&at, &edited, &p.Deleted, &p.Reason, &p.Unaddressed, &queued)
	if err != nil {
		return Post{}, err
	}
	p.At = time.UnixMicro(at).UTC()
	if edited != 0 {
		p.EditedAt = time.UnixMicro(edited).UTC()
	}
	switch {
	case p.Reason != "":
		p.Delivery = Refused
	case queued:
		p.Delivery = Waiting
	case !p.Company:
		p.Delivery = Delivered
	}
	return p, nil
}

func getPost(ctx context.Context, q queryer, id string) (Post, error) {
	p, err := scanPost(q.QueryRowContext(ctx, `SELECT `+postColumns+` FROM @post WHERE id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return Post{}, domain.Errorf(domain.CodeNotFound, "there is no post %.60q on the sandbox network", id)
	}
	return p, err
}

// queryer asks in the SQL that both databases understand: "@" before a table's
// name, "?" for a parameter.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func listPosts(ctx context.Context, q queryer, where string, args ...any) ([]Post, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+postColumns+` FROM @post `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []Post{}
	for rows.Next() {
		p, err := scanPost(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// nextChange raises the change number.
func nextChange(ctx context.Context, tx *transaction) (n int64, err error) {
	err = tx.QueryRowContext(ctx, `UPDATE @counter SET change = change + 1 RETURNING change`).Scan(&n)
	return n, err
}

func insertPost(ctx context.Context, tx *transaction, p *Post, key string, revision int64) error {
	var k any
	if key != "" {
		k = key
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO @post
	  (change, id, key, handle, name, company, recipient, visibility, text, in_reply_to, thread, at, revision, unaddressed)
	  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		p.Change, p.ID, k, p.Handle, p.Name, p.Company, p.To, p.Visibility, p.Text, p.InReplyTo, p.Thread, p.At.UnixMicro(), revision, p.Unaddressed)
	return err
}

// enqueue writes what the sink is to be told, with the act itself.
func enqueue(ctx context.Context, tx *transaction, post domain.Post) error {
	var waiting int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM @delivery`).Scan(&waiting); err != nil {
		return err
	}
	if waiting >= MaxQueue {
		return &domain.Error{Code: domain.CodeBusy, Message: "too many posts wait for delivery", RetryAfter: 5 * time.Second}
	}
	body, err := json.Marshal(post)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO @delivery (post, body) VALUES (?, ?)`, post.ID, string(body))
	return err
}

// prune lets go of the oldest posts past the limit. Posts that wait for
// delivery stay.
func prune(ctx context.Context, tx *transaction, keep int) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM @post WHERE seq <= (SELECT max(seq) FROM @post) - ?
	  AND NOT EXISTS (SELECT 1 FROM @delivery d WHERE d.post = @post.id)`, keep)
	return err
}

// inTx runs fn in one transaction.
func inTx(ctx context.Context, db *database, fn func(*transaction) error) error {
	t, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	tx := &transaction{t, db}
	defer tx.Rollback() // does nothing after Commit
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit()
}
