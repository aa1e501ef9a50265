package mastodon

// Bound narrows how many pages one round reads upward, and at the first start
// downward.
func (n *Network) Bound(up, down int) { n.pages = pages{up, down} }
