package outbound

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// Delivery is an event on its way to an endpoint, or what became of it. ID is
// the webhook-id that the receiver sees.
type Delivery struct {
	ID        string
	Endpoint  string
	EventSeq  int64
	Type      string
	State     string
	Attempt   int
	NotBefore time.Time // while pending: when it is tried
	Status    int
	Error     string // what came of the last attempt, with the beginning of the answer
	At        time.Time
	Updated   time.Time
	Body      json.RawMessage
}

// DeliveriesParams ask for deliveries, newest first.
type DeliveriesParams struct {
	Endpoint string
	State    string // "" for any
	After    string // the last id of the page before
	Limit    int
}

// A delivery's id in the store is the endpoint's id, "/" and the event's seq;
// outside, where it stands in paths and headers, it has "-" in its place.
func shownID(id string) string { return strings.Replace(id, "/", "-", 1) }

func storedID(id string) string { return strings.Replace(id, "-", "/", 1) }

func deliveryID(endpoint string, seq int64) string {
	return endpoint + "/" + strconv.FormatInt(seq, 10)
}

func viewDelivery(r *store.DeliveryRow) Delivery {
	d := Delivery{
		ID: shownID(r.ID), Endpoint: r.Endpoint, EventSeq: r.EventSeq, Type: r.Type, State: r.State, Attempt: r.Attempt,
		Status: r.Status, Error: r.Error, At: r.At, Updated: r.UpdatedAt, Body: r.Body,
	}
	if r.State == store.DeliveryPending {
		d.NotBefore = r.NotBefore
	}
	return d
}

// Deliveries pages through an endpoint's deliveries.
func (s *Service) Deliveries(ctx context.Context, p DeliveriesParams) (out []Delivery, err error) {
	err = s.o.Store.View(ctx, func(r store.Reader) error {
		out = out[:0]
		rows, err := r.DeliveryList(store.DeliveryListParams{Endpoint: p.Endpoint, State: p.State, After: storedID(p.After), Limit: p.Limit})
		if errors.Is(err, store.ErrNotFound) {
			return domain.FieldErrorf("cursor", "%.60q is gone or none of ours; leave it out to begin at the first page", p.After)
		}
		for i := range rows {
			out = append(out, viewDelivery(&rows[i]))
		}
		return err
	})
	return out, err
}

// Replay sends a delivery that is done or dead once more, as soon as may be,
// with the same webhook-id and body. When that attempt fails it goes on in the
// row of pauses where it was: one that was given up is given up again.
func (s *Service) Replay(ctx context.Context, id string) (out Delivery, err error) {
	if len(id) > store.MaxName {
		return out, noDelivery(id)
	}
	err = s.o.Store.Update(ctx, func(tx store.Tx) error {
		row, err := tx.DeliverySet(storedID(id), []string{store.DeliveryDone, store.DeliveryDead}, store.DeliveryPending, s.o.Clock.Now())
		switch {
		case errors.Is(err, store.ErrNotFound):
			return noDelivery(id)
		case errors.Is(err, store.ErrConflict):
			return domain.Errorf(domain.CodeConflict, "the delivery is on its way already")
		case err != nil:
			return err
		}
		docs, err := tx.DocumentGet(kindEndpoint, []string{row.Endpoint})
		if err != nil {
			return err
		}
		if docs[0].ID == "" {
			return domain.Errorf(domain.CodeConflict, "the delivery's webhook was removed")
		}
		e, err := readEndpoint(&docs[0], s.o.Clock.Now())
		if err == nil && e.Disabled {
			return domain.Errorf(domain.CodeConflict, "the delivery's webhook is disabled; enable it first")
		}
		out = viewDelivery(&row)
		return err
	})
	if err == nil {
		s.wake()
	}
	return out, err
}

func noDelivery(id string) error {
	return domain.Errorf(domain.CodeNotFound, "there is no delivery %.60q", id)
}

// revive makes pending again what was given up since the endpoint was disabled.
func revive(tx store.Tx, endpoint string, now time.Time) error {
	p := store.DeliveryListParams{Endpoint: endpoint, State: store.DeliveryDead, Limit: 500}
	var ids []string
	for {
		rows, err := tx.DeliveryList(p)
		if err != nil {
			return err
		}
		for i := range rows {
			if rows[i].Error == errDisabled {
				ids = append(ids, rows[i].ID)
			}
		}
		if len(rows) < p.Limit {
			break
		}
		p.After = rows[len(rows)-1].ID
	}
	for _, id := range ids {
		if _, err := tx.DeliverySet(id, []string{store.DeliveryDead}, store.DeliveryPending, now); err != nil {
			return err
		}
	}
	return nil
}

// Test posts an event of the type advocate.webhook.test at once, also to an
// endpoint that is disabled, and says what came of it. It is not in the log of
// deliveries.
func (s *Service) Test(ctx context.Context, id string) (Attempt, error) {
	e, err := s.Get(ctx, id)
	if err != nil {
		return Attempt{}, err
	}
	now := s.o.Clock.Now()
	msg := e.ID + "-test-" + strconv.FormatInt(now.UnixMicro(), 36)
	data, err := json.Marshal(map[string]string{"webhook": e.ID})
	if err != nil {
		return Attempt{}, err
	}
	ev := domain.Event{Source: eventSource, ID: msg, Type: TypeTest, Subject: e.ID, Time: now, Data: data}
	body, err := ev.CloudEvent()
	if err != nil {
		return Attempt{}, err
	}
	secrets, err := s.secrets(&e, now)
	if err != nil {
		return Attempt{}, err
	}
	return s.send.post(ctx, request{url: e.URL, id: msg, at: now, secrets: secrets, body: body}), nil
}
