package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"
)

// column is one column of the file; value gives "" where nothing is known.
type column struct {
	name  string
	value func(*Row) string
}

// WriteCSV writes rows as RFC 4180 has it, the names of the columns first. A
// cell that a spreadsheet would take for a formula begins with an apostrophe.
func WriteCSV(w io.Writer, rows []Row) error {
	out := csv.NewWriter(w)
	line := make([]string, len(columns))
	for i := range columns {
		line[i] = columns[i].name
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for i := range rows {
		for j := range columns {
			line[j] = defused(columns[j].value(&rows[i]))
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// defused keeps a cell from being a formula.
func defused(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(s)[0]) {
		return "'" + s
	}
	return s
}

var columns = slicesOf(
	[]column{
		{"key", func(r *Row) string { return r.Key }},
		{"from", func(r *Row) string { return r.From.UTC().Format(time.RFC3339) }},
		{"to", func(r *Row) string { return r.To.UTC().Format(time.RFC3339) }},
		work("created", func(w *Work) string { return whole(w.Created) }),
		work("assigned", func(w *Work) string { return whole(w.Assigned) }),
		work("in_target", func(w *Work) string { return whole(w.InTarget) }),
		work("service_level", func(w *Work) string { return part64(w.ServiceLevel) }),
		work("completed", func(w *Work) string { return whole(w.Completed) }),
		work("canceled", func(w *Work) string { return whole(w.Canceled) }),
		work("overdue", func(w *Work) string { return whole(w.Overdue) }),
		work("offers", func(w *Work) string { return whole(w.Offers) }),
		work("rejected", func(w *Work) string { return whole(w.Rejected) }),
		work("timed_out", func(w *Work) string { return whole(w.TimedOut) }),
		work("calls", func(w *Work) string { return whole(w.Calls) }),
		work("reached", func(w *Work) string { return whole(w.Reached) }),
		work("calls_per_reached", func(w *Work) string { return part64(w.CallsReached) }),
	},
	spans("waiting", func(r *Row) *Times { return under(r.Work, func(w *Work) *Times { return w.Waiting }) }),
	spans("handling", func(r *Row) *Times { return under(r.Work, func(w *Work) *Times { return w.Handling }) }),
	spans("wrapping", func(r *Row) *Times { return under(r.Work, func(w *Work) *Times { return w.Wrapping }) }),
	[]column{
		cases("posts", func(c *Cases) string { return whole(c.Posts) }),
		cases("opened", func(c *Cases) string { return whole(c.Opened) }),
		cases("resolved", func(c *Cases) string { return whole(c.Resolved) }),
		cases("set_aside", func(c *Cases) string { return whole(c.SetAside) }),
		cases("reopened", func(c *Cases) string { return whole(c.Reopened) }),
		cases("reopen_rate", func(c *Cases) string { return part64(c.ReopenRate) }),
		cases("by_person", func(c *Cases) string { return whole(c.ByPerson) }),
		cases("answered_alone", func(c *Cases) string { return whole(c.AnsweredAlone) }),
		cases("alone_rate", func(c *Cases) string { return part64(c.AloneRate) }),
	},
	spans("first_response", func(r *Row) *Times { return under(r.Cases, func(c *Cases) *Times { return c.FirstResponse }) }),
	mooded("before", func(c *Cases) *Moods { return c.Before }),
	mooded("after", func(c *Cases) *Moods { return c.After }),
	[]column{
		cases("improved", func(c *Cases) string { return whole(c.Improved) }),
		cases("worsened", func(c *Cases) string { return whole(c.Worsened) }),
		of("promises_made", func(r *Row) *Promises { return r.Promises }, func(p *Promises) string { return whole(p.Made) }),
		of("promises_kept", func(r *Row) *Promises { return r.Promises }, func(p *Promises) string { return whole(p.Kept) }),
		of("promises_broken", func(r *Row) *Promises { return r.Promises }, func(p *Promises) string { return whole(p.Broken) }),
		of("promises_kept_rate", func(r *Row) *Promises { return r.Promises }, func(p *Promises) string { return part64(p.KeptRate) }),
		of("replies_sent", func(r *Row) *Replies { return r.Replies }, func(p *Replies) string { return whole(p.Sent) }),
		of("replies_staff", func(r *Row) *Replies { return r.Replies }, func(p *Replies) string { return whole(p.Staff) }),
		of("replies_failed", func(r *Row) *Replies { return r.Replies }, func(p *Replies) string { return whole(p.Failed) }),
		of("csat_asked", func(r *Row) *CSAT { return r.CSAT }, func(c *CSAT) string { return whole(c.Asked) }),
		of("csat_answers", func(r *Row) *CSAT { return r.CSAT }, func(c *CSAT) string { return whole(c.Answers) }),
		of("csat_mean", func(r *Row) *CSAT { return r.CSAT }, func(c *CSAT) string { return part64(c.Mean) }),
		of("csat_good_rate", func(r *Row) *CSAT { return r.CSAT }, func(c *CSAT) string { return part64(c.GoodRate) }),
	},
)

// of is a column of a part of the row.
func of[T any](name string, part func(*Row) *T, value func(*T) string) column {
	return column{name, func(r *Row) string {
		if p := part(r); p != nil {
			return value(p)
		}
		return ""
	}}
}

func work(name string, value func(*Work) string) column {
	return of(name, func(r *Row) *Work { return r.Work }, value)
}

func cases(name string, value func(*Cases) string) column {
	return of(name, func(r *Row) *Cases { return r.Cases }, value)
}

func mooded(when string, moods func(*Cases) *Moods) []column {
	get := func(r *Row) *Moods { return under(r.Cases, moods) }
	return []column{
		of(when+"_negative", get, func(m *Moods) string { return whole(m.Negative) }),
		of(when+"_neutral", get, func(m *Moods) string { return whole(m.Neutral) }),
		of(when+"_positive", get, func(m *Moods) string { return whole(m.Positive) }),
	}
}

func spans(name string, get func(*Row) *Times) []column {
	return []column{
		of(name+"_count", get, func(t *Times) string { return whole(t.Count) }),
		of(name+"_mean_seconds", get, func(t *Times) string { return part64(&t.Mean) }),
		of(name+"_p50_seconds", get, func(t *Times) string { return part64(&t.P50) }),
		of(name+"_p90_seconds", get, func(t *Times) string { return part64(&t.P90) }),
		of(name+"_p95_seconds", get, func(t *Times) string { return part64(&t.P95) }),
		of(name+"_max_seconds", get, func(t *Times) string { return whole(t.Max) }),
	}
}

// under is a part's part, nil of nil.
func under[T, U any](p *T, get func(*T) *U) *U {
	if p == nil {
		return nil
	}
	return get(p)
}

func slicesOf(parts ...[]column) (out []column) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func whole(n int64) string { return strconv.FormatInt(n, 10) }

func part64(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', -1, 64)
}
