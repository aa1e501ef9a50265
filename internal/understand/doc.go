// Package understand reads a post: its language, main ask, sentiment,
// urgency, references, and the signals that steer an advocate, each with a
// confidence that is honest about doubt.
//
// [Rules] is the built-in reader. It works in one pass and keeps no state
// between posts:
//
//   - the text is folded and cut into tokens once (fold.go, token.go);
//   - the language is weighed from stop words and scripts (lang.go);
//   - one automaton finds every phrase of the lexicons (lexicon/*.txt, read by
//     lexicon.go, matched by phrase.go); a phrase emits weighted evidence;
//   - references, phones, addresses and times are read from the tokens that
//     look like them (entity*.go), with the original byte offsets;
//   - the word order of its sentences says whether it asks for information,
//     whatever about (asking.go, by the words of grammar.go);
//   - what shows that it speaks to others than the company, or of others'
//     matters, lowers what it would else be taken for (crowd.go);
//   - evidence is weighed for each intent (intent.go) and added up into one
//     [domain.Understanding] (score.go).
//
// Reading is pure, deterministic and total. Its time is linear in the text:
// the automaton follows a bounded number of open phrases at each token, and
// text past [domain.MaxPostText] is not read.
//
// A trained model takes the same seat by implementing [Understander].
// TestAuthoredPosts holds floors under how well the rules read, and TestMeasure
// measures them on other labelled posts.
package understand
