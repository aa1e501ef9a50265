// Package knowledge answers questions from a folder of Markdown articles by
// their words.
//
// The index is in memory. It is made when the folder is opened and made again,
// inside a question, when the folder's files have changed since it was last
// looked at. There is no goroutine and nothing on disk. An article that cannot
// be read is a Problem and is left out; the others are served. A folder that
// cannot be read at all leaves the last index in place.
//
// # What is found
//
// Words are compared without their endings and without accents. A question's
// words, without those that every text has, are weighted by how well they tell
// titles and tags apart; the words of any shop ("order", "parcel") hardly
// count. An article's score is the share of that weight that it holds: in full
// for a word of its title, nearly so for one of its tags, half for one that
// only its text has. What the question leaves of the title is taken off. So
// the score is 1 when the title itself is asked, an article that merely
// mentions what is asked for stays at half or below, and words that nobody
// wrote about pull every article down. Below MinScore nothing is an answer.
//
// An article in the asker's language goes before an equal one in another;
// one in English counts for a little less, and one in a third language for
// half.
package knowledge
