package understand

// newRules is New for options that a test knows to be good.
func newRules(opts Options) *Rules {
	r, err := New(opts)
	if err != nil {
		panic(err)
	}
	return r
}
