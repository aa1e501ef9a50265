// Package store declares what the engine keeps and the transaction contract
// that every driver honours. Drivers are store/sqlite (embedded),
// store/postgres (a server, for any number of processes) and store/memory (the
// oracle that tests and the simulator compare with);
// store/storetest holds the one conformance suite.
//
// # The contract
//
// Update runs a function in one read-write transaction: all of it is durable
// when Update returns nil, none of it otherwise. What AdvocateLock returns
// stays locked until the transaction ends, so two transactions never decide
// for one customer at once. A driver may run the function again when its
// database asks for it (a deadlock, a serialization failure), so the function
// must keep what it learns in variables that it resets at its start.
//
// Methods are named noun, then verb, and take whole batches: a driver for a
// server turns each call into one statement. Bodies ([]byte) are opaque and
// come back as they went in (an empty one as nil). Times are UTC with
// microseconds. Lists come back in the order their comment gives; "missing" is
// never an error in a batch read: the result has a zero value in its place. An
// empty key is nobody's and nothing's: reads find nothing by it, writes refuse
// it. A limit that is not positive stands for DefaultLimit. Deletes ignore what
// is not there. A call that returns one of the errors below has written
// nothing, and the transaction may go on.
//
// Rows belong to whoever holds them: a driver keeps no slice it was given and
// gives out none that it keeps.
//
// Errors: ErrNotFound from reads of one thing; ErrBusy when the database is
// locked, full or away and the caller should refuse work at the edge, with
// ErrFull, ErrIO and ErrDamaged where more load or less of it is not the
// reason; ErrConflict when a version check fails. Each is matched with
// errors.Is.
package store

import (
	"context"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// Store is one database.
type Store interface {
	// Update runs fn in a read-write transaction. Concurrent calls are safe;
	// SQLite runs them one after the other.
	Update(ctx context.Context, fn func(Tx) error) error
	// View runs fn in a read-only transaction over one consistent state.
	View(ctx context.Context, fn func(Reader) error) error
	// Engine names the driver: "sqlite", "postgres", "memory".
	Engine() string
	// Serial reports whether writing transactions run one at a time, so that
	// what one reads cannot change under it.
	Serial() bool
	// Close waits for running transactions. A second call does nothing.
	Close() error
}

// Maintainer is what a store may offer beside its rows.
type Maintainer interface {
	// Backup writes a consistent copy to a new file while the store works.
	// progress, if not nil, is told pages done and in all.
	Backup(ctx context.Context, path string, progress func(done, total int)) error
	// Check looks for damage and returns what it finds, nothing when sound.
	Check(ctx context.Context) ([]string, error)
}

// Asider is what a serial store may offer to an Update that has other cores to
// use.
type Asider interface {
	// Aside runs fn over the state that the Update under way began with, on
	// another goroutine than that Update's, which must wait for it. It runs
	// nothing and returns false when it cannot do so at once.
	Aside(ctx context.Context, fn func(Reader) error) (ran bool, err error)
}

// EffectEnder is what a transaction may offer where each call is a round trip.
type EffectEnder interface {
	// EffectEnd removes effects that are done and says of which of them the
	// Attempt was still the stored one: it does for many what EffectPut with
	// the state done does for one. next says that one of them was not the last
	// of its conversation as the transaction saw it: what another one adds at
	// that moment is not seen.
	EffectEnd(rows []EffectRow) (ended []bool, next bool, err error)
}

// Waker is a store that several processes may have open at once.
type Waker interface {
	// Wakes tells that another process may have left work: inputs that are
	// ready, effects, catch-ups, fan-outs, switches, another playbook. A
	// wake-up may be lost, and may come for nothing: it only saves waiting for
	// the next look. The channel is closed when ctx ends or the store is
	// closed.
	Wakes(ctx context.Context) <-chan struct{}
}

// Clock is a store whose database tells the time that all nodes share.
type Clock interface {
	Now(ctx context.Context) (time.Time, error)
}

// Leaser is a store that knows which node does what only one node at a time
// may do. Leases end in the database's time.
type Leaser interface {
	// LeaseTake takes a lease for a while, or prolongs the holder's own, which
	// keeps its fence as long as it never ended in between. ok is false when
	// somebody else has it.
	LeaseTake(ctx context.Context, name, holder string, d time.Duration) (l Lease, ok bool, err error)
	// LeaseDrop ends a lease early; one that has ended already is left.
	LeaseDrop(ctx context.Context, l Lease) error
	// LeaseEnded gives the leases that have ended and whose names begin so, by
	// name.
	LeaseEnded(ctx context.Context, prefix string) ([]Lease, error)
	// LeaseReap forgets a lease that has ended, and ends those of the effects
	// that were claimed under it, which count as pending from then on. It says
	// how many there were; ErrConflict when the lease was prolonged or is gone.
	LeaseReap(ctx context.Context, l Lease) (effects int, err error)
}

// Lease is a lease that was taken. Each new holder has a higher fence, by
// which what an older one still does can be told from its own.
type Lease struct {
	Name, Holder string
	Fence        int64
	Until        time.Time // in the database's time
}

// Reader is what both kinds of transaction can do.
type Reader interface {
	DocumentReader
	AuditReader
	DeliveryReader

	// AdvocateGet reads advocates without locking; result i belongs to id i,
	// with ID 0 for an unknown one. Redirects are not followed.
	AdvocateGet(ids []domain.CustomerID) ([]Advocate, error)
	// AdvocateList pages through advocates by id, oldest first. With Query it
	// keeps those whose Search holds every word of it, ignoring case. Merged
	// and erased ones are left out; with Erased, only erased ones are given.
	AdvocateList(p AdvocateListParams) ([]Advocate, error)
	// IdentityFind returns whose each identity is, 0 for nobody's.
	IdentityFind(keys []domain.IdentityKey) ([]domain.CustomerID, error)
	// RefFind returns who has each company reference, 0 for nobody. An empty
	// reference is nobody's.
	RefFind(refs []string) ([]domain.CustomerID, error)
	// PostFind returns what is known of each post.
	PostFind(keys []domain.PostKey) ([]PostRow, error)
	// PostFindID returns posts of that id on any network, at most 20, by
	// network and account.
	PostFindID(id string) ([]PostRow, error)
	// JournalRead returns a customer's records newest first (At, then Seq; the
	// times of one customer's records never go back),
	// with Version below Before (0: from the newest). After a merge they are
	// the records of all who were merged into this customer, so versions
	// repeat; BeforeSeq then pages: it is the Seq of the last row of the page
	// before. A customer that was merged into another has none.
	JournalRead(p JournalReadParams) ([]JournalRow, error)
	// InboxRead returns the pending inputs of the customers, ordered by
	// customer and seq.
	InboxRead(customers []domain.CustomerID) ([]InboxRow, error)
	// InboxSize counts pending inputs in all.
	InboxSize() (int, error)
	// InboxNext is the earliest ReadyAt of a pending input, zero for none.
	InboxNext() (time.Time, error)
	// DueNext is the earliest NextDue, zero for none. Where many advocates
	// became due later than they once were, it may be earlier than that, but
	// DueClaim at that time brings it forward.
	DueNext() (time.Time, error)
	// OrderGet reads orders by folded id; ID "" for an unknown one.
	OrderGet(ids []string) ([]domain.Order, error)
	// OrderList returns the orders of a company reference, newest UpdatedAt
	// first, then by id.
	OrderList(ref string, limit int) ([]domain.Order, error)
	// OrderFindTracking returns the order with a tracking number, the newest
	// UpdatedAt if several have it, ID "" if none.
	OrderFindTracking(tracking string) (domain.Order, error)
	// EventGet reads events by seq; Seq 0 for a missing one.
	EventGet(seqs []int64) ([]domain.Event, error)
	// EventFind returns events with an anchor accepted at or after Since and
	// with Seq at most Upto (0: any), newest first. An event whose Accepted is
	// zero counts as accepted at its Time.
	EventFind(p EventFindParams) ([]domain.Event, error)
	// EventTail returns events after a seq, oldest first. It ends before the
	// first place that may still be filled: whoever goes on from the last event
	// it gave misses none.
	EventTail(after int64, limit int) ([]domain.Event, error)
	// SubscriptionFind returns, for each list of anchors, the subscriptions
	// that stand on any of them, ordered by customer and id. At most Limit+1
	// a list: one more than Limit means "too many to take at once".
	SubscriptionFind(p SubscriptionFindParams) ([][]SubscriptionRow, error)
	// SubscriptionScan pages through an anchor's subscriptions by customer.
	SubscriptionScan(p SubscriptionScanParams) ([]SubscriptionRow, error)
	// NoticeFind returns the open notices (outages, recalls) with any of the
	// anchors; with none given, all of them, newest first, at most 200.
	NoticeFind(anchors []domain.Anchor) ([]domain.Event, error)
	// NoticeGet reads notices by key, ended ones too; result i belongs to key i,
	// with the zero Event for an unknown one.
	NoticeGet(keys []string) ([]domain.Event, error)
	// WorkItemGet reads one work item; ErrNotFound when there is none.
	WorkItemGet(id string) (domain.WorkItem, error)
	// WorkItemList pages by (CreatedAt, ID), newest first. An After that is
	// gone is ErrNotFound, unless At says where it was.
	WorkItemList(p WorkItemListParams) ([]domain.WorkItem, error)
	// WorkItemScan pages by id through every work item that is not final.
	WorkItemScan(p WorkItemScanParams) ([]domain.WorkItem, error)
	// QueueStats returns one row per queue with work items, by name.
	QueueStats(now time.Time) ([]QueueStats, error)
	// CaseGet reads a case that its advocate has let go of; ErrNotFound when
	// there is none.
	CaseGet(id string) (domain.Case, error)
	// CaseList gives such cases by UpdatedAt, newest first, then by id.
	CaseList(customer domain.CustomerID, limit int) ([]domain.Case, error)
	// EffectGet reads an effect that is in the outbox; ErrNotFound when it is
	// not, or not any more.
	EffectGet(id string) (EffectRow, error)
	// EffectList pages by id within the filter, oldest first.
	EffectList(p EffectListParams) ([]EffectRow, error)
	// AttemptCount counts failed proofs since a time.
	AttemptCount(order, network string, since time.Time) (domain.AttemptCounts, error)
	// AttemptShown returns, each once and sorted, up to limit digests of what
	// was posted in public about an order since a time (see domain.Attempt).
	AttemptShown(order string, since time.Time, limit int) ([]string, error)
	// PlaybookActive returns the active version; ErrNotFound before the first.
	PlaybookActive() (PlaybookRow, error)
	// PlaybookList returns versions, newest first, without their sources.
	PlaybookList(limit int) ([]PlaybookRow, error)
	// PlaybookGet returns one version with its source; ErrNotFound when there
	// is none.
	PlaybookGet(version int64) (PlaybookRow, error)
	// SwitchList gives all switches, by scope.
	SwitchList() ([]Switch, error)
	// TokenFind finds a token by the hash of its secret, expired or not;
	// ErrNotFound when there is none. TokenList gives all, by name.
	TokenFind(hash [32]byte) (Token, error)
	TokenList() ([]Token, error)
	// MergeList gives the merges a customer was part of, on either side,
	// newest first, then by id.
	MergeList(customer domain.CustomerID) ([]MergeRow, error)
	// FanoutList gives cursors by event, CatchUpList rows in order of arrival.
	// Where transactions run beside each other, both give a transaction that
	// writes only what no other one is working at, and a row to catch up comes
	// once every event that its subscription can have missed is in the log.
	FanoutList(limit int) ([]FanoutRow, error)
	CatchUpList(limit int) ([]CatchUpRow, error)
	// Counts says how much there is. It is made for every few seconds, not for
	// every request.
	Counts() (Counts, error)
}

// Tx is a read-write transaction.
type Tx interface {
	Reader
	DocumentWriter
	AuditWriter
	DeliveryWriter

	// SeenAdd records keys and says which were new. Within one call a key
	// that stands twice is new once.
	SeenAdd(rows []SeenRow) ([]SeenResult, error)
	// AdvocateInsert creates advocates of version 0 that do not exist yet;
	// a taken id or Ref is ErrConflict. State, NextDue, Ref, Search and
	// CreatedAt are kept.
	AdvocateInsert(rows []Advocate) error
	// AdvocateLock locks and reads advocates. Result i belongs to id i; ID 0
	// when it is unknown or another transaction holds it (Taken). Pending
	// tells whether the inbox held anything for it after the lock.
	AdvocateLock(ids []domain.CustomerID) ([]Advocate, error)
	// AdvocateWrite stores decided states and appends their journal rows.
	// Each row's Version must be the stored version plus one; otherwise
	// nothing of the call is written and the error is ErrVersion; so it is for
	// an unknown, merged or erased one. A changed Ref that is taken by another
	// customer is ErrConflict. Refs change hands in the order of the rows.
	AdvocateWrite(rows []AdvocateWriteRow) error
	// IdentitySet points identities at customers.
	IdentitySet(rows []IdentityRow) error
	IdentityDelete(keys []domain.IdentityKey) error
	// PostPut keeps what is known of posts, in place of what was. Of several
	// rows of one post the last counts.
	PostPut(rows []PostRow) error
	// InboxAppend gives each row its Seq in place, ascending in the order given.
	InboxAppend(rows []InboxRow) error
	InboxDelete(rows []InboxKey) error
	// InboxClaim returns customers with an input that is ready at now,
	// longest-ready first, then by id; their locks are AdvocateLock's to take.
	InboxClaim(now time.Time, limit int) ([]domain.CustomerID, error)
	// DueClaim returns customers whose NextDue is not after now, earliest
	// first, then by id.
	DueClaim(now time.Time, limit int) ([]domain.CustomerID, error)
	OrderPut(orders []domain.Order) error
	// EventAppend gives each event its Seq in place, ascending in the order
	// given. A Seq is never given twice, whatever is removed.
	EventAppend(events []domain.Event) error
	// SubscriptionAdd stores subscriptions, replacing those of the same
	// customer and id, and sets their After in place to the event log's last
	// position; one that stood on the same anchor already keeps its After.
	// SubscriptionDelete takes them by customer and id.
	SubscriptionAdd(rows []SubscriptionRow) error
	SubscriptionDelete(rows []SubscriptionRow) error
	// NoticePut opens a notice, or ends it where e ends one (see NoticeEnds), in
	// place of what is kept under that key, unless that is of a later Time: then
	// nothing changes. An ended one is no longer found, and is kept so that what
	// is older does not open it again.
	NoticePut(e domain.Event, key string, anchors []domain.Anchor) error
	WorkItemPut(items []domain.WorkItem) error
	CasePut(customer domain.CustomerID, cases []domain.Case) error
	// EffectAdd puts effects into the outbox, pending unless State says held;
	// a known id is ErrConflict. One whose State says sending comes out as if
	// EffectClaim had taken it at once, until its Lease and under its Under; but
	// where another one of its conversation is in the outbox, or goes into it by
	// the same call, it is pending. State, Attempt and Lease are set in place.
	EffectAdd(rows []EffectRow) error
	// EffectCancel takes effects that are pending or held out of the outbox
	// and returns those it took, as they were, in the order of the ids; one
	// being sent is left.
	EffectCancel(ids []string) ([]EffectRow, error)
	// EffectClaim leases up to Limit effects that may be done now: pending,
	// not before their time, first of their conversation that has not ended
	// (a held, sending or dead one before it blocks it), and of a destination
	// that is not in Busy and has not reached its Most. Each comes back sending, with Attempt raised and
	// Lease set. An expired lease (at or before Now) counts as pending from its
	// end on. Longest-ready first, then by id. A conversation is one
	// customer's, ordered by Ordinal, then id; after a merge, lines of one name
	// are one.
	EffectClaim(p EffectClaimParams) ([]EffectRow, error)
	// EffectPut writes a claimed effect's new state if its Attempt is still
	// the stored one; otherwise ErrConflict: somebody else has it. State,
	// NotBefore, Lease, Released, Dead, PutBacks, LastError and UpdatedAt are
	// written, and nothing else:
	// the effect may have changed hands since it was claimed. State done
	// removes the row.
	EffectPut(row EffectRow) error
	// EffectSet is an operator's: it changes state without an attempt check
	// and returns the row as it is then. ErrNotFound when it is gone,
	// ErrConflict when its state is not one of from (none: any). A zero
	// notBefore leaves the time. State done removes the row.
	EffectSet(id string, from []domain.EffectState, to domain.EffectState, notBefore time.Time) (EffectRow, error)
	// AttemptAdd notes failed proofs, and what was posted in public.
	AttemptAdd(rows []domain.Attempt, at time.Time) error
	// AttemptLock is called before the attempts at orders and on networks are
	// counted to decide about one more: who counts any of the same afterwards
	// waits until this transaction has ended, and sees what it added.
	AttemptLock(orders, networks []string) error
	// PlaybookAdd keeps a version, not active, and returns its number: one
	// more than the last.
	PlaybookAdd(row PlaybookRow) (version int64, err error)
	// PlaybookActivate makes one version the active one; ErrNotFound when
	// there is no such version.
	PlaybookActivate(version int64, at time.Time, by string) error
	SwitchPut(s Switch) error
	SwitchDelete(scope string) error
	// TokenPut keeps a token, in place of the one of that name; ErrConflict when
	// another name has its hash.
	TokenPut(t Token) error
	TokenDelete(name string) error
	// FanoutPut keeps one cursor an event.
	FanoutPut(row FanoutRow) error
	FanoutDelete(eventSeq int64) error
	// CatchUpAdd keeps one row a customer and subscription: another one joins it,
	// from the earlier Since to the later Upto, at the new one's place; CatchUpDelete
	// takes them by those two. A row whose Upto is the After that
	// SubscriptionAdd gave in the same transaction ends where the log ends when
	// they are committed: that place the store fills in.
	CatchUpAdd(rows []CatchUpRow) error
	CatchUpDelete(rows []CatchUpRow) error
	// CustomerMove gives what belongs to one customer (identities, posts,
	// inbox, subscriptions and what they have to catch up, work items, cases,
	// effects, journal) to another and leaves a redirect, without state,
	// NextDue, Ref and Search. Audit rows and deliveries go on naming whom they
	// were about. ErrNotFound for an unknown customer,
	// ErrConflict when either is merged or erased or both are one.
	CustomerMove(from, to domain.CustomerID) error
	// CustomerSplit takes a redirect away: the customer stands alone again,
	// at its last version, and the records written as this customer's are its
	// own again. The rest the caller gives back row by row. ErrConflict when
	// there is no redirect.
	CustomerSplit(id domain.CustomerID) error
	// JournalPart gives away what records held of another customer: Stays takes
	// a record's place, Goes is added to To's with the record's Version and At,
	// under a Seq of its own. The records must be From's own, not of a customer
	// merged into it, and none older than To's newest.
	JournalPart(p JournalPartParams) error
	MergePut(row MergeRow) error
	MergeDelete(id string) error
	// CustomerErase removes every row of a customer, the orders of its
	// reference and of those that a merge took from its redirects, what was
	// posted in public about these orders, the events about any of these and the deliveries about the customer, and leaves a
	// tombstone. Audit rows stay, with an id that names nobody any more and
	// without their Detail. Documents are nobody's and stay; those that a customer
	// can be found in, DocumentsForget takes away in the same transaction.
	// Redirects to it are followed and erased too. Repeating it does nothing.
	// ErrNotFound for an unknown customer, ErrConflict for a merged one: erase
	// whom it was merged into.
	CustomerErase(id domain.CustomerID, at time.Time) error
	// Prune removes events, keys, posts' keys and attempts accepted before a
	// time, and closed work items and ended notices of that age; at most limit, and says how
	// many. Rows may go later than asked, and keys in larger pieces than limit;
	// nothing goes earlier.
	Prune(before time.Time, limit int) (int, error)
}
