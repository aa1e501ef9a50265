package playbook

import (
	"strconv"
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

// waitWords say in one language how long it will be until somebody calls, to
// stand behind "that will be". N is a number of minutes.
type waitWords struct {
	about, within        string
	few, halfHour, hour  string
	hourAndAHalf, inHour string
}

var waitLanguages = map[string]waitWords{
	"en": {"in about N minutes", "within N minutes", "within a few minutes", "within half an hour", "within the hour", "within an hour and a half", "in about an hour"},
	"es": {"en unos N minutos", "en menos de N minutos", "en unos minutos", "en menos de media hora", "en menos de una hora", "en menos de hora y media", "en una hora más o menos"},
	"de": {"in etwa N Minuten", "innerhalb von N Minuten", "in wenigen Minuten", "innerhalb einer halben Stunde", "innerhalb der nächsten Stunde", "innerhalb von anderthalb Stunden", "in etwa einer Stunde"},
	"fr": {"dans environ N minutes", "dans les N minutes", "dans quelques minutes", "dans la demi-heure", "dans l'heure", "d'ici une heure et demie", "dans environ une heure"},
}

// wait is how long it will be until somebody calls, in the reader's language;
// "" where nobody can say honestly, or there are no words for it.
func (v *View) wait() string {
	if !v.Queue.WaitKnown {
		return ""
	}
	t, ok := domain.TellWait(v.Queue.WaitMedian, v.Queue.WaitUpper)
	if !ok {
		return ""
	}
	lang := v.state.lang
	if lang == "" {
		lang = "en" // a condition asks whether there is anything to say
	}
	w, ok := waitLanguages[baseLang(lang)]
	if !ok {
		return ""
	}
	switch {
	case t.About && t.Minutes == 60:
		return w.inHour
	case t.About:
		return strings.Replace(w.about, "N", strconv.Itoa(t.Minutes), 1)
	case t.Minutes <= 5:
		return w.few
	case t.Minutes == 30:
		return w.halfHour
	case t.Minutes == 60:
		return w.hour
	case t.Minutes == 90:
		return w.hourAndAHalf
	}
	return strings.Replace(w.within, "N", strconv.Itoa(t.Minutes), 1)
}
