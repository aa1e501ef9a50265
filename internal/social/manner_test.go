package social_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/contact-advocate/advocate/internal/social"
)

// lengths are those that the connectors declare.
var lengths = map[string]social.Length{
	"mastodon":  {Max: 500, Unit: social.Characters, Link: 23, Mention: true},
	"bluesky":   {Max: 300, Unit: social.Graphemes, Bytes: 3000},
	"x":         {Max: 280, Unit: social.Weighted, Link: 23},
	"instagram": {Max: 1000, Unit: social.Bytes},
	"narrow":    {Max: 120, Unit: social.Graphemes},
	"sms":       {Max: 160, Unit: social.Characters},
}

// replies say the same at length, with what must not be torn apart: numbers,
// abbreviations, an order's number, a phone number, links in brackets.
var replies = map[string]struct {
	text  string
	whole []string
}{
	"en": {`Hello Dr. Jones, thank you for writing. Your parcel A-10234 weighs 1.5 kg and is with the carrier, who had a delay of 2.5 hours in St. Helens today. You can follow it here (https://shop.example/track/A-10234?lang=en), and change the address, e.g. to a pick-up point, until 6 p.m. on March 3.

If it is not there by then, we send another one at once, or give you back the 129.90 you paid. You need not do anything for that; we look at it ourselves tomorrow at noon, and write to you here. Or call us at 0800 123 456 7, any day from 8 to 20.`,
		[]string{"A-10234", "1.5", "2.5", "Dr. Jones", "St. Helens", "https://shop.example/track/A-10234?lang=en", "129.90", "0800 123 456 7"}},
	"es": {`Hola, Sra. López: gracias por escribirnos. Su paquete A-10234 pesa 1,5 kg y está con el transportista, que hoy ha tenido un retraso de 2,5 horas cerca de EE. UU. Puede seguirlo aquí (https://tienda.example/seguir/A-10234?lang=es) y cambiar la dirección, p. ej. a un punto de recogida, hasta las 18:00. ¿No ha llegado para entonces? ¡No se preocupe!

Le enviamos otro enseguida o le devolvemos los 129,90 € que pagó. Ud. no tiene que hacer nada; lo miramos nosotros mañana a mediodía y le escribimos por aquí. También puede llamarnos al 0800 123 456 7.`,
		[]string{"A-10234", "1,5", "Sra. López", "https://tienda.example/seguir/A-10234?lang=es", "p. ej. a", "129,90", "Ud. no", "0800 123 456 7"}},
	"de": {`Guten Tag, Herr Dr. Müller, vielen Dank für Ihre Nachricht. Ihr Paket A-10234 wiegt 1,5 kg und ist beim Zusteller, der heute in St. Gallen etwa 2,5 Stunden Verspätung hatte. Sie können es hier verfolgen (https://laden.example/verfolgen/A-10234?lang=de) und bis zum 3. März die Adresse ändern, z. B. auf eine Abholstelle.

Ist es bis dahin nicht da, schicken wir sofort ein neues oder erstatten die 129,90 €, die Sie bezahlt haben. Sie müssen dafür nichts tun; wir sehen morgen Mittag selbst nach und schreiben Ihnen hier. Oder rufen Sie uns an: 0800 123 456 7, täglich von 8 bis 20 Uhr.`,
		[]string{"A-10234", "1,5", "Dr. Müller", "St. Gallen", "https://laden.example/verfolgen/A-10234?lang=de", "3. März", "z. B. auf", "129,90", "0800 123 456 7"}},
	"ja": {`お問い合わせありがとうございます。お荷物A-10234(重さ1.5kg)は現在配送業者にあり、本日は約2.5時間の遅れが出ております。配送状況はこちらでご確認いただけます（https://shop.example/track/A-10234?lang=ja）。3月3日の18時までは、お届け先を変更することもできます。

それまでに届かない場合は、すぐに新しい商品をお送りするか、お支払いいただいた12,990円を返金いたします。お客様のお手続きは必要ありません。明日の正午に当店で確認し、こちらでご連絡いたします。お電話は0800 123 456 7まで、毎日8時から20時まで承ります。`,
		[]string{"A-10234", "1.5", "2.5", "https://shop.example/track/A-10234?lang=ja", "12,990", "0800 123 456 7"}},
	"ar": {`مرحبًا، شكرًا لرسالتك. طردك A-10234 يزن 1.5 كغ وهو لدى شركة التوصيل التي تأخرت اليوم نحو 2.5 ساعة. يمكنك متابعته هنا (https://shop.example/track/A-10234?lang=ar) وتغيير العنوان حتى الساعة 18:00 من يوم 3 مارس. ألم يصل بحلول ذلك الوقت؟ لا تقلق!

سنرسل إليك غيره فورًا أو نعيد إليك مبلغ 129.90 الذي دفعته. لا يلزمك فعل أي شيء؛ سننظر في الأمر بأنفسنا غدًا عند الظهر ونكتب إليك هنا. أو اتصل بنا على الرقم 0800 123 456 7 في أي يوم.`,
		[]string{"A-10234", "1.5", "2.5", "https://shop.example/track/A-10234?lang=ar", "129.90", "0800 123 456 7"}},
}

func TestSameReplyOnEveryNetwork(t *testing.T) {
	t.Parallel()
	for network, l := range lengths {
		for lang, r := range replies {
			prefix := ""
			if network == "mastodon" {
				prefix = "@ana@example.social "
			}
			parts := l.Split(r.text, prefix, 10)
			text := ""
			for i, p := range parts {
				if !l.Fits(p) {
					t.Errorf("%s %s: part %d counts %d of %d", network, lang, i, l.Count(p), l.Max)
				}
				text += strings.TrimPrefix(p, prefix)
			}
			if bare(text) != bare(r.text) {
				t.Errorf("%s %s: the parts are not the text: %q", network, lang, parts)
			}
			// A narrow network has no room for some of the sentences.
			for _, p := range parts[:len(parts)-1] {
				if end := []rune(p); l.Max >= 280 && !strings.ContainsRune(".!?。؟", end[len(end)-1]) {
					t.Errorf("%s %s: a part ends in mid-sentence: %q", network, lang, p)
				}
			}
			for _, whole := range r.whole {
				if !slices.ContainsFunc(parts, func(p string) bool { return strings.Contains(p, whole) }) {
					t.Errorf("%s %s: %q is torn apart: %q", network, lang, whole, parts)
				}
			}
		}
	}
}

// bare is a text without its white space, which breaks take away.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// TestNothingIsLostForBeauty: a text that fills its messages to the brim comes
// whole, although its paragraphs then do not stay together.
func TestNothingIsLostForBeauty(t *testing.T) {
	t.Parallel()
	text := "Hello.\n\n" + strings.Repeat("It is on its way.\n\nNo, really so it is. ", 7)
	for most := 110; most <= 160; most++ {
		l := social.Length{Max: most}
		least := 1
		for ; bare(strings.Join(l.Split(text, "", least), "")) != bare(text); least++ {
			if least > 10 {
				t.Fatalf("%d: never whole", most)
			}
		}
		if all := l.Split(text, "", 10); len(all) > least+1 {
			t.Errorf("%d: %d parts where %d would do", most, len(all), least)
		}
		if least*most > len(text)+2*most {
			t.Errorf("%d: whole only in %d parts", most, least)
		}
	}
}

// TestBeautyCostsOneMessage: paragraphs that stay together do so at the price
// of one message, no more.
func TestBeautyCostsOneMessage(t *testing.T) {
	t.Parallel()
	short, long := strings.Repeat("short ", 5)+"one.", strings.Repeat("a longer ", 7)+"one."
	text := strings.Repeat(short+"\n\n"+long+"\n\n", 4)
	if got := (social.Length{Max: 100}).Split(text, "", 10); len(got) != 6 {
		t.Errorf("%d parts: %q; want 6, for it fits 5", len(got), got)
	}
}

func TestEnds(t *testing.T) {
	t.Parallel()
	l := social.Length{Max: 40}
	link := "https://shop.example/" + strings.Repeat("x", 50)
	for _, c := range []struct {
		name, text string
		parts      int
		want       []string
	}{
		{"a sentence is over", "Your parcel is on its way to you. It comes today, at noon, by bicycle.", 1, []string{"Your parcel is on its way to you. …"}},
		{"a comma is not the last word", "Your parcel, which we sent out today, is late, they say", 1, []string{"Your parcel, which we sent out today…"}},
		{"a link is left as it is", "See here: https://shop.example/track/1 for all that is known", 1, []string{"See here: https://shop.example/track/1 …"}},
		{"a link that fits no message is broken, and nothing lost", "See " + link + " now.", 5, []string{"See", link[:40], link[40:] + " now."}},
		{"an abbreviation holds on", "We saw this when we talked to Dr. Ferdinand about it.", 2, []string{"We saw this when we talked to", "Dr. Ferdinand about it."}},
		{"a sum keeps its currency", "What you have paid us for this is 129.90 € in all.", 2, []string{"What you have paid us for this is", "129.90 € in all."}},
		{"a number keeps its groups", "Call us whenever you like at 0800 123 456 7, any day.", 2, []string{"Call us whenever you like at", "0800 123 456 7, any day."}},
	} {
		got := l.Split(c.text, "", c.parts)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q; want %q", c.name, got, c.want)
		}
	}
}
