package source

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

var now = time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)

func headers(kv ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(kv); i += 2 {
		h.Set(kv[i], kv[i+1])
	}
	return h
}

// told is an item's error in one line.
func told(e ItemError) string {
	if e.Field == "" {
		return fmt.Sprintf("event %d: %s", e.Index, e.Message)
	}
	return fmt.Sprintf("event %d: %s: %s", e.Index, e.Field, e.Message)
}

func parseJSON(media, body string) ([]domain.Event, []ItemError, error) {
	return ParseHTTP(headers("Content-Type", media), []byte(body), now)
}

const good = `{"specversion":"1.0","id":"1","source":"/shop","type":"order.delayed","orderid":"a-1","data":{"eta":"2026-03-04T00:00:00Z"}}`

func TestParseStructured(t *testing.T) {
	t.Parallel()
	body := `{ "specversion" : "1.0", "id":"e-1","source":"/shop","type":"order.delayed","subject":"a\u0020b",
	 "time":"2026-02-28T10:00:00.123456789+01:00","orderid":10234,"customerid":"C-7","sku":"AB-1","area":"Leeds",
	 "hops":2,"datacontenttype":"application/json; charset=utf-8","traceparent":"00-x","unknown":{"deep":[1]},
	 "data" : {"status":"delayed", "n": 1.50} }`
	events, bad, err := parseJSON("Application/CloudEvents+JSON; charset=UTF-8", body)
	if err != nil || len(bad) != 0 || len(events) != 1 {
		t.Fatalf("%v, %v, %v", events, bad, err)
	}
	want := domain.Event{
		Source: "/shop", ID: "e-1", Type: "order.delayed", Subject: "a b",
		Time:    time.Date(2026, 2, 28, 9, 0, 0, 123456000, time.UTC),
		OrderID: "10234", CustomerRef: "C-7", SKU: "ab-1", Area: "leeds", Hops: 2,
		Data: json.RawMessage(`{"status":"delayed", "n": 1.50}`), Accepted: now,
	}
	if !reflect.DeepEqual(events[0], want) {
		t.Errorf("got  %+v\nwant %+v", events[0], want)
	}
}

func TestParseBinary(t *testing.T) {
	t.Parallel()
	h := http.Header{
		"ce-specversion": {"1.0"}, "CE-ID": {"%22x%22%20%C3%A9"}, "Ce-Source": {`"/sh\"op"`}, "Ce-Type": {"outage.started"},
		"Ce-Area": {"100%"}, "Ce-Time": {"2026-03-01T09:00:00z"}, "Ce-Hops": {"1"}, "content-type": {"application/json"},
	}
	events, bad, err := ParseHTTP(h, []byte(` {"area":"ignored","sku":"K1"} `), now)
	if err != nil || len(bad) != 0 {
		t.Fatalf("%v, %v", bad, err)
	}
	want := domain.Event{
		Source: `/sh"op`, ID: `"x" é`, Type: "outage.started", Time: now.Add(-30 * time.Minute),
		Area: "100%", SKU: "k1", Hops: 1, Data: json.RawMessage(`{"area":"ignored","sku":"K1"}`), Accepted: now,
	}
	if !reflect.DeepEqual(events[0], want) {
		t.Errorf("got  %+v\nwant %+v", events[0], want)
	}
	events, bad, err = ParseHTTP(headers("ce-specversion", "1.0", "ce-id", "1", "ce-source", "s", "ce-type", "t"), nil, now)
	if err != nil || len(bad) != 0 || events[0].Data != nil || !events[0].Time.Equal(now) {
		t.Errorf("no body: %v, %v, %v", events, bad, err)
	}
}

// One bad item must not hide the good ones around it, nor move their order.
func TestParseBatchKeepsGoodItems(t *testing.T) {
	t.Parallel()
	body := `[` + good + `, 5, {"specversion":"1.0","id":"2","source":"/shop"}, ` + strings.Replace(good, `"id":"1"`, `"id":"3"`, 1) + `,
	{"specversion":"1.0","id":"4","source":"/shop","type":"t","data":` + strings.Repeat("[", 65) + strings.Repeat("]", 65) + `}]`
	events, bad, err := parseJSON("application/cloudevents-batch+json", body)
	if err != nil {
		t.Fatal(err)
	}
	if len(events) != 2 || events[0].ID != "1" || events[1].ID != "3" {
		t.Errorf("events: %+v", events)
	}
	var texts []string
	for _, b := range bad {
		texts = append(texts, told(b))
	}
	got := fmt.Sprint(texts)
	want := `[event 1: is a number; want an object with specversion, id, source and type event 2: type: is required and must not be empty event 4: data: is nested 65 deep; at most 64 are accepted]`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if events, bad, err := parseJSON("application/cloudevents-batch+json", " [ ] "); err != nil || len(events)+len(bad) != 0 {
		t.Errorf("empty batch: %v, %v, %v", events, bad, err)
	}
}

func TestParseOddButRight(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body  string
		check func(e domain.Event) bool
	}{
		"escaped name":   {`{"specversion":"1.0","\u0069d":"7","source":"s","type":"t"}`, func(e domain.Event) bool { return e.ID == "7" }},
		"null is absent": {`{"specversion":"1.0","id":"7","source":"s","type":"t","subject":null,"time":null,"data":null,"data_base64":null}`, func(e domain.Event) bool { return e.Data == nil && e.Time.Equal(now) }},
		"base64":         {`{"specversion":"1.0","id":"7","source":"s","type":"t","data_base64":"` + base64.StdEncoding.EncodeToString([]byte(`{"sku":"Z"}`)) + `"}`, func(e domain.Event) bool { return e.SKU == "z" && string(e.Data) == `{"sku":"Z"}` }},
		"anchors in data": {`{"specversion":"1.0","id":"7","source":"s","type":"t","data":{"x":{"sku":"no"},"\u0061rea":"Leeds","OrderID":17,"customerid":"c"}}`, func(e domain.Event) bool {
			return e.Area == "leeds" && e.OrderID == "17" && e.CustomerRef == "c" && e.SKU == ""
		}},
		"order mark":       {"\ufeff" + good, func(e domain.Event) bool { return e.OrderID == "A-1" }},
		"invalid UTF-8":    {strings.Replace(good, `"data"`, "\"subject\":\"\xff\",\"data\"", 1), func(e domain.Event) bool { return e.Subject == "\ufffd" }},
		"U+0000":           {strings.Replace(good, `"data"`, `"subject":"a\u0000","data"`, 1), func(e domain.Event) bool { return e.Subject == "a" }},
		"upper case names": {strings.Replace(good, `"type"`, `"TYPE":"x","type"`, 1), func(e domain.Event) bool { return e.Type == "order.delayed" }},
		"a scalar as data": {`{"specversion":"1.0","id":"7","source":"s","type":"t","data":5}`, func(e domain.Event) bool { return string(e.Data) == "5" }},
		"from the future":  {`{"specversion":"1.0","id":"7","source":"s","type":"t","time":"2099-01-01T00:00:00Z"}`, func(e domain.Event) bool { return e.Time.Equal(now) }},
		"hops as text":     {`{"specversion":"1.0","id":"7","source":"s","type":"t","hops":"8"}`, func(e domain.Event) bool { return e.Hops == 8 }},
	} {
		events, bad, err := parseJSON(mediaStructured, c.body)
		if err != nil || len(bad) != 0 || len(events) != 1 || !c.check(events[0]) {
			t.Errorf("%s: %+v, %v, %v", name, events, bad, err)
		}
	}
}

// TestParseRepeatedNames: an object in which a name stands twice means one
// thing to one reader and another to the next, so it is refused, alone.
func TestParseRepeatedNames(t *testing.T) {
	t.Parallel()
	many := `"a":1`
	for i := range 40 {
		many += fmt.Sprintf(`,"k%d":%d`, i, i)
	}
	event := func(data string) string {
		return `{"specversion":"1.0","id":"7","source":"s","type":"order.shipped","data":` + data + `}`
	}
	for name, c := range map[string]struct{ body, field, says string }{
		"id":                  {`{"specversion":"1.0","id":"1","id":"2","source":"s","type":"t"}`, "id", "twice"},
		"an unknown one":      {`{"specversion":"1.0","id":"1","x":1,"x":1,"source":"s","type":"t"}`, "x", "twice"},
		"data itself":         {`{"specversion":"1.0","id":"1","source":"s","type":"t","data":{"a":1},"data":{"a":2}}`, "data", "twice"},
		"an anchor in data":   {event(`{"orderid":"A-1","orderid":"B-2"}`), "data", `"orderid"`},
		"escaped":             {event(`{"status":"paid","\u0073tatus":"shipped"}`), "data", `"status"`},
		"deeper":              {event(`{"order":{"items":[{"sku":"a"},{"sku":"b","sku":"c"}]}}`), "data", `"sku"`},
		"the same value":      {event(`{"a":1,"a":1}`), "data", `"a"`},
		"after many":          {event(`{` + many + `,"k39":0}`), "data", `"k39"`},
		"in base64":           {`{"specversion":"1.0","id":"7","source":"s","type":"t","data_base64":"` + base64.StdEncoding.EncodeToString([]byte(`{"a":1,"a":2}`)) + `"}`, "data", `"a"`},
		"of an older version": {`{"specversion":"0.3","specversion":"1.0","id":"1","source":"s","type":"t"}`, "specversion", "twice"},
	} {
		events, bad, err := parseJSON(mediaStructured, c.body)
		if err != nil || len(events) != 0 || len(bad) != 1 || bad[0].Code != domain.CodeInvalid || bad[0].Field != c.field || !strings.Contains(bad[0].Message, c.says) {
			t.Errorf("%s: %+v, %v, %v", name, events, bad, err)
		}
	}
	for name, body := range map[string]string{
		"in objects of their own":  event(`{"a":{"x":1},"b":{"x":1},"c":[{"x":1},{"x":2}],"x":3}`),
		"many":                     event(`{` + many + `}`),
		"in another case":          event(`{"m":1,"M":2}`),
		"in an extension we leave": `{"specversion":"1.0","id":"7","source":"s","type":"t","other":{"a":1,"a":2},"data":{"a":1}}`,
	} {
		if events, bad, err := parseJSON(mediaStructured, body); err != nil || len(bad) != 0 || len(events) != 1 {
			t.Errorf("%s: %+v, %v, %v", name, events, bad, err)
		}
	}
	events, bad, err := parseJSON(mediaBatch, `[`+good+`,`+event(`{"a":1,"a":2}`)+`]`)
	if err != nil || len(events) != 1 || len(bad) != 1 || bad[0].Index != 1 {
		t.Errorf("a batch: %+v, %v, %v", events, bad, err)
	}
}

// lost is what is said of a key that came in another encoding.
const lost = `holds U+FFFD, U+0000 or bytes that are not UTF-8, and could be mistaken for another; want it whole, in UTF-8`

func TestParseErrors(t *testing.T) {
	t.Parallel()
	with := func(member string) string {
		return `{"specversion":"1.0","id":"1","source":"s","type":"t",` + member + `}`
	}
	big := `"` + strings.Repeat("x", domain.MaxEventData) + `"`
	for _, c := range []struct{ media, body, want string }{
		{mediaStructured, ``, `the body is not valid JSON: at byte 0: the text ends, want an event`},
		{mediaStructured, `{"id":"1",}`, `the body is not valid JSON: at byte 10: found "}", want a name in double quotes`},
		{mediaStructured, `{"id":"1" "x":2}`, `the body is not valid JSON: at byte 10: found "\"", want "," or "}"`},
		{mediaStructured, `{"id":"\x"}`, `the body is not valid JSON: at byte 8: found "x", want one of " \ / b f n r t or u and four hexadecimal digits`},
		{mediaStructured, `{"id":"a` + "\n" + `"}`, `the body is not valid JSON: at byte 8: found "\n", want control characters escaped as \u00xx`},
		{mediaStructured, `{"id":01}`, `the body is not valid JSON: at byte 7: found "1", want "," or "}"`},
		{mediaStructured, `{"id":tru}`, `the body is not valid JSON: at byte 6: found "t", want true`},
		{mediaStructured, good + good, fmt.Sprintf(`the body is not valid JSON: at byte %d: found "{", want nothing after the value`, len(good))},
		{mediaStructured, `{"a":` + strings.Repeat("[", 2000), `the body is not valid JSON: at byte 1005: values are nested deeper than 1000`},
		{mediaStructured, "\xff\xfe{\x00", `the body is UTF-16; JSON must be UTF-8 (RFC 8259 §8.1)`},
		{mediaBatch, good, `the body is one event; a batch is an array of them, or send it as application/cloudevents+json`},
		{mediaBatch, `[` + strings.Repeat("1,", 1001) + `1]`, `the batch has more than 1000 events`},
		{mediaBatch, `[` + good + `,]`, fmt.Sprintf(`the body is not valid JSON: at byte %d: found "]", want a value`, len(good)+2)},
		{mediaStructured, strings.Repeat(" ", MaxBody+1), `the body is larger than 8 MiB`},
		{"application/cloudevents+avro", good, `Content-Type: is "application/cloudevents+avro"; accepted are application/cloudevents+json, application/cloudevents-batch+json, and application/json with ce- headers`},
		{"application/json", good, `Content-Type: is "application/json" without ce- headers; accepted are application/cloudevents+json, application/cloudevents-batch+json, and application/json with the headers ce-specversion, ce-id, ce-source and ce-type`},
		{mediaStructured, `[]`, `event 0: is an array; want an object with specversion, id, source and type`},
		{mediaStructured, `{}`, `event 0: specversion: is required; want "1.0"`},
		{mediaStructured, `{"specversion":"0.3"}`, `event 0: specversion: is "0.3"; want "1.0"`},
		{mediaStructured, `{"specversion":1.0}`, `event 0: specversion: is a number; want a string`},
		{mediaStructured, `{"specversion":"1.0","id":" ","source":"s","type":"t"}`, `event 0: id: is required and must not be empty`},
		{mediaStructured, `{"specversion":"1.0","id":5,"source":"s","type":"t"}`, `event 0: id: is a number; want a string`},
		{mediaStructured, with(`"orderid":true`), `event 0: orderid: is a boolean; want a string or a number`},
		{mediaStructured, with(`"sku":{}`), `event 0: sku: is an object; want a string or a number`},
		{mediaStructured, with(`"time":"yesterday"`), `event 0: time: is "yesterday"; want RFC 3339, for example 2026-03-01T09:30:00Z`},
		{mediaStructured, with(`"time":17`), `event 0: time: is a number; want a string`},
		{mediaStructured, with(`"hops":1.5`), `event 0: hops: is "1.5"; want a whole number from 0 to 8`},
		{mediaStructured, with(`"hops":9`), `event 0: hops: is 9; at most 8 are accepted, so that emitted events end`},
		{mediaStructured, with(`"datacontenttype":"text/plain"`), `event 0: datacontenttype: is "text/plain"; want application/json, a type that ends in +json, or none`},
		{mediaStructured, with(`"datacontenttype":"application/json; charset=latin1"`), `event 0: datacontenttype: is "application/json; charset=latin1"; want application/json, a type that ends in +json, or none`},
		{mediaStructured, with(`"data":1,"data_base64":"MQ=="`), `event 0: data_base64: stands beside data; want one of the two`},
		{mediaStructured, with(`"data_base64":"???"`), `event 0: data_base64: is not base64 (RFC 4648 §4)`},
		{mediaStructured, with(`"data_base64":"eHg="`), `event 0: data_base64: does not hold JSON: at byte 0: found "x", want a value`},
		{mediaStructured, with(`"data":` + big), `event 0: data: is larger than 64 KiB`},
		{mediaStructured, strings.Replace(good, "/shop", "/sh\xffop", 1), `event 0: source: ` + lost},
		{mediaStructured, strings.Replace(good, "/shop", `/sh\u0000op`, 1), `event 0: source: ` + lost},
		{mediaStructured, strings.Replace(good, `"1","s`, `"\ud800","s`, 1), `event 0: id: ` + lost},
		{mediaStructured, with("\"orderid\":\"A\xd6-1\""), `event 0: orderid: ` + lost},
		{mediaStructured, with("\"data\":{\"sku\":\"\xd6\"}"), `event 0: sku: ` + lost},
		{mediaStructured, with(`"subject":"` + strings.Repeat("x", 600) + `"`), `event 0: subject: is 600 bytes long; at most 512 are accepted`},
	} {
		events, bad, err := parseJSON(c.media, c.body)
		got := fmt.Sprint(err)
		if err == nil && len(bad) == 1 {
			got = told(bad[0])
		}
		if got != c.want || len(events) != 0 {
			t.Errorf("%s %.80s\ngot  %s\nwant %s", c.media, c.body, got, c.want)
		}
		if err != nil && domain.ErrorCode(err) == domain.CodeInternal {
			t.Errorf("%.80s: no code", c.body)
		}
	}
}

func TestParseBinaryErrors(t *testing.T) {
	t.Parallel()
	base := []string{"ce-specversion", "1.0", "ce-id", "1", "ce-source", "s", "ce-type", "t"}
	for _, c := range []struct {
		headers    []string
		body, want string
	}{
		{[]string{"Content-Type", "text/plain"}, "x", `event 0: datacontenttype: is "text/plain"; want application/json, a type that ends in +json, or none`},
		{nil, "x", `event 0: data: does not hold JSON: at byte 0: found "x", want a value`},
		{nil, strings.Repeat(" ", 5) + `"` + strings.Repeat("x", domain.MaxEventData) + `"`, `event 0: data: is larger than 64 KiB`},
		{[]string{"ce-hops", "many"}, "", `event 0: hops: is "many"; want a whole number from 0 to 8`},
		{[]string{"ce-time", "now"}, "", `event 0: time: is "now"; want RFC 3339, for example 2026-03-01T09:30:00Z`},
		{[]string{"ce-id", "e\xf6"}, "", `event 0: id: ` + lost},
		{[]string{"ce-orderid", "A%00"}, "", `event 0: orderid: ` + lost},
		{[]string{"ce-specversion", "2"}, "", `event 0: specversion: is "2"; want "1.0"`},
	} {
		_, bad, err := ParseHTTP(headers(append(base[:len(base):len(base)], c.headers...)...), []byte(c.body), now)
		if err != nil || len(bad) != 1 || told(bad[0]) != c.want {
			t.Errorf("%v: %v, %v; want %s", c.headers, bad, err, c.want)
		}
	}
}

// Memory of the request must not stay alive through an event, nor change it.
func TestParseCopiesData(t *testing.T) {
	t.Parallel()
	body := []byte(good)
	events, _, err := ParseHTTP(headers("Content-Type", mediaStructured), body, now)
	if err != nil {
		t.Fatal(err)
	}
	clear(body)
	if string(events[0].Data) != `{"eta":"2026-03-04T00:00:00Z"}` || events[0].Source != "/shop" {
		t.Errorf("the event changed with the body: %+v", events[0])
	}
}

func FuzzParseHTTP(f *testing.F) {
	for _, s := range []string{good, `[` + good + `,` + good + `]`, `{}`, `[1,{}]`, `{"a":"\ud800\u0000"}`, `{"specversion":"1.0","id":"1","source":"s","type":"t","data_base64":"e30="}`} {
		f.Add(s, "x", "%41", uint8(0))
		f.Add(s, `"a\"b"`, "1", uint8(1))
		f.Add(s, "", "", uint8(2))
	}
	f.Add(strings.Replace(good, "a-1", "A\xd6-1", 1), "s\xf6", "A%D6%00", uint8(0))
	f.Add(good, "s\xf6", "A%D6%00", uint8(2))
	f.Fuzz(func(t *testing.T, body, source, order string, mode uint8) {
		h := http.Header{}
		switch mode % 3 {
		case 0:
			h.Set("Content-Type", mediaStructured)
		case 1:
			h.Set("Content-Type", mediaBatch)
		default:
			for k, v := range map[string]string{"specversion": "1.0", "id": "1", "source": source, "type": "t", "orderid": order} {
				h["ce-"+k] = []string{v}
			}
		}
		events, bad, err := ParseHTTP(h, []byte(body), now)
		if err != nil && (len(events) > 0 || len(bad) > 0 || domain.ErrorCode(err) == domain.CodeInternal) {
			t.Fatalf("%v with %d events and %d item errors", err, len(events), len(bad))
		}
		for i := range events {
			e := events[i]
			if strings.ContainsRune(e.Source+e.ID+e.OrderID, '\ufffd') {
				t.Fatalf("a key was repaired: %+v", e)
			}
			if err := e.Validate(); err != nil {
				t.Fatalf("accepted an event that is not valid: %v", err)
			}
			if e.Normalize(now); !reflect.DeepEqual(e, events[i]) {
				t.Fatalf("accepted an event that is not normalised: %+v", events[i])
			}
		}
		if clean, cleanErr := cleanJSON([]byte(body)); mode%3 == 0 && cleanErr == nil {
			// encoding/json is the judge of what JSON is, but for nesting.
			if valid := json.Valid(clean); valid == (err != nil) && !bytes.Contains(clean, bytes.Repeat([]byte("["), 100)) && strings.Count(body, "{") < 100 {
				t.Fatalf("valid is %v, and the error %v", valid, err)
			}
		}
	})
}

func BenchmarkParseBatch(b *testing.B) {
	var parts []string
	for i := range 100 {
		parts = append(parts, fmt.Sprintf(`{"specversion":"1.0","id":"evt-%08d","source":"/shop/orders","type":"order.delayed","time":"2026-03-01T09:00:00Z","subject":"order A-%d","orderid":"A-%d","customerid":"C-%d","datacontenttype":"application/json","data":{"status":"delayed","eta":"2026-03-04T00:00:00Z","reason":"carrier","carrier":"DHL","items":[{"sku":"AB-1","name":"Kettle","quantity":1}],"version":%d}}`, i, i, i, i, i))
	}
	body := []byte("[" + strings.Join(parts, ",") + "]")
	h := headers("Content-Type", mediaBatch)
	b.ReportAllocs()
	for b.Loop() {
		if events, bad, err := ParseHTTP(h, body, now); err != nil || len(bad) > 0 || len(events) != 100 {
			b.Fatal(bad, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/event")
}
