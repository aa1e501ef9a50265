package move

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
	"github.com/contact-advocate/advocate/internal/wire"
)

// Sum is what two sides of a move compare: how many rows, and the sum of the
// hashes of each. It does not depend on the order of the rows, it counts one
// that stands twice twice, and it can be gathered in pieces.
type Sum struct {
	Rows int64
	Hash [4]uint64
}

// sumBytes is the length of a stored hash.
const sumBytes = 32

// Bytes is the hash as it is stored.
func (s *Sum) Bytes() []byte {
	out := make([]byte, 0, sumBytes)
	for _, v := range s.Hash {
		out = binary.BigEndian.AppendUint64(out, v)
	}
	return out
}

func sumOf(p store.LoadPart) (s Sum, err error) {
	if s.Rows = p.Rows; s.Rows == 0 && len(p.Sum) == 0 {
		return s, nil
	}
	if len(p.Sum) != sumBytes {
		return s, fmt.Errorf("the database's record of the move cannot be read; --cancel gives it up")
	}
	for i := range s.Hash {
		s.Hash[i] = binary.BigEndian.Uint64(p.Sum[8*i:])
	}
	return s, nil
}

// row is one row's canonical form: whatever a driver gives back for it, written
// in one way. What no text column of a server can hold is written as what the
// server keeps in its place.
type row struct{ b []byte }

func (r *row) int(v int64) *row {
	r.b = binary.BigEndian.AppendUint64(r.b, uint64(v))
	return r
}

func (r *row) bool(v bool) *row {
	if v {
		return r.int(1)
	}
	return r.int(0)
}

func (r *row) time(t time.Time) *row { return r.int(t.UnixMicro()) }

func (r *row) bytes(v []byte) *row {
	r.b = append(binary.BigEndian.AppendUint32(r.b, uint32(len(v))), v...)
	return r
}

func (r *row) text(v string) *row {
	if !utf8.ValidString(v) {
		v = strings.ToValidUTF8(v, "\uFFFD")
	}
	v = strings.ReplaceAll(v, "\x00", "\uFFFD")
	r.b = append(binary.BigEndian.AppendUint32(r.b, uint32(len(v))), v...)
	return r
}

// noun writes a noun in its stored form.
func (r *row) noun(v any) *row {
	at := len(r.b)
	r.b = wire.Append(append(r.b, 0, 0, 0, 0), v)
	binary.BigEndian.PutUint32(r.b[at:], uint32(len(r.b)-at-4))
	return r
}

// Add adds a piece's rows.
func (s *Sum) Add(d *store.Dump) {
	add(s, d.Advocates, func(r *row, v *store.DumpAdvocate) {
		r.int(int64(v.ID)).int(v.Version).time(v.NextDue).text(v.Ref).text(v.Search).int(int64(v.Redirect)).bool(v.Erased).
			time(v.CreatedAt).time(v.ErasedAt).bytes(v.State)
		if v.Redirect != 0 {
			r.text(v.FormerRef)
		}
	})
	add(s, d.Identities, func(r *row, v *store.IdentityRow) {
		r.text(v.Key.Network).text(v.Key.Account).text(v.Key.Author).int(int64(v.Customer))
	})
	add(s, d.Posts, func(r *row, v *store.PostRow) {
		r.text(v.Key.Network).text(v.Key.Account).text(v.Key.ID).int(int64(v.Customer)).text(v.From).time(v.At).text(v.Revision).int(int64(v.Body))
	})
	add(s, d.Journal, func(r *row, v *store.JournalRow) {
		r.int(v.Seq).int(int64(v.Customer)).int(v.Version).time(v.At).bytes(v.Record)
	})
	add(s, d.Inbox, func(r *row, v *store.InboxRow) {
		r.int(int64(v.Customer)).int(v.Seq).time(v.ReadyAt).text(string(v.Kind)).bytes(v.Body)
	})
	add(s, d.Seen, func(r *row, v *store.SeenRow) { r.bytes(v.Key[:]).int(int64(v.Body)).time(v.At) })
	add(s, d.Events, func(r *row, v *domain.Event) { r.event(v) })
	add(s, d.Subscriptions, func(r *row, v *store.SubscriptionRow) { r.int(int64(v.Customer)).noun(&v.Subscription) })
	add(s, d.CatchUps, func(r *row, v *store.DumpCatchUp) {
		r.int(v.Seq).int(int64(v.Customer)).text(v.Subscription).text(v.Anchor.Attr).text(v.Anchor.Value).text(v.To).time(v.Since).int(v.Upto)
	})
	add(s, d.Fanouts, func(r *row, v *store.FanoutRow) { r.int(v.EventSeq).int(int64(v.Anchor)).int(int64(v.After)) })
	add(s, d.Notices, func(r *row, v *store.DumpNotice) {
		r.text(v.Key).int(int64(len(v.Anchors)))
		for _, a := range v.Anchors {
			r.text(a.String())
		}
		r.event(&v.Event)
	})
	s.addRest(d)
}

func (s *Sum) addRest(d *store.Dump) {
	add(s, d.Orders, func(r *row, v *domain.Order) { r.noun(v) })
	add(s, d.WorkItems, func(r *row, v *domain.WorkItem) { r.noun(v) })
	add(s, d.Cases, func(r *row, v *store.DumpCase) { r.int(int64(v.Customer)).noun(&v.Case) })
	add(s, d.Effects, func(r *row, v *store.EffectRow) {
		r.noun(&v.Effect).text(string(v.State)).int(int64(v.Attempt)).time(v.Lease).text(v.LastError).time(v.CreatedAt).time(v.UpdatedAt).
			bool(v.Released).bool(v.Dead).int(int64(v.PutBacks))
	})
	add(s, d.Attempts, func(r *row, v *store.DumpAttempt) { r.time(v.At).text(v.Order).text(v.Network).text(v.Shown) })
	add(s, d.Playbooks, func(r *row, v *store.PlaybookRow) {
		r.int(v.Version).text(v.Name).text(v.Hash).bytes(v.Source).bytes(v.Policy).time(v.At).text(v.By).bool(v.Active).
			time(v.ActivatedAt).text(v.ActivatedBy)
	})
	add(s, d.Switches, func(r *row, v *store.Switch) { r.text(v.Scope).text(v.Mode).text(v.By).time(v.At) })
	add(s, d.Tokens, func(r *row, v *store.Token) {
		r.text(v.Name).bytes(v.Hash[:]).text(v.Role).time(v.CreatedAt).time(v.ExpiresAt)
	})
	add(s, d.Merges, func(r *row, v *store.MergeRow) {
		r.text(v.ID).int(int64(v.From)).int(int64(v.To)).time(v.At).text(v.By).bytes(v.Body)
	})
	s.addDesk(d)
	add(s, d.Counters, func(r *row, v *store.DumpCounters) {
		r.int(v.Event).int(v.Inbox).int(v.Journal).int(v.CatchUp).int(v.Audit)
	})
}

func (s *Sum) addDesk(d *store.Dump) {
	add(s, d.Documents, func(r *row, v *store.Document) {
		r.text(v.Kind).text(v.ID).int(v.Version).int(int64(len(v.Keys)))
		for _, k := range v.Keys {
			r.text(k)
		}
		r.bytes(v.Body).time(v.ExpiresAt).time(v.UpdatedAt)
	})
	add(s, d.Audit, func(r *row, v *store.AuditRow) {
		r.int(v.Seq).time(v.At).text(v.By).text(v.Via).text(v.Action).text(v.Object).int(int64(v.Customer)).text(v.Outcome).bytes(v.Detail).text(v.From)
	})
	add(s, d.Deliveries, func(r *row, v *store.DeliveryRow) {
		r.text(v.ID).text(v.Endpoint).int(v.EventSeq).text(v.Type).text(v.State).int(int64(v.Attempt)).time(v.NotBefore).time(v.Lease).
			int(int64(v.Status)).text(v.Error).time(v.At).time(v.UpdatedAt).bytes(v.Body).int(int64(v.Customer))
	})
}

// event writes an event; its data has its own bytes, and its place too.
func (r *row) event(e *domain.Event) {
	body := *e
	body.Data, body.Seq = nil, 0
	r.int(e.Seq).noun(&body).bytes(e.Data)
}

func add[T any](s *Sum, rows []T, write func(*row, *T)) {
	var r row
	for i := range rows {
		r.b = r.b[:0]
		write(&r, &rows[i])
		h := sha256.Sum256(r.b)
		for lane := range s.Hash {
			s.Hash[lane] += binary.BigEndian.Uint64(h[8*lane:])
		}
		s.Rows++
	}
}
