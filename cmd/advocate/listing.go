package main

// listing is how a command prints rows: as a JSON array, or as a table with
// cells of each row, and none where there are no rows ("" for a table that has
// only its head).
type listing[T any] struct {
	json  bool
	none  string
	head  []string
	cells func(*T) []string
}

func (l *listing[T]) print(g *globals, rows []T) error {
	if l.json {
		return g.printJSON(rows)
	}
	t := newTerminal(g.stdout)
	if len(rows) == 0 && l.none != "" {
		t.printf("%s\n", l.none)
		return nil
	}
	lines := make([][]string, len(rows))
	for i := range rows {
		lines[i] = l.cells(&rows[i])
	}
	t.table(l.head, lines)
	return nil
}
