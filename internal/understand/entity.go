package understand

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/contact-advocate/advocate/internal/domain"
)

// maxEntities bounds what one post may yield.
const maxEntities = 24

// findEntities reads everything that has a place in the text. The order
// matters: what is told by its own form goes first, what is told only by its
// surroundings takes what is left.
func (rd *reading) findEntities() {
	for i := range rd.toks {
		t := &rd.toks[i]
		switch t.kind {
		case kindURL:
			rd.add(domain.EntityURL, t.start, t.end, "", 0.99)
		case kindEmail:
			rd.add(domain.EntityEmail, t.start, t.end, strings.ToLower(rd.text[t.start:t.end]), 0.98)
		}
	}
	rd.operatorRefs()
	cands := rd.candidates()
	rd.amounts()
	rd.trackingNumbers(cands)
	rd.contextRefs(cands)
	rd.postcodes()
	rd.phones()
	rd.bareRefs(cands)
}

// add notes an entity unless it overlaps one that is already there.
func (rd *reading) add(k domain.EntityKind, start, end int, value string, conf float64) bool {
	if len(rd.ents) >= maxEntities || rd.taken(start, end) {
		return false
	}
	rd.ents = append(rd.ents, domain.Entity{
		Kind: k, Text: rd.text[start:end], Value: value, Start: start, End: end, Confidence: conf,
	})
	return true
}

func (rd *reading) taken(start, end int) bool {
	for _, e := range rd.ents {
		if start < e.End && e.Start < end {
			return true
		}
	}
	return false
}

// takeEntities returns the entities in text order.
func (rd *reading) takeEntities() []domain.Entity {
	slices.SortFunc(rd.ents, func(a, b domain.Entity) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End), cmp.Compare(a.Kind, b.Kind))
	})
	return rd.ents
}

// candidate is a stretch that could be a reference: words and numbers joined
// without a space by "-", "/", "." or "_".
type candidate struct {
	first, last     int // tokens
	start, end      int
	digits, letters int
	upper           bool // its letters are capitals
	hash            bool // "#" in front
	seps            string
}

// maxCandidate is the length of the longest reference.
const maxCandidate = 40

func (rd *reading) candidates() []candidate {
	var out []candidate
	for i := 0; i < len(rd.toks); i++ {
		t := &rd.toks[i]
		if t.kind != kindWord && t.kind != kindNumber {
			continue
		}
		c := candidate{first: i, last: i, start: t.start, end: t.end, hash: t.hash}
		for c.last+1 < len(rd.toks) {
			n := &rd.toks[c.last+1]
			if n.kind != kindWord && n.kind != kindNumber || n.start-c.end > 1 {
				break
			}
			if n.start == c.end+1 {
				sep := rd.text[c.end]
				if strings.IndexByte("-/._", sep) < 0 {
					break
				}
				if len(c.seps) < maxCandidate {
					c.seps += string(sep)
				}
			}
			c.last++
			c.end = n.end
		}
		i = c.last
		// "no-408-…": the word for number, glued on.
		if c.first < c.last && contextWords[string(rd.normAt(c.first))] == ctxLink && rd.toks[c.first].digits == 0 && len(c.seps) > 0 {
			c.first++
			c.start, c.seps = rd.toks[c.first].start, c.seps[1:]
		}
		if c.end-c.start > maxCandidate || c.end-c.start < 3 {
			continue
		}
		c.upper = true
		for _, r := range rd.text[c.start:c.end] {
			switch {
			case '0' <= r && r <= '9':
				c.digits++
			case 'A' <= r && r <= 'Z':
				c.letters++
			case 'a' <= r && r <= 'z':
				c.letters++
				c.upper = false
			case r >= utf8.RuneSelf:
				c.letters, c.upper = c.letters+100, false // no reference is written so
			}
		}
		if c.letters < 100 && (c.digits > 0 || c.upper && c.end-c.start >= 5 && c.end-c.start <= 8) && !rd.taken(c.start, c.end) {
			out = append(out, c)
			if len(out) >= 64 {
				return out
			}
		}
	}
	return out
}

func (rd *reading) textOf(c candidate) string { return rd.text[c.start:c.end] }

// normAt is the folded word of a token, "" beyond the text.
func (rd *reading) normAt(i int) []byte {
	if i < 0 || i >= len(rd.toks) {
		return nil
	}
	return rd.norm[rd.toks[i].normA:rd.toks[i].normB]
}

// context says what the words around a number make of it.
type context uint8

const (
	ctxNone     context = iota
	ctxOrder            // order, booking, case …
	ctxLocator          // booking codes that are letters alone
	ctxTracking         // tracking number
	ctxPhone            // phone, mobile, call
	ctxAnti             // flight, error, part, version …
	ctxLink             // number, is, my: look further
	ctxPostcode         // zip, postcode, address
)

// lookback is how many words in front of a number are asked what it is.
const lookback = 6

// contextBefore returns what the nearest telling word before token i says,
// and how far away it stands, connecting words not counted.
func (rd *reading) contextBefore(i int) (context, int) {
	dist := 1
	for j := i - 1; j >= 0 && j >= i-lookback; j-- {
		t := &rd.toks[j]
		if t.kind == kindBegin {
			break
		}
		c := contextWords[string(rd.normAt(j))]
		switch c {
		case ctxNone:
			dist++
		case ctxLink:
		case ctxAnti:
			// "confirmation code", "booking code" are no error codes.
			if p := contextWords[string(rd.normAt(j-1))]; string(rd.normAt(j)) == "code" && (p == ctxOrder || p == ctxLocator || p == ctxTracking) {
				return p, dist
			}
			return c, dist
		default:
			return c, dist
		}
	}
	return ctxNone, lookback + 1
}

// contextAfter looks for "… is my order number" behind token i.
func (rd *reading) contextAfter(i int) context {
	for j := i + 1; j <= i+5 && j < len(rd.toks); j++ {
		switch c := contextWords[string(rd.normAt(j))]; c {
		case ctxOrder, ctxLocator, ctxTracking:
			if contextWords[string(rd.normAt(j+1))] == ctxLink || contextWords[string(rd.normAt(j-1))] == ctxLink {
				return c
			}
		case ctxAnti, ctxPhone:
			return ctxNone
		}
	}
	return ctxNone
}

// contextAnywhere reports whether any word of the text has the context.
func (rd *reading) contextAnywhere(want context) bool {
	for i := range rd.toks {
		if contextWords[string(rd.normAt(i))] == want {
			return true
		}
	}
	return false
}

var contextWords = func() map[string]context {
	m := map[string]context{}
	for _, group := range []struct {
		ctx   context
		words string
	}{
		{ctxOrder, `order orders ordernumber orderno ordered case ticket tickets tkt reference ref refs refno invoice account acc acct claim
			incident complaint enquiry request sr shipment parcel package consignment transaction txn payment repair rma return docket
			casenumber caseid orderid purchase preorder delivery po shipping feedback srn
			pedido pedidos encargo factura caso incidencia referencia reclamo reclamacion paquete envio compra
			bestellung bestellnummer bestellnr auftrag auftragsnummer rechnung ticketnummer vorgang vorgangsnummer kundennummer paket sendung lieferung
			referenznummer fallnummer
			commande dossier facture colis reclamation numerodecommande achat`},
		{ctxLocator, `booking bookings confirmation conf confirm pnr locator reservation rloc record bookingref itinerary pac porting upc
			reserva localizador confirmacion buchung buchungsnummer buchungscode reservierung`},
		{ctxTracking, `tracking track tracked awb waybill trackingnumber trackingid seguimiento rastreo sendungsnummer sendungsverfolgung
			paketnummer trackingnummer suivi trackid`},
		{ctxPhone, `phone mobile cell tel telephone call calling ring whatsapp text sms contact reach cellphone landline line callback
			telefono movil celular llamar llameme llamen llamenme telefon handy handynummer telefonnummer anrufen rufnummer
			portable appeler appelez telephoner`},
		{ctxAnti, `flight flt flights error errors err code codes model version part cat channel train trains bus gate room terminal seat seats platform
			ios android windows build street st ave avenue road rd drive blvd route dpci sku serial imei warranty row coach carriage
			level floor page season episode chapter vuelo vuelos tren fehler fehlercode flug zug vol vols erreur numerodevol
			top over around about nearly almost approx save spend spent than`},
		{ctxLink, `number numbers no num nr nummer numero is was id ids my the our of for s and or with as its it this ist es est meine mein mi su le la
			el de der die mon ma n amp nos code# nbr details detail please under below here`},
		{ctxPostcode, `zip zipcode postcode postal postalcode plz postleitzahl codigopostal codepostal address direccion adresse cp`},
	} {
		for _, w := range strings.Fields(group.words) {
			m[w] = group.ctx
		}
	}
	return m
}()
