package postgres

// batchRows is how many rows one statement takes at most.
const batchRows = 512

// chunks calls f for stretches of rows, in order, each at most batchRows long.
func chunks(n int, f func(from, to int)) {
	for from := 0; from < n; from += batchRows {
		f(from, min(from+batchRows, n))
	}
}

// chunksOf is chunks for rows that replace each other: within one stretch no
// key stands twice, since one statement can write a row only once.
func chunksOf[K comparable](n int, key func(i int) K, f func(from, to int)) {
	seen := make(map[K]bool, min(n, batchRows))
	from := 0
	for i := range n {
		k := key(i)
		if seen[k] || i-from == batchRows {
			f(from, i)
			from = i
			clear(seen)
		}
		seen[k] = true
	}
	if from < n {
		f(from, n)
	}
}
