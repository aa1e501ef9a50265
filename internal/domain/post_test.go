package domain

import (
	"testing"
	"time"
)

func TestPostValidate(t *testing.T) {
	t.Parallel()
	good := Post{Network: "n", ID: "1", Author: Author{ID: "a"}, Text: "hello"}
	for _, c := range []struct {
		name  string
		spoil func(*Post)
		field string
	}{
		{"good", func(*Post) {}, ""},
		{"no author", func(p *Post) { p.Author.ID = " " }, "author.id"},
		{"an author nobody can see", func(p *Post) { p.Author.ID = "\u200b\u2060" }, "author.id"},
		{"answers itself", func(p *Post) { p.InReplyTo = p.ID }, "in_reply_to"},
		{"odd visibility", func(p *Post) { p.Visibility = "friends" }, "visibility"},
		{"a network in Latin-1", func(p *Post) { p.Network = "caf\xe9" }, "network"},
		{"an account in Latin-1", func(p *Post) { p.Account = "caf\xe9" }, "account"},
		{"an id in Latin-1", func(p *Post) { p.ID = "\xf6" }, "id"},
		{"an id that was repaired", func(p *Post) { p.ID = "1\uFFFD" }, "id"},
		{"an id with U+0000", func(p *Post) { p.ID = "1\x00" }, "id"},
		{"a revision with U+0000", func(p *Post) { p.Revision = "\x00deleted" }, "revision"},
		{"an author in Latin-1", func(p *Post) { p.Author.ID = "j\xf6rg" }, "author.id"},
		{"an answer to Latin-1", func(p *Post) { p.InReplyTo = "\xf6" }, "in_reply_to"},
		{"a text in Latin-1", func(p *Post) {
			p.Text, p.Author.Name, p.Author.Handle, p.Lang = "sch\xf6n\x00", "J\xf6rg", "j\xf6rg", "\xf6"
		}, ""},
	} {
		p := good
		c.spoil(&p)
		p.Normalize(time.Unix(0, 0))
		err := p.Validate()
		e, _ := err.(*Error)
		if c.field == "" && err != nil || c.field != "" && (e == nil || e.Field != c.field) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestOrderFromTheFutureDoesNotKeepLaterFactsOut(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	first, _ := OrderFromEvent(&Event{Type: "order.shipped", OrderID: "A-1", Time: at, Data: []byte(`{"updated_at":"9999-01-01T00:00:00Z"}`)})
	later, _ := OrderFromEvent(&Event{Type: "order.delivered", OrderID: "A-1", Time: at.Add(time.Hour)})
	if got := first.Merge(later).Status; got != OrderDelivered {
		t.Errorf("status %s, want %s", got, OrderDelivered)
	}
}
