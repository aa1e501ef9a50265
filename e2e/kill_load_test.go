package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// item is a post or an event that was sent at least once.
type item struct {
	event  bool
	id     string
	body   string
	to     []*person // who has to hear of it
	acked  bool
	writer *person // of a post
}

// name is how records tell the item.
func (i *item) name() string {
	if i.event {
		return "event " + i.id
	}
	return "post " + i.id
}

// generation brings in customers with an order each, and has every one of
// them write once, so that they subscribe.
func (k *killRun) generation(p *process) {
	k.Helper()
	k.gen++
	customers, orders := "ref,name,tier,identities\n", "id,customer_ref,status\n"
	k.people = nil
	for i := range killPeople {
		one := &person{handle: fmt.Sprintf("g%d.%d", k.gen, i), ref: fmt.Sprintf("R-%d-%d", k.gen, i), order: fmt.Sprintf("K-%d%02d", 1000+k.gen, i), group: fmt.Sprintf("g%d", k.gen)}
		one.reset()
		customers += fmt.Sprintf("%s,Person %s,%s,sandbox/%s\n", one.ref, one.handle, one.group, one.handle)
		orders += fmt.Sprintf("%s,%s,shipped\n", one.order, one.ref)
		k.people = append(k.people, one)
	}
	k.house.run(customers, "import", "customers", "-")
	k.house.run(orders, "import", "orders", "-")
	k.mu.Lock()
	k.known = nil // what a generation before was sent is not sent again
	var first []*item
	for _, one := range k.people {
		first = append(first, k.newPost(one, "hello"))
	}
	k.mu.Unlock()
	c := k.client(p)
	for _, i := range first {
		k.deliver(c, []*item{i})
		if !i.acked {
			k.Fatalf("%s was not taken by a server at rest", i.name())
		}
	}
	c.rest()
	for _, one := range k.people {
		if subs := list[subscription](c, "/v1/customers/"+one.id+"/subscriptions"); len(subs) != 2 {
			k.Fatalf("@%s has %d subscriptions, want 2: %v", one.handle, len(subs), subs)
		}
	}
}

// newPost and newEvent make items; k.mu is held.
func (k *killRun) newPost(by *person, word string) *item {
	k.next++
	i := &item{id: fmt.Sprintf("p%d", k.next), writer: by, to: []*person{by}}
	i.body = fmt.Sprintf(`{"network":"sandbox","id":%q,"author":{"id":%q},"text":"%s %s","visibility":"private"}`, i.id, by.handle, word, i.id)
	return i
}

func (k *killRun) newEvent(rng *rand.Rand) *item {
	k.next++
	i := &item{event: true, id: fmt.Sprintf("e%d", k.next)}
	one := k.people[rng.IntN(len(k.people))]
	about := fmt.Sprintf(`"type":"order.shipped","customerid":%q`, one.ref)
	i.to = []*person{one}
	switch rng.IntN(4) {
	case 0: // about the order as well: it is written to in the same transaction
		about = fmt.Sprintf(`"type":"order.delayed","customerid":%q,"orderid":%q`, one.ref, one.order)
	case 1: // for everybody
		about = fmt.Sprintf(`"type":"outage.started","area":%q`, one.group)
		i.to = k.people
	}
	i.body = fmt.Sprintf(`{"specversion":"1.0","id":%q,"source":"/kill",%s}`, i.id, about)
	return i
}

// work sends until the server is gone.
func (k *killRun) work(p *process, rng *rand.Rand) {
	c := k.client(p)
	for alive := true; alive; {
		alive = k.deliver(c, k.choose(rng))
		select {
		case <-p.ended:
			return
		default:
		}
	}
}

// choose picks what to send next: new posts or events, alone or in a batch,
// something whose fate is unknown, or something that is known to have arrived.
func (k *killRun) choose(rng *rand.Rand) []*item {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch roll := rng.IntN(10); {
	case roll < 2 && len(k.unknown) > 0:
		at := rng.IntN(len(k.unknown))
		i := k.unknown[at]
		k.unknown[at] = k.unknown[len(k.unknown)-1]
		k.unknown = k.unknown[:len(k.unknown)-1]
		k.count.resent++
		return []*item{i}
	case roll < 3 && len(k.known) > 0:
		return []*item{k.known[rng.IntN(len(k.known))]}
	}
	n := 1
	if rng.IntN(3) == 0 {
		n += rng.IntN(8)
	}
	events := rng.IntN(2) == 0
	out := make([]*item, n)
	for i := range out {
		if events {
			out[i] = k.newEvent(rng)
		} else {
			out[i] = k.newPost(k.people[rng.IntN(len(k.people))], []string{"tell", "ask"}[rng.IntN(2)])
		}
	}
	return out
}

// deliver sends items of one kind and notes what was answered. It reports
// whether the server said anything.
func (k *killRun) deliver(c *client, items []*item) bool {
	bodies := make([]string, len(items))
	for i := range items {
		bodies[i] = items[i].body
	}
	body, path, kind := bodies[0], "/v1/posts", "application/json"
	if items[0].event {
		path, kind = "/v1/events", "application/cloudevents+json"
	}
	if len(items) > 1 {
		body = "[" + strings.Join(bodies, ",") + "]"
		if items[0].event {
			kind = "application/cloudevents-batch+json"
		}
	}
	a := c.send("POST", path, body, "Content-Type: "+kind)
	k.mu.Lock()
	defer k.mu.Unlock()
	if a.err != nil || a.status == 429 || a.status == 503 {
		if a.err == nil {
			k.count.refused++
		}
		for _, i := range items {
			if !i.acked {
				k.unknown = append(k.unknown, i)
			}
		}
		return a.err == nil
	}
	if a.status != 202 {
		k.Errorf("%s: %d %s\nfor %s", path, a.status, a.body, body)
		return false
	}
	k.acknowledge(items, a.body)
	return true
}

// acknowledge notes a 202; k.mu is held.
func (k *killRun) acknowledge(items []*item, body string) {
	type result struct {
		CustomerID string `json:"customer_id"`
		Duplicate  bool
		SetAside   string `json:"set_aside"`
		Items      []result
		Accepted   int
		Duplicates int
	}
	var res result
	if err := json.Unmarshal([]byte(body), &res); err != nil {
		k.Errorf("%v in %s", err, body)
		return
	}
	if items[0].event && res.Accepted+res.Duplicates != len(items) {
		k.Errorf("of %d events %d were accepted and %d known", len(items), res.Accepted, res.Duplicates)
	}
	if items[0].event && items[0].acked && res.Duplicates != 1 {
		k.Errorf("%s was accepted twice: %s", items[0].name(), body)
	}
	results := res.Items
	if len(items) == 1 {
		results = []result{res}
	}
	k.count.duplicates += res.Duplicates
	for n, i := range items {
		if !i.event {
			r := results[n]
			if r.SetAside != "" || i.acked && !r.Duplicate {
				k.Errorf("%s (acknowledged before: %v): %+v", i.name(), i.acked, r)
			}
			if r.Duplicate {
				k.count.duplicates++
			}
			switch {
			case i.writer.id == "":
				i.writer.id = r.CustomerID
			case r.CustomerID != i.writer.id:
				k.Errorf("@%s was customer %s and is %q for %s", i.writer.handle, i.writer.id, r.CustomerID, i.name())
			}
		}
		if i.acked {
			continue
		}
		i.acked = true
		k.count.acked++
		k.known = append(k.known, i)
		for _, one := range i.to {
			one.due = append(one.due, i)
		}
	}
}
