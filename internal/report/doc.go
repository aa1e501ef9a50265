// Package report counts what the contact center did, from what it says of
// itself in the event log, and answers questions about it.
//
// # The projection
//
// A Projector follows the log and folds the events that advocates emit into
// buckets: one for each hour, queue, network and intent, where those apply. A
// bucket is a document of kind "report"; its id sorts by time. The buckets of a
// batch of events and the place in the log up to which they were folded (the
// document "report" of kind "cursor") are written in one transaction, under a
// lock on the place. So each event counts once: who is killed between two
// batches goes on where the last one ended, and of two nodes that both believe
// it is their turn the slower one finds the place moved, and nothing of what it
// folded is kept.
//
// Events stay for domain.SeenWindow, buckets for KeepFor. Rebuild lets the
// buckets go that the log still tells all of, and has them counted again; older
// ones stay as they are. What was erased with its customer is not in the log
// any more and so is not counted again.
//
// # What is counted
//
// Times are kept as histograms with fixed bounds, each 2^(1/8) of the one
// before (see Histogram): those of any buckets can be added up, and a
// percentile is known to nine in a hundred. What a queue's service level is
// measured against, and all else that an operator may change, is in the event
// as it was then.
//
// An event counts in the hour in which it happened: a case that was opened on
// Monday and resolved on Tuesday is opened on Monday and resolved on Tuesday.
// Work has a queue; a case, a promise or a reply has none, so a report of one
// queue is silent about those. Silence is not zero: a part of a row of which
// there is nothing to tell is nil, and so is a share of nothing.
package report
