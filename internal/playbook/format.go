package playbook

import (
	"strconv"
	"strings"
	"time"

	"github.com/contact-advocate/advocate/internal/domain"
)

// words of one language for times in messages.
type words struct {
	today, tomorrow string
	days            [7]string  // from Sunday
	months          [12]string // from January
	of              string     // between day and month
	midnight        string     // behind or before the day that it ends
	comma           bool       // decimals
}

var languages = map[string]*words{
	"en": {"today", "tomorrow",
		[7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		[12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		" ", "midnight", false},
	"es": {"hoy", "mañana",
		[7]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"},
		[12]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
		" de ", "a medianoche", true},
	"de": {"heute", "morgen",
		[7]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
		[12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
		". ", "24:00", true},
	"fr": {"aujourd’hui", "demain",
		[7]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
		[12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
		" ", "à minuit", true},
	"it": {"oggi", "domani",
		[7]string{"domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"},
		[12]string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
		" ", "a mezzanotte", true},
	"pt": {"hoje", "amanhã",
		[7]string{"domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado"},
		[12]string{"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"},
		" de ", "à meia-noite", true},
	"nl": {"vandaag", "morgen",
		[7]string{"zondag", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag"},
		[12]string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"},
		" ", "24:00", true},
}

// baseLang is "en" of "en-GB".
func baseLang(lang string) string {
	lang = strings.ToLower(lang)
	if i := strings.IndexAny(lang, "-_"); i >= 0 {
		return lang[:i]
	}
	return lang
}

// told is a time as its reader's clock shows it; a date is that date anywhere.
func told(t time.Time, zone *time.Location) time.Time {
	if domain.IsDate(t) {
		return t
	}
	return t.In(zone)
}

// formatDate is "24 November", with the year where it is not this one. In a
// language whose words we do not have it is 2026-11-24.
func formatDate(t, now time.Time, lang string) string {
	if t.IsZero() || t.Year() <= 1 {
		return ""
	}
	w := languages[baseLang(lang)]
	if w == nil {
		return t.Format(time.DateOnly)
	}
	s := strconv.Itoa(t.Day()) + w.of + w.months[t.Month()-1]
	if t.Year() != now.Year() {
		sep := " "
		if w.of == " de " {
			sep = w.of
		}
		s += sep + strconv.Itoa(t.Year())
	}
	return s
}

// formatClock is "14:30", or "2:30 pm" in English where clocks are read so. A
// date has no time of day.
func formatClock(t, _ time.Time, lang string) string {
	if t.IsZero() || t.Year() <= 1 || domain.IsDate(t) {
		return ""
	}
	if halfDay(t, lang) {
		return t.Format("3:04 pm")
	}
	return t.Format("15:04")
}

// halfDay reports whether readers of English in a time's zone, or of that
// region's English, read a clock of twelve hours.
func halfDay(t time.Time, lang string) bool {
	if baseLang(lang) != "en" {
		return false
	}
	switch strings.ToUpper(strings.ReplaceAll(lang, "_", "-")) {
	case "EN-US", "EN-CA", "EN-AU", "EN-NZ", "EN-PH":
		return true
	case "EN":
		head, _, _ := strings.Cut(t.Location().String(), "/")
		return head == "America" || head == "US" || head == "Canada" || head == "Australia"
	}
	return false
}

// formatDay is "today", "tomorrow", a weekday within the next six days, else
// the date.
func formatDay(t, now time.Time, lang string) string {
	if t.IsZero() || t.Year() <= 1 {
		return ""
	}
	w := languages[baseLang(lang)]
	if w == nil {
		return t.Format(time.DateOnly)
	}
	switch days := domain.DayNumber(t) - domain.DayNumber(now); {
	case days == 0:
		return w.today
	case days == 1:
		return w.tomorrow
	case days > 1 && days < 7:
		return w.days[t.Weekday()]
	}
	return formatDate(t, now, lang)
}

// formatMoment is "hoy 17:00" or "Dienstag 14:30". English says it the other
// way round, so that it reads well behind "by": "17:00 today", "14:30 on
// Tuesday". The midnight that is ahead belongs to the day that it ends, as
// people count: "midnight tomorrow" would be taken for a day later than it is.
// A date is told as its day alone.
func formatMoment(t, now time.Time, lang string) string {
	if t.IsZero() || t.Year() <= 1 {
		return ""
	}
	if domain.IsDate(t) {
		return formatDay(t, now, lang)
	}
	w := languages[baseLang(lang)]
	day, clock := formatDay(t, now, lang), formatClock(t, now, lang)
	if w != nil && t.After(now) && t.Hour() == 0 && t.Minute() == 0 {
		day, clock = formatDay(t.AddDate(0, 0, -1), now, lang), w.midnight
	}
	if w == nil || w != languages["en"] {
		return day + " " + clock
	}
	switch {
	case clock == w.midnight && day == w.today:
		day = "tonight"
	case day != w.today && day != w.tomorrow:
		day = "on " + day
	}
	return clock + " " + day
}

var currencySigns = map[string]string{"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}

// formatMoney is "$12.50" or, where decimals have a comma, "12,50 €".
func formatMoney(total, currency, lang string) string {
	if total == "" {
		return ""
	}
	currency = strings.ToUpper(currency)
	sign := currencySigns[currency]
	w := languages[baseLang(lang)]
	switch {
	case w != nil && w.comma:
		if sign == "" {
			sign = currency
		}
		return strings.TrimSpace(strings.Replace(total, ".", ",", 1) + " " + sign)
	case sign != "":
		return sign + total
	}
	return strings.TrimSpace(total + " " + currency)
}

// masked shows the last three digits of a number, enough to recognise one's
// own and too few to learn another's.
func masked(number string) string {
	var digits []rune
	for _, r := range number {
		if r >= '0' && r <= '9' {
			digits = append(digits, r)
		}
	}
	if len(digits) < 6 {
		return ""
	}
	return "•••" + string(digits[len(digits)-3:])
}

// firstName is the first word of a name; a title or an initial is none.
func firstName(name string) string {
	for _, w := range strings.Fields(name) {
		switch strings.ToLower(strings.Trim(w, ".")) {
		case "mr", "mrs", "ms", "miss", "dr", "sr", "sra", "herr", "frau", "m", "mme", "prof":
			continue
		}
		if len([]rune(strings.Trim(w, "."))) < 2 {
			continue
		}
		return w
	}
	return ""
}
