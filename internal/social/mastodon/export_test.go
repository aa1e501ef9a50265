package mastodon

// Bound narrows how many pages one round reads upward, and at the first start
// downward.
func (n *Network) Bound(up, down int) { n.pages = pages{up, down} }

// LetThrough is word from the stream that mentions that were held back are
// there.
func (n *Network) LetThrough() { n.heard(us{}, frame{Event: "notifications_merged"}) }
