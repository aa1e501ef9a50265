package knowledge

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxTerms    = 24
	maxWord     = 40      // bytes
	maxQuestion = 8 << 10 // bytes that are read of a question
)

// common are words that say nothing of what a text is about.
var common = func() map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(`
a about after again all also am an and any anyone are as at be because been but by can cannot could did do does doing
don for from get got had has have he hello help her here hey hi his how i if in into is it its just let like ll me more
much many long something anything someone somebody my need no not now of off on once one only or our out over please really re she should so some still such than thank thanks
that the their them then there these they this those to too up us ve very want was we were what when where which while
who whom why will with would yes you your
aber als am an auch auf aus bei bin bis bitte da das dass dein dem den der des die dir doch du ein eine einem einen einer
er es euch für habe haben hallo hat ich ihr im in ist ja kann kein keine man mein meine mich mir mit nach nicht noch nur
oder schon sein sich sie sind so und uns von vor war warum was wenn werden wie wir wird wo zu zum zur
al algo como con cuando de del desde donde el ella ellos en era es esta este esto estoy fue gracias ha hay hola la las le
les lo los me mi mis muy no nos o para pero por porque qué que quiero se si sin sobre son su sus te tengo un una y ya yo
au aux avec bonjour ce ces cette comment dans de des donc du elle en est et été être il ils je la le les leur lui ma mais
me merci mes moi mon ne nous on ou où par pas pour pourquoi qu que qui sa sans se ses son sont sur ta te toi ton tu un une
vos votre vous`) {
		out[w] = true
	}
	return out
}()

// terms returns a question's telling words, each once, in order.
func terms(question string) []string {
	if len(question) > maxQuestion {
		question = question[:maxQuestion]
		for !utf8.ValidString(question) && len(question) > maxQuestion-utf8.UTFMax {
			question = question[:len(question)-1]
		}
	}
	var out []string
	seen := map[string]bool{}
	for field := range strings.FieldsSeq(strings.ToLower(question)) {
		if strings.HasPrefix(field, "@") || strings.Contains(field, "://") {
			continue // whom it is addressed to, and links
		}
		for w := range strings.FieldsFuncSeq(field, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
		}) {
			if utf8.RuneCountInString(w) < 2 || len(w) > maxWord || common[w] || seen[w] {
				continue
			}
			if seen[w] = true; len(out) == maxTerms {
				return out
			}
			out = append(out, w)
		}
	}
	return out
}
