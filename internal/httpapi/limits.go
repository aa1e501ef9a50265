package httpapi

import "time"

// Limits on requests.
const (
	maxSmallBody  = 64 << 10 // commands
	maxPostsBody  = 1 << 20
	maxEventsBody = 8 << 20
	maxSourceBody = 2 << 20 // a playbook in JSON
	maxTestBody   = 8 << 20 // a playbook and as many scenario files as are taken, in JSON
	maxPosts      = 500     // in one request
	maxDepth      = 32      // nested values in a post
	maxItemErrors = 100     // told in one answer
	maxURL        = 8 << 10
	maxThrown     = 32 << 20 // of a body that was too large, read so that its answer is

	defaultPage = 50
	maxPage     = 500

	maxInFlight  = 512 // requests being answered for who shows a token or a session; more are 503
	maxKnown     = 384 // of these one person's or token's
	maxStrangers = 384 // requests being answered for everybody else; as many again may be sending their bodies
	maxStranger  = 64  // of these one address's
	maxHealth    = 64  // health checks, whatever else there is to do

	maxKnownBytes    = 256 << 20 // of bodies at once, of who shows a token or a session
	maxStrangerBytes = 64 << 20  // and of everybody else

	maxStreams    = 4096 // event streams, which are counted apart
	maxOwnStreams = 64   // of these one person's; a program may have all
	maxWaits      = 512  // those who wait for the sandbox network's next post
	maxWait       = 32   // of these one address's

	streamQueue = 1024 // events that wait for a stream's reader; one with more is dropped and comes back
	streamBytes = 1 << 20

	requestTime   = 30 * time.Second // a request's context; streams have none
	bodyTime      = 15 * time.Second // to read a body
	headerTime    = 5 * time.Second  // to read a header: a client that dribbles is cut off
	writeTime     = 60 * time.Second // to write an answer; streams push theirs ahead
	idleTime      = 2 * time.Minute
	maxHeader     = 32 << 10
	heartbeatTime = 15 * time.Second
	streamGap     = 50 * time.Millisecond // between two writes to a stream
	retryAfter    = 2 * time.Second
)
