package sandbox

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/social"
)

// Name is the network's name in posts.
const Name = "sandbox"

// Options say where the network lives. The zero value is a network in memory
// that ends with its process.
type Options struct {
	Path     string           // the database file; "" keeps everything in memory
	Shared   *sql.DB          // instead: a PostgreSQL database, which other processes' networks share; it is closed by Close
	AsItIs   bool             // Shared is left as it is; what needs tables that are not there fails
	Company  string           // the handle that the company answers under; "advocate" by default
	Now      func() time.Time // time.Now by default
	Random   io.Reader        // for post ids; crypto/rand by default
	MaxPosts int              // DefaultMaxPosts by default
	Logger   *slog.Logger
}

const (
	openTime  = 30 * time.Second
	lookAgain = 250 * time.Millisecond // for what other processes did
)

// Network is the sandbox network. Its methods are safe for concurrent use.
type Network struct {
	db  *database
	o   Options
	log *slog.Logger

	mu      sync.Mutex
	changed chan struct{} // closed and replaced when anything changes
	running bool          // Run has a sink
	failure string        // why the newest delivery attempt failed, "" after a success
}

var (
	_ social.Network = (*Network)(nil)
	_ social.Runner  = (*Network)(nil)
)

// Open opens or makes a network.
func Open(o Options) (*Network, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.MaxPosts <= 0 {
		o.MaxPosts = DefaultMaxPosts
	}
	if o.Company == "" {
		o.Company = "advocate"
	}
	company, err := FoldHandle(o.Company)
	if err != nil {
		return nil, err
	}
	o.Company = company
	log := o.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	var db *database
	if o.Shared != nil {
		ctx, cancel := context.WithTimeout(context.Background(), openTime)
		defer cancel()
		db, err = shareDB(ctx, o.Shared, o.AsItIs)
	} else {
		db, err = openDB(o.Path)
	}
	if err != nil {
		return nil, err
	}
	return &Network{db: db, o: o, log: log, changed: make(chan struct{})}, nil
}

// Close releases the database. Posts that wait for delivery are delivered
// after the next Open.
func (n *Network) Close() error { return n.db.Close() }

// Name implements social.Network.
func (n *Network) Name() string { return Name }

// Account implements social.Network: there is only one.
func (n *Network) Account() string { return "" }

// Company is the handle that the company answers under.
func (n *Network) Company() string { return n.o.Company }

// Capabilities implements social.Network.
func (n *Network) Capabilities() social.Capabilities {
	return social.Capabilities{
		PublicReply: true, PrivateMessage: true, Settles: true,
		In: social.In{Search: true, Private: true, Edits: true, Deletes: true},
	}
}

// Send implements social.Network. The same key gives the same post, whatever
// else the repeat says.
func (n *Network) Send(ctx context.Context, m social.Message) (social.Sent, error) {
	if m.Key == "" {
		return social.Sent{}, &social.Error{Fault: social.FaultOurs, Safe: "the message has no key"}
	}
	to, err := FoldHandle(m.To.Author)
	if err != nil {
		return social.Sent{}, &social.Error{Fault: social.FaultCustomer, Safe: "the recipient is no handle of the sandbox network"}
	}
	text := strings.TrimSpace(domain.CleanText(m.Text))
	if text == "" || len(text) > domain.MaxPostText {
		return social.Sent{}, &social.Error{Fault: social.FaultOurs, Safe: "the message is empty or longer than 16 KiB"}
	}
	if m.Visibility != domain.Public && m.Visibility != domain.Private {
		return social.Sent{}, &social.Error{Fault: social.FaultOurs, Safe: "the message is neither public nor private"}
	}
	var p Post
	err = inTx(ctx, n.db, func(tx *transaction) error {
		known, err := scanPost(tx.QueryRowContext(ctx, `SELECT `+postColumns+` FROM @post WHERE key = ?`, m.Key))
		if err == nil {
			p = known
			return nil
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		p = Post{ID: replyID(m.Key), Handle: n.o.Company, Company: true, To: to, Visibility: m.Visibility, Text: text, InReplyTo: m.InReplyTo, At: n.now()}
		return n.insert(ctx, tx, &p, m.Key)
	})
	if err != nil {
		// An ended context, a full disk, a locked file: nothing was kept, and
		// the key makes another attempt harmless.
		return social.Sent{}, &social.Error{Retry: true, Fault: social.FaultNetwork, Safe: "the sandbox network could not keep the message", Cause: err}
	}
	n.notify()
	return social.Sent{PostID: p.ID, URL: "/sandbox#" + p.ID, At: p.At}, nil
}

// insert gives a post its change number and thread and stores it.
func (n *Network) insert(ctx context.Context, tx *transaction, p *Post, key string) (err error) {
	if p.Change, err = nextChange(ctx, tx); err != nil {
		return err
	}
	p.Thread = p.ID
	if p.InReplyTo != "" {
		switch parent, err := getPost(ctx, tx, p.InReplyTo); {
		case err == nil:
			p.Thread = parent.Thread
		case domain.ErrorCode(err) != domain.CodeNotFound:
			return err
		}
	}
	if err := insertPost(ctx, tx, p, key, 0); err != nil {
		return err
	}
	return prune(ctx, tx, n.o.MaxPosts)
}

// notify wakes everybody who waits for a change.
func (n *Network) notify() {
	n.mu.Lock()
	defer n.mu.Unlock()
	close(n.changed)
	n.changed = make(chan struct{})
}

// watch returns a channel that is closed at the next change.
func (n *Network) watch() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.changed
}

// Wake makes everybody look who waits for a change: another process may have
// made one.
func (n *Network) Wake() { n.notify() }

// poll rings when it is time to look for what other processes did; never where
// there are none.
func (n *Network) poll() <-chan time.Time {
	if !n.db.shared {
		return nil
	}
	return time.After(lookAgain)
}

func (n *Network) now() time.Time { return n.o.Now().UTC().Truncate(time.Microsecond) }

var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// newID makes a post's id: its time first, so that ids sort as posts came,
// then chance, so that a deleted sandbox.db never gives an old id again.
func (n *Network) newID(at time.Time) (string, error) {
	var b [12]byte
	ms := at.UnixMilli()
	for i := range 6 {
		b[i] = byte(ms >> (8 * (5 - i)))
	}
	if _, err := io.ReadFull(n.o.Random, b[6:]); err != nil {
		return "", err
	}
	return "s" + idEncoding.EncodeToString(b[:]), nil
}

// replyID derives a reply's id from its key, so that even a lost database
// gives a repeat the same id.
func replyID(key string) string {
	sum := sha256.Sum256([]byte("sandbox reply\x00" + key))
	return "r" + idEncoding.EncodeToString(sum[:12])
}
