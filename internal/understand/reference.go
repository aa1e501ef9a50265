package understand

import (
	"strings"

	"github.com/contact-advocate/advocate/internal/domain"
)

// operatorRefs applies the company's own patterns.
func (rd *reading) operatorRefs() {
	const perPattern = 8
	for _, re := range rd.rules.patterns {
		for _, m := range re.FindAllStringSubmatchIndex(rd.text, perPattern) {
			a, b := m[0], m[1]
			if len(m) >= 4 && m[2] >= 0 {
				a, b = m[2], m[3]
			}
			if v := domain.FoldRef(rd.text[a:b]); v != "" && b-a <= domainRefMax {
				rd.add(domain.EntityOrder, a, b, v, 0.97)
			}
		}
	}
}

// domainRefMax is longer than any business reference.
const domainRefMax = 64

// trackingNumbers reads carriers' own forms, and numbers that the text calls
// a tracking number.
func (rd *reading) trackingNumbers(cands []candidate) {
	for _, c := range cands {
		v := domain.FoldRef(rd.textOf(c))
		if conf := trackingForm(v); conf > 0 {
			rd.add(domain.EntityTracking, c.start, c.end, v, conf)
			continue
		}
		if c.digits < 5 || len(v) < 8 || c.digits+c.letters != len(v) {
			continue
		}
		ctx, dist := rd.contextBefore(c.first)
		if ctx != ctxTracking && !(ctx == ctxOrder && dist <= 2 && rd.carrierLength(c) && rd.contextAnywhere(ctxTracking)) {
			if rd.contextAfter(c.last) != ctxTracking {
				continue
			}
		}
		rd.add(domain.EntityTracking, c.start, c.end, v, 0.85)
	}
	rd.spacedTracking()
}

func (rd *reading) carrierLength(c candidate) bool {
	return c.letters == 0 && (c.digits == 12 || c.digits == 15 || c.digits >= 20)
}

// trackingForm tells the numbers whose form alone gives them away: UPS,
// Amazon, DHL, USPS, and the postal union's S10.
func trackingForm(v string) float64 {
	switch {
	case len(v) == 18 && strings.HasPrefix(v, "1Z") && alnum(v):
		return 0.98
	case len(v) == 15 && strings.HasPrefix(v, "TBA") && allDigits(v[3:]):
		return 0.97
	case len(v) >= 18 && len(v) <= 22 && (strings.HasPrefix(v, "JJD") && allDigits(v[3:]) || strings.HasPrefix(v, "JD") && allDigits(v[2:])):
		return 0.95
	case len(v) == 13 && isUpper(v[0]) && isUpper(v[1]) && isUpper(v[11]) && isUpper(v[12]) && allDigits(v[2:11]):
		return 0.95
	case len(v) >= 20 && len(v) <= 22 && allDigits(v):
		if v[0] == '9' {
			return 0.95
		}
		return 0.7
	}
	return 0
}

func isUpper(b byte) bool { return 'A' <= b && b <= 'Z' }

func alnum(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isUpper(s[i]) && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}

// spacedTracking joins "9400 1000 0000 0000 0000 00".
func (rd *reading) spacedTracking() {
	for i := 0; i < len(rd.toks); i++ {
		t := &rd.toks[i]
		if t.kind != kindNumber || t.digits != 4 {
			continue
		}
		j, digits := i, t.digits
		for j+1 < len(rd.toks) && digits < 22 {
			n := &rd.toks[j+1]
			if n.kind != kindNumber || n.start != rd.toks[j].end+1 || rd.text[n.start-1] != ' ' || n.digits > 4 {
				break
			}
			j++
			digits += n.digits
		}
		if digits >= 20 && digits <= 22 && j > i {
			a, b := t.start, rd.toks[j].end
			rd.add(domain.EntityTracking, a, b, domain.FoldRef(rd.text[a:b]), 0.9)
		}
		i = j
	}
}

// contextRefs reads references that their form or a word nearby gives away.
func (rd *reading) contextRefs(cands []candidate) {
	prev := -1
	for i, c := range cands {
		conf := rd.refConfidence(c)
		if conf == 0 && prev >= 0 && c.first-cands[prev].last <= 3 && sameForm(cands[prev], c) && rd.unclaimed(c) {
			conf = 0.8 // "MQXC64 & MPWNC2"
		}
		if conf == 0 {
			continue
		}
		if rd.add(rd.refKind(c), c.start, c.end, domain.FoldRef(rd.textOf(c)), conf) {
			prev = i
		}
	}
}

// refKind tells an order's number from another thing's by the noun that names
// it: a ticket, a case, an account or a repair is not looked up as an order.
func (rd *reading) refKind(c candidate) domain.EntityKind {
	if marketplaceOrder(rd.textOf(c)) {
		return domain.EntityOrder
	}
	for j := c.first - 1; j >= 0 && j >= c.first-lookback; j-- {
		switch word := rd.normAt(j); contextWords[string(word)] {
		case ctxOrder, ctxLocator:
			if otherNouns[string(word)] || otherNouns[string(rd.normAt(j-1))] {
				return domain.EntityOther
			}
			return domain.EntityOrder
		case ctxNone, ctxLink:
			if otherNouns[string(word)] {
				return domain.EntityOther
			}
		}
	}
	for j := c.last + 1; j <= c.last+5 && j < len(rd.toks); j++ {
		switch word := rd.normAt(j); contextWords[string(word)] {
		case ctxOrder, ctxLocator:
			if !otherNouns[string(word)] {
				return domain.EntityOrder
			}
			if j <= c.last+3 { // "is my case"; further on it is a thing: "arrived with a cracked case"
				return domain.EntityOther
			}
		}
	}
	return domain.EntityOrder
}

// otherNouns name references that no order is found by.
var otherNouns = words(`case ticket tickets tkt account acc acct claim incident complaint enquiry request sr transaction txn repair rma casenumber
	caseid feedback srn note code upc porting pac username user login gamertag id customer member membership loyalty
	caso incidencia reclamo reclamacion cuenta cliente usuario reparacion nota
	ticketnummer vorgang vorgangsnummer kundennummer fallnummer konto kunde kundin reparatur benutzername
	dossier reclamation compte client identifiant reparation`)

// unclaimed reports that no word near says that the number is something else.
func (rd *reading) unclaimed(c candidate) bool {
	ctx, _ := rd.contextBefore(c.first)
	return ctx != ctxAnti && ctx != ctxPhone && ctx != ctxPostcode
}

func sameForm(a, b candidate) bool {
	return a.end-a.start == b.end-b.start && a.upper == b.upper && (a.letters > 0) == (b.letters > 0) && b.digits+b.letters > 4
}

func (rd *reading) refConfidence(c candidate) float64 {
	s := rd.textOf(c)
	if marketplaceOrder(s) {
		return 0.97
	}
	if rd.measured(c) || numericDate(s, c) || strings.ContainsRune(c.seps, '.') {
		return 0
	}
	n := c.digits + c.letters
	ctx, dist := rd.contextBefore(c.first)
	hash := c.hash || c.start > 0 && rd.text[c.start-1] == '#' || c.start > 1 && rd.text[c.start-2:c.start] == "# "
	if ctx == ctxAnti || ctx == ctxPhone && c.letters == 0 {
		if !(hash && c.letters > 0 && strings.Contains(c.seps, "-")) {
			return 0
		}
	}
	named := ctx == ctxOrder || ctx == ctxLocator
	switch {
	case c.digits == 0: // "locator KARAAX"
		if ctx == ctxLocator && dist <= 2 && n >= 5 && n <= 8 && rd.shape.upperWords <= 3 && rd.lex.vocab[string(rd.normAt(c.first))] == nil {
			return 0.85
		}
		return 0
	case named && c.letters > 0 && !c.upper && !lowerRef(s, c):
		return 0
	case named && dist <= 2 && n >= 3 && c.digits >= 3 && !year(s):
		if n < 4 && !hash && (dist > 1 || contextWords[string(rd.normAt(c.first-1))] != ctxLink) {
			return 0 // "a ticket 350"
		}
		return 0.93
	case named && dist <= 2 && c.letters > 0 && n >= 5 && c.upper && !(ctx == ctxOrder && flightLike(s)):
		return 0.92
	case named && n >= 6 && c.digits >= 4:
		return 0.85
	case hash && c.letters == 0 && c.digits >= 5:
		return 0.85
	case hash && c.letters > 0 && strings.Contains(c.seps, "-") && c.digits >= 3:
		return 0.9
	case rd.contextAfter(c.last) != ctxNone && n >= 5 && c.digits >= 3 && (c.letters == 0 || c.upper || lowerRef(s, c)):
		return 0.8
	case dashedRef(s) && !rd.technicalText():
		return 0.75
	}
	return 0
}

// lowerRef accepts references that people type in lower case: digits lead
// or outnumber the letters ("a-10234", "gex8ld").
func lowerRef(s string, c candidate) bool {
	if c.digits < 1 || c.end-c.start < 5 {
		return false
	}
	if strings.HasSuffix(s, "th") || strings.HasSuffix(s, "nd") || strings.HasSuffix(s, "rd") || strings.HasSuffix(s, "st") {
		return c.digits > 3
	}
	return c.digits >= 3 && c.digits >= c.letters || c.letters+c.digits == 6 && c.digits >= 1 && c.seps == ""
}

// marketplaceOrder is the 3-7-7 form.
func marketplaceOrder(s string) bool {
	return len(s) == 19 && s[3] == '-' && s[11] == '-' && allDigits(s[:3]) && allDigits(s[4:11]) && allDigits(s[12:])
}

// dashedRef is "A-10234", "ORD-553201": capitals, a dash, digits.
func dashedRef(s string) bool {
	i := strings.IndexByte(s, '-')
	if i < 1 || i > 4 || len(s)-i-1 < 4 || !allDigits(s[i+1:]) {
		return false
	}
	for _, b := range []byte(s[:i]) {
		if !isUpper(b) {
			return false
		}
	}
	return true
}

// technicalText reports a text about errors, models or parts, where codes of
// the same form abound.
func (rd *reading) technicalText() bool {
	for i := range rd.toks {
		switch string(rd.normAt(i)) {
		case "error", "errors", "err", "code", "codes", "model", "version", "part", "firmware", "fehler", "fehlercode", "erreur", "serial":
			return true
		}
	}
	return false
}

func flightLike(s string) bool {
	return len(s) >= 4 && len(s) <= 6 && isUpper(s[0]) && isUpper(s[1]) && allDigits(s[2:])
}

func year(s string) bool {
	return len(s) == 4 && allDigits(s) && (strings.HasPrefix(s, "19") || strings.HasPrefix(s, "20"))
}

// numericDate is "24/9/2017" or "2017-11-03": parts joined twice, none long.
func numericDate(s string, c candidate) bool {
	if c.letters > 0 || len(c.seps) == 0 {
		return false
	}
	return strings.ContainsRune(c.seps, '/') || len(c.seps) == 2 && c.digits <= 8
}

// measured reports a number with a unit: "20 minutes", "500%", "5pm".
func (rd *reading) measured(c candidate) bool {
	if c.end < len(rd.text) && rd.text[c.end] == '%' {
		return true
	}
	if c.end < len(rd.text)-1 && rd.text[c.end] == ':' && rd.text[c.end+1] >= '0' && rd.text[c.end+1] <= '9' {
		return true
	}
	if c.letters > 0 {
		return c.digits <= 2 && c.letters <= 2 && !c.upper
	}
	return unitWords[string(rd.normAt(c.last+1))] && c.digits < 7
}

var unitWords = words(`am pm a.m p.m min mins minute minutes hr hrs hour hours h day days week weeks month months year years yrs times
		people passengers miles km gb mb mbps gbps kb dollars bucks quid pounds euros euro percent pm est cst pst et items pieces units
		characters points stars horas dias semanas stunden tage wochen uhr minuten jours heures semaines minutos personas leute`)

// bareRefs reads a reference that stands nearly alone: the answer to "which
// order?", or a number in a text that speaks of an order elsewhere.
func (rd *reading) bareRefs(cands []candidate) {
	short := rd.shape.words <= 4
	for _, c := range cands {
		s := rd.textOf(c)
		if rd.taken(c.start, c.end) || rd.measured(c) || c.digits == 0 || numericDate(s, c) || strings.ContainsRune(c.seps, '.') {
			continue
		}
		ctx, _ := rd.contextBefore(c.first)
		if ctx == ctxAnti || ctx == ctxPhone {
			continue
		}
		conf := 0.0
		letters := c.letters > 0 && c.digits > 0 && c.upper
		switch {
		case short && letters && c.seps == "" && c.end-c.start == 6 && !flightLike(s):
			conf = 0.75
		case short && (letters && c.end-c.start >= 7 || dashedRef(s)):
			conf = 0.7
		case short && c.letters == 0 && c.digits >= 6 && c.digits <= 20:
			conf = 0.6
		case c.letters == 0 && c.digits >= 8 && c.digits <= 19 && c.seps == "" && rd.contextAnywhere(ctxOrder):
			conf = 0.6
		case c.letters == 0 && (c.digits == 12 || c.digits == 15) && rd.contextLast(c):
			conf = 0.6
		}
		if conf > 0 {
			rd.add(domain.EntityOrder, c.start, c.end, domain.FoldRef(s), conf)
		}
	}
}

// contextLast reports "Number 982947354064" without a word for whose.
func (rd *reading) contextLast(c candidate) bool {
	return contextWords[string(rd.normAt(c.first-1))] == ctxLink
}
