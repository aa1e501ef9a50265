package store

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// ErrMoved is a store whose rows were, or are being, moved to another one:
// nobody may work with it any more.
var ErrMoved = errors.New("store: its rows belong to another store")

// Table is one kind of row. What a driver keeps for its own use (indexes,
// words to search for, who has a reference) is no table: it follows from the
// rows.
type Table string

const (
	TableAdvocate     Table = "advocate"
	TableIdentity     Table = "identity"
	TablePost         Table = "post"
	TableJournal      Table = "journal"
	TableInbox        Table = "inbox"
	TableSeen         Table = "seen"
	TableEvent        Table = "event"
	TableSubscription Table = "subscription"
	TableCatchUp      Table = "catch_up"
	TableFanout       Table = "fanout"
	TableNotice       Table = "notice"
	TableOrder        Table = "orders"
	TableWorkItem     Table = "work_item"
	TableCase         Table = "case_file"
	TableEffect       Table = "effect"
	TableAttempt      Table = "attempt"
	TablePlaybook     Table = "playbook"
	TableSwitch       Table = "switch"
	TableToken        Table = "token"
	TableMerge        Table = "merge"
	TableDocument     Table = "document"
	TableAudit        Table = "audit"
	TableDelivery     Table = "delivery"
	TableCounter      Table = "counter" // one row: the last numbers given out
)

// Tables lists them in the order in which they are moved.
var Tables = []Table{
	TablePlaybook, TableSwitch, TableToken, TableMerge, TableNotice, TableAdvocate, TableIdentity, TablePost, TableOrder, TableCase,
	TableWorkItem, TableSubscription, TableEvent, TableFanout, TableCatchUp, TableInbox, TableEffect, TableAttempt, TableSeen, TableJournal,
	TableDocument, TableAudit, TableDelivery, TableCounter,
}

// Dump is a piece of one table: the others' lists are empty. Rows are whole,
// with every number as it was given out.
type Dump struct {
	Advocates     []DumpAdvocate
	Identities    []IdentityRow
	Posts         []PostRow
	Journal       []JournalRow
	Inbox         []InboxRow
	Seen          []SeenRow
	Events        []domain.Event
	Subscriptions []SubscriptionRow
	CatchUps      []DumpCatchUp
	Fanouts       []FanoutRow
	Notices       []DumpNotice
	Orders        []domain.Order
	WorkItems     []domain.WorkItem
	Cases         []DumpCase
	Effects       []EffectRow
	Attempts      []DumpAttempt
	Playbooks     []PlaybookRow
	Switches      []Switch
	Tokens        []Token
	Merges        []MergeRow
	Documents     []Document
	Audit         []AuditRow
	Deliveries    []DeliveryRow
	Counters      []DumpCounters
}

// Len is how many rows there are.
func (d *Dump) Len() int {
	return len(d.Advocates) + len(d.Identities) + len(d.Posts) + len(d.Journal) + len(d.Inbox) + len(d.Seen) + len(d.Events) +
		len(d.Subscriptions) + len(d.CatchUps) + len(d.Fanouts) + len(d.Notices) + len(d.Orders) + len(d.WorkItems) + len(d.Cases) +
		len(d.Effects) + len(d.Attempts) + len(d.Playbooks) + len(d.Switches) + len(d.Tokens) + len(d.Merges) +
		len(d.Documents) + len(d.Audit) + len(d.Deliveries) + len(d.Counters)
}

// DumpAdvocate is a row of state with what only merging and erasing know of.
type DumpAdvocate struct {
	Advocate
	FormerRef string    // while it is merged
	ErasedAt  time.Time // zero where the driver keeps no such time
}

// DumpCatchUp is a catch-up with its place in the order of arrival.
type DumpCatchUp struct {
	CatchUpRow
	Seq int64
}

// DumpNotice is a notice as NoticePut kept it: an ended one has the anchor
// NoticeEnded.
type DumpNotice struct {
	Key     string
	Anchors []domain.Anchor
	Event   domain.Event
}

// DumpCase is a case and whose it is.
type DumpCase struct {
	Customer domain.CustomerID
	Case     domain.Case
}

// DumpAttempt is one counted attempt. They have no key: two may be alike.
type DumpAttempt struct {
	domain.Attempt
	At time.Time
}

// DumpCounters are the last numbers given out; what comes next is above them,
// also where their rows are gone.
type DumpCounters struct {
	Event, Inbox, Journal, CatchUp, Audit int64
}

// DumpParams asks for a piece of a table.
type DumpParams struct {
	Table Table
	After DumpKey // the place that the piece before ended at; empty at first
	Limit int     // rows; a piece of large rows is shorter, one of few groups may be longer
}

// Dumper is what a Reader can do whose driver can be moved from, or verified.
type Dumper interface {
	// DumpCount counts a table's rows.
	DumpCount(t Table) (int64, error)
	// DumpRead gives a piece of a table, in an order of the driver's own that
	// stays as long as nothing is written, and the place where it ends. A
	// piece without rows is the table's end.
	DumpRead(p DumpParams) (Dump, DumpKey, error)
}

// LoadPart is how far a table has come.
type LoadPart struct {
	Place DumpKey // in the source
	Rows  int64   // so far
	Sum   []byte  // of them, the caller's
	Over  bool    // nothing is missing
}

// LoadState is what a target knows about the move that fills it.
type LoadState struct {
	ID     string // of the move; "" for none
	Source string // for people
	Done   bool   // all is there and was verified: nodes may work with it
	Off    bool   // it was given up: nobody may
	Parts  map[Table]LoadPart
}

// LoadParams writes a piece. Was is what the table's part must be: nothing is
// written and the error is ErrConflict if another process has moved it on.
type LoadParams struct {
	ID        string
	Table     Table
	Rows      Dump
	Was, Next LoadPart
}

// Loader is a store that can be filled from another one. Until LoadFinish no
// node can open it.
type Loader interface {
	Store
	// LoadState tells which move fills the store, if any.
	LoadState(ctx context.Context) (LoadState, error)
	// LoadBegin begins a move. A store that holds rows or another move is
	// ErrConflict.
	LoadBegin(ctx context.Context, id, source string) error
	// LoadWrite adds rows and remembers how far the table has come, both in
	// one transaction.
	LoadWrite(ctx context.Context, p LoadParams) error
	// LoadFinish opens the store to nodes, LoadCancel gives the move up. A move
	// that is not under way is ErrConflict.
	LoadFinish(ctx context.Context, id string) error
	LoadCancel(ctx context.Context, id string) error
}

// DumpKey is a place in a table, in a form of the driver's own.
type DumpKey []byte

// Int adds a number to a place, Text a text.
func (k DumpKey) Int(v int64) DumpKey { return binary.BigEndian.AppendUint64(k, uint64(v)) }

func (k DumpKey) Text(v string) DumpKey {
	return append(binary.BigEndian.AppendUint32(k, uint32(len(v))), v...)
}

// TakeInt reads what Int has added, TakeText what Text has. A place that ends
// before gives what comes before all others.
func (k *DumpKey) TakeInt() int64 {
	if len(*k) < 8 {
		*k = nil
		return math.MinInt64
	}
	v := int64(binary.BigEndian.Uint64(*k))
	*k = (*k)[8:]
	return v
}

func (k *DumpKey) TakeText() string {
	if len(*k) < 4 || int64(len(*k)-4) < int64(binary.BigEndian.Uint32(*k)) {
		*k = nil
		return ""
	}
	n := 4 + int(binary.BigEndian.Uint32(*k))
	v := string((*k)[4:n])
	*k = (*k)[n:]
	return v
}

// MoveMark is what a source says about where its rows go.
type MoveMark struct {
	ID     string // of the move; "" for none
	Target string // for people
	Began  time.Time
	Ended  time.Time // zero while it is under way
}

// MoveSource is a store whose rows can be moved away. From MarkBegin on nobody
// can open it but to go on with the move, until MarkRemove.
type MoveSource interface {
	Store
	Mark(ctx context.Context) (MoveMark, error)
	// MarkBegin marks it; a mark that is there is ErrConflict.
	MarkBegin(ctx context.Context, id, target string, at time.Time) error
	// MarkEnd says that the move has ended well. Another move's mark, or none,
	// is ErrConflict.
	MarkEnd(ctx context.Context, id string, at time.Time) error
	// MarkRemove makes an ordinary store of it again.
	MarkRemove(ctx context.Context) error
}
