package playbook

import (
	"strings"
	"testing"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

const tellsWait = `
playbook: wait
rules: [{name: x, on: post, when: queue.wait != "", do: [{reply: {template: t}}]}]
templates:
  t:
    en: "It is {queue.wait}."
    es: "Es {queue.wait}."
    de: "Es ist {queue.wait}."
    fr: "C'est {queue.wait}."
    it: "Presto.[[if queue.wait != '']] {queue.wait}[[end]]"
`

func TestWaitInWords(t *testing.T) {
	t.Parallel()
	pb, err := Compile("wait.yaml", []byte(tellsWait), domain.DefaultPolicy())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		median, upper time.Duration
		lang, want    string
	}{
		{time.Minute, 2 * time.Minute, "en", "It is within a few minutes."}, {19 * time.Minute, 24 * time.Minute, "en", "It is in about 20 minutes."},
		{20 * time.Minute, 55 * time.Minute, "en", "It is within the hour."}, {8 * time.Minute, 14 * time.Minute, "es", "Es en menos de 15 minutos."},
		{12 * time.Minute, 28 * time.Minute, "de", "Es ist innerhalb einer halben Stunde."}, {time.Hour, 70 * time.Minute, "fr", "C'est dans environ une heure."},
		{40 * time.Minute, 80 * time.Minute, "es", "Es en menos de hora y media."}, {time.Minute, 2 * time.Minute, "it", "Presto."},
	} {
		v := &View{Queue: QueueView{WaitKnown: true, WaitMedian: c.median, WaitUpper: c.upper}}
		if fires, _, err := pb.Rules("post")[0].Eval(v); err != nil || !fires {
			t.Errorf("%v: the condition is %v, %v", c.median, fires, err)
		}
		r, err := pb.Render("t", c.lang, v)
		if err != nil || r.Text != c.want || r.Personal {
			t.Errorf("%v to %v in %s: %q, %v", c.median, c.upper, c.lang, r.Text, err)
		}
	}
	for _, q := range []QueueView{{WaitMedian: time.Minute, WaitUpper: time.Minute}, {WaitKnown: true, WaitMedian: 3 * time.Hour, WaitUpper: 5 * time.Hour}, {WaitKnown: true, WaitMedian: 5 * time.Minute, WaitUpper: 4 * time.Hour}} {
		if fires, _, err := pb.Rules("post")[0].Eval(&View{Queue: q}); err != nil || fires {
			t.Errorf("%+v is told (%v)", q, err)
		}
	}
	for lang, w := range waitLanguages {
		for _, s := range []string{w.about, w.within} {
			if strings.Count(s, "N") != 1 {
				t.Errorf("%s: %q", lang, s)
			}
		}
	}
}
