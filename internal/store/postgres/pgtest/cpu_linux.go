package pgtest

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// CPU is how much processor time the server has used, all its processes
// together; nothing for a server that is not ours.
func (c *Cluster) CPU() time.Duration {
	if c == nil || c.PID() == 0 {
		return 0
	}
	pid := c.PID()
	var ticks int64
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			continue // it has just ended
		}
		// The name stands in parentheses and may hold anything (proc(5)).
		rest := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
		self := f == "/proc/"+strconv.Itoa(pid)+"/stat"
		if len(rest) < 15 || !self && rest[1] != strconv.Itoa(pid) {
			continue
		}
		fields := rest[11:13] // utime, stime
		if self {
			fields = rest[11:15] // and those of children that have ended
		}
		for _, v := range fields {
			n, _ := strconv.ParseInt(v, 10, 64)
			ticks += n
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond // USER_HZ is 100 on Linux
}
