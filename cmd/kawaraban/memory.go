package main

import (
	"os"
	"runtime/debug"
)

const (
	// gcPercent lets the heap grow to three times what is in use before it is
	// collected, where Go's own measure is twice. Beside its page cache a paper
	// uses a few MB, so this costs little, and answering from the cache takes a
	// twentieth less of the processor.
	gcPercent = 200

	// memoryBeside is what all but the cache may use before the collector works
	// harder, in MB. With the cache that is usual, and as much again for what is
	// being replaced, the process stays below 256 MB.
	memoryBeside = 128
)

// useMemory sets how much memory a server of the paper trades for time. What
// the operator says in Go's own variables counts more.
func useMemory(cacheMB int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(memoryBeside+2*cacheMB) << 20)
	}
}
