package main

import (
	"runtime/debug"
	"testing"
)

// TestUseMemory holds that the server's own measure is used, and that of the
// operator before it.
func TestUseMemory(t *testing.T) {
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
	defer debug.SetGCPercent(percent)
	defer debug.SetMemoryLimit(limit)
	for _, test := range []struct {
		gogc, memlimit string
		percent        int
		limit          int64
	}{
		{"", "", gcPercent, 224 << 20},
		{"50", "", 50, 224 << 20},
		{"", "1GiB", gcPercent, 1 << 30},
	} {
		// As the runtime leaves them, which read both variables at the start.
		debug.SetGCPercent(50)
		debug.SetMemoryLimit(1 << 30)
		t.Setenv("GOGC", test.gogc)
		t.Setenv("GOMEMLIMIT", test.memlimit)
		useMemory(48)
		if p, l := debug.SetGCPercent(100), debug.SetMemoryLimit(-1); p != test.percent || l != test.limit {
			t.Errorf("with GOGC=%s and GOMEMLIMIT=%s: %d %% and %d bytes, want %d and %d", test.gogc, test.memlimit, p, l, test.percent, test.limit)
		}
	}
}
