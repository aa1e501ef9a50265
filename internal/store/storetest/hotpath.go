package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// HotPath is the bare writing of what order events for idle advocates write:
// key, event, order, state and record, many events a transaction. It is what a
// store can do at most.
type HotPath struct {
	Advocates int
	Batch     int
	State     int // bytes
}

func hotOrderID(i int) string { return fmt.Sprintf("A-%08d", i) }

func hotCustomer(i int) domain.CustomerID {
	return domain.NewCustomerID(1_700_000_000_000+int64(i), uint32(i))
}

func hotOrder(i int, version int64, now time.Time) domain.Order {
	return domain.Order{ID: hotOrderID(i), CustomerRef: fmt.Sprint("R-", i), Status: domain.OrderShipped, Carrier: "DHL", Tracking: fmt.Sprint("JD00", i),
		Items: []domain.OrderItem{{SKU: "sku-1", Name: "Kettle", Quantity: 1}}, Total: "49.90", Currency: "EUR", Email: fmt.Sprintf("user%d@example.com", i), Postcode: "10115", Version: version, UpdatedAt: now}
}

// Seed makes the advocates, each with an order and a subscription to it.
func (h HotPath) Seed(b testing.TB, s store.Store) {
	b.Helper()
	now, state := time.Now().UTC().Truncate(time.Microsecond), make([]byte, h.State)
	const part = 2000
	for from := 0; from < h.Advocates; from += part {
		if err := s.Update(context.Background(), func(tx store.Tx) error {
			var advocates []store.Advocate
			var orders []domain.Order
			var subs []store.SubscriptionRow
			for i := from; i < min(from+part, h.Advocates); i++ {
				c := hotCustomer(i)
				advocates = append(advocates, store.Advocate{ID: c, State: state, Ref: fmt.Sprint("R-", i), Search: fmt.Sprint("name ", i, " user", i, "@example.com"), CreatedAt: now})
				orders = append(orders, hotOrder(i, 1, now))
				subs = append(subs, store.SubscriptionRow{Customer: c, Subscription: domain.Subscription{ID: domain.ObjectID(c, domain.KindSubscription, 1), Case: domain.ObjectID(c, domain.KindCase, 1),
					To: "order.*", Anchor: orderAnchor(hotOrderID(i)), Reason: "the customer asked about it", Rule: "look-up-order", Since: now, Expires: now.Add(720 * time.Hour)}})
			}
			if err := tx.AdvocateInsert(advocates); err != nil {
				return err
			}
			if err := tx.OrderPut(orders); err != nil {
				return err
			}
			return tx.SubscriptionAdd(subs)
		}); err != nil {
			b.Fatal(err)
		}
	}
}

// Write carries out one transaction of Batch events, whose ids begin at first.
func (h HotPath) Write(s store.Store, rng *rand.Rand, first int) error {
	now, state := time.Now().UTC().Truncate(time.Microsecond), make([]byte, h.State)
	for i := range state {
		state[i] = byte(rng.IntN(64) + 32)
	}
	events, seen := make([]domain.Event, h.Batch), make([]store.SeenRow, h.Batch)
	anchors, orders := make([][]domain.Anchor, h.Batch), make([]string, h.Batch)
	for i := range events {
		k := rng.IntN(h.Advocates)
		events[i] = domain.Event{Source: "shop", ID: strconv.Itoa(first + i), Type: "order.shipped", OrderID: hotOrderID(k), CustomerRef: fmt.Sprint("R-", k), Time: now, Accepted: now,
			Data: json.RawMessage(`{"status":"shipped","carrier":"DHL","eta":"2026-03-05T12:00:00Z","reason":"left the depot"}`)}
		anchors[i], orders[i] = events[i].Anchors(), hotOrderID(k)
		seen[i] = store.SeenRow{Key: events[i].DedupeKey(), Body: events[i].BodyHash(), At: now}
	}
	return s.Update(context.Background(), func(tx store.Tx) error {
		if _, err := tx.SeenAdd(seen); err != nil {
			return err
		}
		if err := tx.EventAppend(events); err != nil {
			return err
		}
		have, err := tx.OrderGet(orders)
		if err != nil {
			return err
		}
		for i := range have {
			have[i].Version++
		}
		if err := tx.OrderPut(have); err != nil {
			return err
		}
		subs, err := tx.SubscriptionFind(store.SubscriptionFindParams{Anchors: anchors, Limit: 1000})
		if err != nil {
			return err
		}
		var ids []domain.CustomerID
		once := map[domain.CustomerID]bool{}
		for _, rows := range subs {
			for _, row := range rows {
				if !once[row.Customer] {
					once[row.Customer] = true
					ids = append(ids, row.Customer)
				}
			}
		}
		held, err := tx.AdvocateLock(ids)
		if err != nil {
			return err
		}
		var writes []store.AdvocateWriteRow
		for _, a := range held {
			if a.ID != 0 {
				writes = append(writes, store.AdvocateWriteRow{ID: a.ID, Version: a.Version + 1, State: state, NextDue: a.NextDue, Ref: a.Ref, Search: a.Search, At: now, Record: state[:h.State*3/5]})
			}
		}
		return tx.AdvocateWrite(writes)
	})
}
