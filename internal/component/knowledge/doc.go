// Package knowledge answers questions from a folder of Markdown articles by
// full-text search.
//
// The index (SQLite FTS5, in memory) is made when the folder is opened and
// made again, inside a question, when the folder's files have changed since
// it was last looked at. There is no goroutine and nothing on disk. An
// article that cannot be read is a Problem and is left out; the others are
// served. A folder that cannot be read at all leaves the last index in place.
//
// # What is found
//
// A question's words, without those that every text has, are weighted by how
// rare they are among the articles. An article's score is the share of that
// weight that it holds, words in its title and tags counting more; below
// MinScore it is not an answer. So a question of words that no article has
// finds nothing, and so does a long post that shares one common word.
// Among articles that pass, those in the asker's language come first.
package knowledge
