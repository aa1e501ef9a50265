package said

// Who the customers of the demo are. They are made when they are asked for and
// are not read back.
var (
	DemoLate     = declared("demo_late", "A known customer whose order {order} was due two days ago.")
	DemoWaits    = declared("demo_waits", "A known customer in Germany, who waits for order {order}.")
	DemoTwo      = declared("demo_two", "A known customer with two orders.")
	DemoSpanish  = declared("demo_spanish", "A known customer who writes in Spanish.")
	DemoStranger = declared("demo_stranger", "Nobody the company knows: what they say of an order must be proven first.")
)

// DemoCarrierDelay is why an order of the demo is late if nobody says why.
var DemoCarrierDelay = declared("demo_carrier_delay", "carrier delay")

// DemoReasons are why orders of the demo are late or have ended, as its system
// gives them. Other companies' reasons are their own words.
var DemoReasons = []*Sentence{
	DemoCarrierDelay,
	declared("demo_returned", "returned"),
	declared("demo_lost_label", "lost label, found again"),
	declared("demo_customs", "held at customs"),
	declared("demo_supplier_late", "supplier late"),
	declared("demo_out_of_stock", "out of stock"),
	declared("demo_flooding", "sorting centre closed by flooding"),
	declared("demo_changed_mind", "customer changed their mind"),
}
