package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// tty is a terminal of some columns.
func tty(columns int) (*terminal, *bytes.Buffer) {
	var b bytes.Buffer
	return &terminal{w: &b, width: columns, tty: true}, &b
}

func TestTableFitsTheTerminal(t *testing.T) {
	t.Parallel()
	head := []string{"ID", "KIND", "STATE", "QUEUE", "PRI", "DUE (CET)", "NUMBER", "POST"}
	long := "@advocate where is my order A-10234? I have been waiting for days and days and days, and nobody tells me anything"
	rows := func() [][]string {
		return [][]string{
			{"c38g2y4d710tyr-w1", "review", "pending", "urgent", "100", "22 Nov 12:08", "–", "short"},
			{"c38g2y4d70vcg9-w2", "callback", "completed", "care", "80", "22 Nov 15:00", "+12025550101", long},
			{"c38g2y4d70vcg9-w3", "callback", "completed", "care", "80", "22 Nov 15:00", "+12025550101", ""},
		}
	}
	lines := map[int]int{80: 7, 100: 7, 110: 4, 130: 4, 200: 4} // a line each, or two
	for _, columns := range []int{40, 60, 80, 100, 110, 130, 200} {
		term, b := tty(columns)
		term.table(head, rows())
		for line := range strings.Lines(b.String()) {
			line = strings.TrimSuffix(line, "\n")
			if n := utf8.RuneCountInString(line); n > columns {
				t.Errorf("%d columns: a line of %d: %q", columns, n, line)
			}
			if strings.TrimRight(line, " ") != line {
				t.Errorf("%d columns: blanks at the end of %q", columns, line)
			}
		}
		if got := strings.Count(b.String(), "\n"); lines[columns] != 0 && got != lines[columns] {
			t.Errorf("%d columns: %d lines\n%s", columns, got, b)
		}
		if columns == 200 && !strings.Contains(b.String(), "tells me") {
			t.Errorf("cut although there is room:\n%s", b)
		}
		for _, r := range rows() {
			if !strings.Contains(b.String(), r[0]) {
				t.Errorf("%d columns: no id can be copied\n%s", columns, b)
			}
		}
	}
	var b bytes.Buffer
	newTerminal(&b).table(head, rows()) // for a program to read
	if !strings.Contains(b.String(), long) || strings.Count(b.String(), "\n") != 4 {
		t.Errorf("a file's rows are changed:\n%s", b.String())
	}
}

func TestFieldKeepsLabelAndTextApart(t *testing.T) {
	t.Parallel()
	term, b := tty(40)
	for _, label := range []string{"at", "private post", "reply by somebody"} {
		term.field(2, label, "", "one two three four five six seven eight nine ten")
		if first, _, _ := strings.Cut(b.String(), "\n"); !strings.Contains(first, label+"  ") {
			t.Errorf("%q", first)
		}
		for line := range strings.Lines(b.String()) {
			if utf8.RuneCountInString(strings.TrimSuffix(line, "\n")) > 40 {
				t.Errorf("%q is too long", line)
			}
		}
		b.Reset()
	}
}

func TestAmount(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"0 rows": amount(0, "row"), "1 row": amount(1, "row"), "2 rows": amount(int64(2), "row"),
		"1 crash": amount(1, "crash", "crashes"), "7 crashes": amount(7, "crash", "crashes"),
	} {
		if want != got {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestProgressSaysEachThingOnce(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	p := newProgress(newTerminal(&b), "replay")
	p.unit = "post"
	p.show(3, 3, "")
	p.show(3, 3, "letting every deadline pass")
	if want := "replay: 3 of 3 posts (100 %)\nreplay: 3 of 3 posts (100 %), letting every deadline pass\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
	term, bar := tty(80)
	p = newProgress(term, "replay")
	p.unit = "post"
	p.show(3, 3, "letting every deadline pass, one after the other, which takes a while")
	if line := strings.TrimPrefix(bar.String(), "\r\x1b[2K"); !strings.Contains(line, "100 %  3 of 3 posts, letting") || utf8.RuneCountInString(line) > 80 {
		t.Errorf("%q", line)
	}
}

func TestTimesNameTheirZone(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.Local)
	zone := now.Format("MST")
	if got := shortTime(now); got != "2026-03-02 10:00:00 "+zone {
		t.Error(got)
	}
	near := newNearby(now)
	for want, got := range map[string]string{
		"DUE (" + zone + ")": near.head("DUE"), "02 Mar 10:00": near.time(now), "–": near.time(time.Time{}),
		"2027-03-02 10:00": near.time(now.AddDate(1, 0, 0).UTC()),
	} {
		if want != got {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
