package builtin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/component"
	"github.com/contact-advocate/advocate/internal/component/componenttest"
	"github.com/contact-advocate/advocate/internal/desk"
	"github.com/contact-advocate/advocate/internal/domain"
	"github.com/contact-advocate/advocate/internal/store"
)

// records is a store of a few rows that honours what the components read.
type records struct {
	store.Reader
	orders    []domain.Order
	advocates map[domain.CustomerID]store.Advocate
	refs      map[string]domain.CustomerID
	stats     []store.QueueStats
	outlooks  []desk.Outlook
	notices   []domain.Event
	err       error
}

func (r *records) View(ctx context.Context, fn func(store.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.err != nil {
		return r.err
	}
	return fn(r)
}

func (r *records) OrderGet(ids []string) ([]domain.Order, error) {
	out := make([]domain.Order, len(ids))
	for i, id := range ids {
		for _, o := range r.orders {
			if o.ID == id {
				out[i] = o
			}
		}
	}
	return out, nil
}

func (r *records) OrderList(ref string, limit int) ([]domain.Order, error) {
	var out []domain.Order
	for _, o := range r.orders {
		if o.CustomerRef == ref && len(out) < limit {
			out = append(out, o)
		}
	}
	return out, nil
}

func (r *records) OrderFindTracking(t string) (domain.Order, error) {
	for _, o := range r.orders {
		if o.Tracking == t {
			return o, nil
		}
	}
	return domain.Order{}, nil
}

func (r *records) RefFind(refs []string) ([]domain.CustomerID, error) {
	out := make([]domain.CustomerID, len(refs))
	for i, ref := range refs {
		out[i] = r.refs[ref]
	}
	return out, nil
}

func (r *records) AdvocateGet(ids []domain.CustomerID) ([]store.Advocate, error) {
	out := make([]store.Advocate, len(ids))
	for i, id := range ids {
		out[i] = r.advocates[id]
	}
	return out, nil
}

// DocumentList has outlooks and nothing else.
func (r *records) DocumentList(p store.DocumentListParams) ([]store.Document, error) {
	var out []store.Document
	for _, o := range r.outlooks {
		body, err := json.Marshal(o)
		if err != nil || p.Kind != desk.OutlookKind {
			return nil, err
		}
		out = append(out, store.Document{Kind: p.Kind, ID: o.Queue, Body: body})
	}
	return out, nil
}

func (r *records) QueueStats(time.Time) ([]store.QueueStats, error) { return r.stats, nil }

func (r *records) NoticeFind(anchors []domain.Anchor) ([]domain.Event, error) {
	var out []domain.Event
	for _, e := range r.notices {
		if len(anchors) == 0 || slices.ContainsFunc(e.Anchors(), func(a domain.Anchor) bool { return slices.Contains(anchors, a) }) {
			out = append(out, e)
		}
	}
	return out, nil
}

var sunday = time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)

func sample(t *testing.T) *records {
	t.Helper()
	state, err := json.Marshal(domain.Snapshot{Customer: domain.Customer{ID: 7, Profile: domain.Profile{Ref: "C-1", Name: "Ada", Email: "ADA@example.com"}}})
	if err != nil {
		t.Fatal(err)
	}
	return &records{
		orders: []domain.Order{
			{ID: "A-1", CustomerRef: "C-1", Status: domain.OrderShipped, Tracking: "JD0001", Email: "ada@example.com", Postcode: "LS1 1AA"},
			{ID: "A-2", CustomerRef: "C-1", Status: domain.OrderDelayed},
			{ID: "B-1", CustomerRef: "", Status: domain.OrderPaid},
		},
		refs:      map[string]domain.CustomerID{"C-1": 7, "C-OLD": 5, "C-GONE": 6, "C-LOOP": 8},
		advocates: map[domain.CustomerID]store.Advocate{7: {ID: 7, State: state}, 5: {ID: 5, Redirect: 7}, 6: {ID: 6, Erased: true}, 8: {ID: 8, Redirect: 8}},
		stats:     []store.QueueStats{{Queue: "care", Waiting: 4, Handled: 24, Oldest: 20 * time.Minute}},
		notices: []domain.Event{
			{Type: "outage.started", ID: "1", Area: "leeds", Time: sunday.Add(-time.Hour), Data: json.RawMessage(`{"text":"No power in Leeds"}`)},
			{Type: "recall.issued", ID: "2", SKU: "ab-1", Time: sunday.Add(-48 * time.Hour), Data: json.RawMessage(`{"message":"The kettle may overheat"}`)},
		},
	}
}

func policy() *domain.Policy { p := domain.DefaultPolicy(); return &p }

func asker() component.Asker {
	return component.Asker{Customer: 7, Ref: "C-1", Now: sunday}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for name, known := range map[string]domain.Lookup{
		"orders": {ID: "a-1"}, "customers": {}, "queues": {ID: "care"}, "notices": {ID: "leeds"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			componenttest.Run(t, func(t *testing.T) componenttest.Case {
				r := sample(t)
				c := map[string]component.Component{"orders": Orders(r), "customers": Customers(r), "queues": Queues(r, policy), "notices": Notices(r)}[name]
				return componenttest.Case{Component: c, Known: known, Asker: asker(), HasKnown: true}
			})
		})
	}
}

func TestOrders(t *testing.T) {
	t.Parallel()
	c := Orders(sample(t))
	for _, q := range []struct{ id, ref, want string }{
		{"A-1", "", "A-1"}, {"#a-1", "", "A-1"}, {" a - 1 ", "", "A-1"}, {"jd 0001", "", "A-1"}, {"JD0001", "", "A-1"},
		{"", "C-1", "A-1 A-2"}, {"", "", ""}, {" ", " ", ""}, {"A-9", "C-1", ""}, {"#", "C-1", ""},
	} {
		ans, err := c.Ask(t.Context(), domain.Lookup{ID: q.id}, component.Asker{Ref: q.ref})
		var got []string
		for _, o := range ans.Orders {
			got = append(got, o.ID)
		}
		if err != nil || strings.Join(got, " ") != q.want || ans.Found != (q.want != "") {
			t.Errorf("%q for %q: %v, %v; want %q", q.id, q.ref, got, err, q.want)
		}
	}
	ans, _ := c.Ask(t.Context(), domain.Lookup{ID: "a-1"}, component.Asker{})
	if ans.Orders[0].Postcode == "" || ans.Orders[0].Email == "" {
		t.Error("the order's secrets are missing, so nobody can prove it")
	}
}

func TestCustomers(t *testing.T) {
	t.Parallel()
	c := Customers(sample(t))
	for ref, found := range map[string]bool{"C-1": true, "C-OLD": true, "C-GONE": false, "C-9": false, "": false} {
		ans, err := c.Ask(t.Context(), domain.Lookup{ID: "C-1"}, component.Asker{Ref: ref})
		if err != nil || ans.Found != found || found && (ans.Profile.Name != "Ada" || ans.Profile.Email != "ada@example.com") {
			t.Errorf("%q: %+v, %v", ref, ans.Profile, err)
		}
	}
	if _, err := c.Ask(t.Context(), domain.Lookup{}, component.Asker{Ref: "C-LOOP"}); err == nil {
		t.Error("a circle of merges gave no error")
	}
}

func TestReadErrors(t *testing.T) {
	t.Parallel()
	for err, retry := range map[error]bool{store.ErrBusy: true, fmt.Errorf("x: %w", store.ErrFull): true, errors.New("broken"): false} {
		r := sample(t)
		r.err = err
		_, got := Orders(r).Ask(t.Context(), domain.Lookup{ID: "a-1"}, component.Asker{})
		var e *component.Error
		if !errors.As(got, &e) || e.Retry != retry || e.Safe != "orders: the records could not be read" {
			t.Errorf("%v: %+v", err, got)
		}
	}
}

func TestNotices(t *testing.T) {
	t.Parallel()
	c := Notices(sample(t))
	for _, q := range []struct {
		id, query string
		open      int
		kind      string
	}{
		{"", "", 2, "outage"}, {"leeds", "", 1, "outage"}, {"AREA = Leeds", "", 1, "outage"}, {"sku=AB-1", "", 1, "recall"},
		{"sku=leeds", "", 0, ""}, {"leeds, ab-1", "", 2, "outage"}, {"color=red", "", 0, ""}, {"york", "", 0, ""},
		{"", "no power here in LEEDS!", 1, "outage"}, {"", "my AB-1 is hot", 1, "recall"}, {"", "Leedsworth", 0, ""},
	} {
		ans, err := c.Ask(t.Context(), domain.Lookup{ID: q.id, Query: q.query}, component.Asker{})
		var got NoticesAnswer
		if ans.Found {
			if err := json.Unmarshal(ans.Data, &got); err != nil {
				t.Fatal(err)
			}
		}
		if err != nil || got.Open != q.open || got.Kind != q.kind || ans.Found != (q.open > 0) {
			t.Errorf("%q %q: %s, %v", q.id, q.query, ans.Data, err)
		}
	}
	ans, _ := c.Ask(t.Context(), domain.Lookup{ID: "leeds"}, component.Asker{})
	if want := `{"open":1,"kind":"outage","text":"No power in Leeds","area":"leeds","since":"2026-03-01T08:30:00Z","items":[{"kind":"outage","text":"No power in Leeds","area":"leeds","since":"2026-03-01T08:30:00Z"}]}`; string(ans.Data) != want {
		t.Errorf("got  %s\nwant %s", ans.Data, want)
	}
}
