package assign

// heap is a binary heap whose elements know where they are, so that any of
// them can leave. Its list may be walked in order without changing it: the
// children of i are 2i+1 and 2i+2, and come after it.
type heap[T any] struct {
	list  []T
	less  func(a, b T) bool
	moved func(x T, i int) // i is -1 once x has left; may be nil
}

func (h *heap[T]) at(i int, x T) {
	h.list[i] = x
	if h.moved != nil {
		h.moved(x, i)
	}
}

func (h *heap[T]) push(x T) {
	h.list = append(h.list, x)
	h.up(len(h.list)-1, x)
}

// remove takes out the element at i.
func (h *heap[T]) remove(i int) T {
	x, end := h.list[i], len(h.list)-1
	last := h.list[end]
	var none T
	h.list[end] = none
	h.list = h.list[:end]
	if h.moved != nil {
		h.moved(x, -1)
	}
	if i < end && !h.up(i, last) {
		h.down(i, last)
	}
	return x
}

// up puts x at i or above and reports whether it rose.
func (h *heap[T]) up(i int, x T) bool {
	start := i
	for i > 0 {
		parent := (i - 1) / 2
		if !h.less(x, h.list[parent]) {
			break
		}
		h.at(i, h.list[parent])
		i = parent
	}
	h.at(i, x)
	return i < start
}

// down puts x at i or below.
func (h *heap[T]) down(i int, x T) {
	for {
		child := 2*i + 1
		if child >= len(h.list) {
			break
		}
		if r := child + 1; r < len(h.list) && h.less(h.list[r], h.list[child]) {
			child = r
		}
		if !h.less(h.list[child], x) {
			break
		}
		h.at(i, h.list[child])
		i = child
	}
	h.at(i, x)
}
