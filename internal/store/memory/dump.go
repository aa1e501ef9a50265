package memory

import (
	"cmp"
	"fmt"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

var _ store.Dumper = (*reader)(nil)

// DumpCount implements store.Dumper.
func (r *reader) DumpCount(t store.Table) (int64, error) {
	d, err := r.dump(t)
	return int64(d.Len()), err
}

// DumpRead implements store.Dumper; a place is a number of rows.
func (r *reader) DumpRead(p store.DumpParams) (store.Dump, store.DumpKey, error) {
	d, err := r.dump(p.Table)
	if err != nil {
		return store.Dump{}, nil, err
	}
	after := p.After
	from := int(max(0, after.TakeInt()))
	to := from + store.Limit(p.Limit)
	cut(&d.Advocates, from, to)
	cut(&d.Identities, from, to)
	cut(&d.Posts, from, to)
	cut(&d.Journal, from, to)
	cut(&d.Inbox, from, to)
	cut(&d.Seen, from, to)
	cut(&d.Events, from, to)
	cut(&d.Subscriptions, from, to)
	cut(&d.CatchUps, from, to)
	cut(&d.Fanouts, from, to)
	cut(&d.Notices, from, to)
	cut(&d.Orders, from, to)
	cut(&d.WorkItems, from, to)
	cut(&d.Cases, from, to)
	cut(&d.Effects, from, to)
	cut(&d.Attempts, from, to)
	cut(&d.Playbooks, from, to)
	cut(&d.Switches, from, to)
	cut(&d.Tokens, from, to)
	cut(&d.Merges, from, to)
	cut(&d.Documents, from, to)
	cut(&d.Audit, from, to)
	cut(&d.Deliveries, from, to)
	cut(&d.Counters, from, to)
	return d, store.DumpKey(nil).Int(int64(from + d.Len())), nil
}

func cut[T any](list *[]T, from, to int) {
	*list = (*list)[min(from, len(*list)):min(to, len(*list))]
}

// rowsOf lists a table by its keys, each row made from key and value.
func rowsOf[K comparable, V, R any](t *table[K, V], order func(a, b R) int, row func(K, V) R) []R {
	out := table[int, R]{rows: make(map[int]R, len(t.rows))}
	for k, v := range t.rows {
		out.rows[len(out.rows)] = row(k, v)
	}
	return out.list(all, order, 0)
}

// just is a row that is its table's value.
func just[K, V any](_ K, v V) V { return v }

// dump gives all rows of a table.
func (r *reader) dump(t store.Table) (d store.Dump, err error) {
	s := r.s
	switch t {
	case store.TableAdvocate:
		d.Advocates = rowsOf(&s.advocates, func(a, b store.DumpAdvocate) int { return cmp.Compare(a.ID, b.ID) },
			func(id domain.CustomerID, a store.Advocate) store.DumpAdvocate {
				a.State = blob(a.State)
				return store.DumpAdvocate{Advocate: a, FormerRef: s.formerRefs.rows[id]}
			})
	case store.TableIdentity:
		d.Identities = rowsOf(&s.identities, func(a, b store.IdentityRow) int {
			return then(compare(a.Key.Network, b.Key.Network), compare(a.Key.Account, b.Key.Account), compare(a.Key.Author, b.Key.Author))
		}, func(k domain.IdentityKey, c domain.CustomerID) store.IdentityRow {
			return store.IdentityRow{Key: k, Customer: c}
		})
	case store.TablePost:
		d.Posts = s.posts.list(all, func(a, b store.PostRow) int {
			return then(compare(a.Key.ID, b.Key.ID), compare(a.Key.Network, b.Key.Network), compare(a.Key.Account, b.Key.Account))
		}, 0)
	case store.TableJournal:
		d.Journal = s.journal.list(all, func(a, b store.JournalRow) int { return cmp.Compare(a.Seq, b.Seq) }, 0)
	case store.TableInbox:
		d.Inbox = s.inbox.list(all, func(a, b store.InboxRow) int { return cmp.Compare(a.Seq, b.Seq) }, 0)
	case store.TableSeen:
		d.Seen = s.seen.list(all, func(a, b store.SeenRow) int { return compare(string(a.Key[:]), string(b.Key[:])) }, 0)
	case store.TableEvent:
		d.Events = rowsOf(&s.events, func(a, b domain.Event) int { return cmp.Compare(a.Seq, b.Seq) },
			func(_ int64, e event) domain.Event { return copyEvent(e.Event) })
	case store.TableSubscription:
		d.Subscriptions = copySubscriptions(s.subscriptions.list(all, bySubscription, 0))
	case store.TableCatchUp:
		d.CatchUps = rowsOf(&s.catchUps, func(a, b store.DumpCatchUp) int { return cmp.Compare(a.Seq, b.Seq) },
			func(_ subscriptionKey, c catchUp) store.DumpCatchUp {
				return store.DumpCatchUp{CatchUpRow: c.CatchUpRow, Seq: c.seq}
			})
	case store.TableFanout:
		d.Fanouts = s.fanouts.list(all, func(a, b store.FanoutRow) int { return cmp.Compare(a.EventSeq, b.EventSeq) }, 0)
	case store.TableNotice:
		d.Notices = rowsOf(&s.notices, func(a, b store.DumpNotice) int { return compare(a.Key, b.Key) },
			func(_ string, n notice) store.DumpNotice {
				return store.DumpNotice{Key: n.key, Anchors: n.anchors, Event: copyEvent(n.Event)}
			})
	default:
		return r.dumpRest(t)
	}
	return d, nil
}

func (r *reader) dumpRest(t store.Table) (d store.Dump, err error) {
	s := r.s
	switch t {
	case store.TableOrder:
		d.Orders, err = copies(s.orders.list(all, func(a, b domain.Order) int { return compare(a.ID, b.ID) }, 0))
	case store.TableWorkItem:
		d.WorkItems, err = copies(s.workItems.list(all, func(a, b domain.WorkItem) int { return compare(a.ID, b.ID) }, 0))
	case store.TableCase:
		d.Cases = rowsOf(&s.cases, func(a, b store.DumpCase) int { return compare(a.Case.ID, b.Case.ID) },
			func(_ string, c caseRow) store.DumpCase { return store.DumpCase{Customer: c.customer, Case: c.Case} })
		d.Cases, err = copies(d.Cases)
	case store.TableEffect:
		d.Effects, err = copies(s.effects.list(all, func(a, b store.EffectRow) int { return compare(a.ID, b.ID) }, 0))
	case store.TableAttempt:
		d.Attempts = rowsOf(&s.attempts, func(a, b store.DumpAttempt) int {
			return then(a.At.Compare(b.At), compare(a.Order, b.Order), compare(a.Network, b.Network), compare(a.Shown, b.Shown))
		}, func(_ int64, a attempt) store.DumpAttempt { return store.DumpAttempt{Attempt: a.Attempt, At: a.at} })
	case store.TablePlaybook:
		d.Playbooks = rowsOf(&s.playbooks, func(a, b store.PlaybookRow) int { return cmp.Compare(a.Version, b.Version) },
			func(_ int64, p store.PlaybookRow) store.PlaybookRow { return copyPlaybook(p) })
	case store.TableSwitch:
		d.Switches, err = r.SwitchList()
	case store.TableToken:
		d.Tokens, err = r.TokenList()
	case store.TableMerge:
		d.Merges = rowsOf(&s.merges, func(a, b store.MergeRow) int { return compare(a.ID, b.ID) }, just[string, store.MergeRow])
	case store.TableDocument:
		d.Documents = s.documents.list(all, byKindAndID, 0)
	case store.TableAudit:
		d.Audit = s.audit.list(all, func(a, b store.AuditRow) int { return cmp.Compare(a.Seq, b.Seq) }, 0)
	case store.TableDelivery:
		d.Deliveries = s.deliveries.list(all, func(a, b store.DeliveryRow) int { return compare(a.ID, b.ID) }, 0)
	case store.TableCounter:
		d.Counters = []store.DumpCounters{{Event: s.seq.event, Inbox: s.seq.inbox, Journal: s.seq.journal, CatchUp: s.seq.catchUp, Audit: s.seq.audit}}
	default:
		err = fmt.Errorf("store: there is no table %.40q", t)
	}
	return d, err
}
