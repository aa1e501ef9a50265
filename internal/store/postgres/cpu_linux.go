package postgres

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// serverCPU sums the times of the server that a session's process belongs to.
func serverCPU(backend int) (time.Duration, bool) {
	self := procStat(backend)
	if self == nil || !strings.HasPrefix(self[0], "postgres") {
		return 0, false // another machine's number, or another container's
	}
	postmaster := self[2]
	var ticks int64
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, f := range files {
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(f)))
		stat := procStat(pid)
		switch {
		case stat == nil: // it has just ended
		case strconv.Itoa(pid) == postmaster:
			ticks += sumTicks(stat[12:16]) // and those of children that have ended
		case stat[2] == postmaster:
			ticks += sumTicks(stat[12:14])
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond, true // USER_HZ is 100 on Linux
}

// procStat gives a process's name, state, parent and so on (proc(5)); utime and
// stime are at 12 and 13.
func procStat(pid int) []string {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return nil
	}
	open, end := bytes.IndexByte(b, '('), bytes.LastIndexByte(b, ')') // the name may hold anything
	if open < 0 || end < open {
		return nil
	}
	out := append([]string{string(b[open+1 : end])}, strings.Fields(string(b[end+1:]))...)
	if len(out) < 16 {
		return nil
	}
	return out
}

func sumTicks(fields []string) (sum int64) {
	for _, f := range fields {
		n, _ := strconv.ParseInt(f, 10, 64)
		sum += n
	}
	return sum
}
