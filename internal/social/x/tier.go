package x

// payPerUse is what X sells today; basic and pro are for those who have them
// (https://docs.x.com/x-api/getting-started/pricing).
const payPerUse = "pay-per-use"

// tier is what a tier of X's API has.
type tier struct {
	posts    int64 // read in a month by default; 0: the operator says
	stream   bool
	webhook  bool
	messages bool
	backfill bool
	query    int // characters of a search
	rule     int // characters of a stream's rule
}

// tiers are the presets. Lengths: https://docs.x.com/x-api/fundamentals/rate-limits
// ("Search", "Filtered stream"), and the "Query limitations" and "Access levels"
// of search and filtered stream.
var tiers = map[string]tier{
	// X allows 3 million posts a month at $0.005 each (pricing, "Read
	// operations"). The default is what costs $50 at most; whoever wants more
	// says so.
	payPerUse: {posts: 10_000, stream: true, webhook: true, messages: true, query: 512, rule: 1024},
	// The older ones are no longer documented; of the figures that were, these
	// are the smaller ones (https://docs.x.com/x-api/fundamentals/post-cap, as
	// it was, and the price list as it was in 2025).
	"free":  {posts: 100, query: 512, rule: 512},
	"basic": {posts: 10_000, messages: true, query: 512, rule: 512},
	"pro":   {posts: 1_000_000, stream: true, webhook: true, messages: true, query: 512, rule: 1024},
	// An enterprise's numbers are in its contract.
	"enterprise": {stream: true, webhook: true, messages: true, backfill: true, query: 4096, rule: 2048},
}
