package papertest

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// A Cost is what a piece of work takes of the machine.
type Cost struct {
	CPU       time.Duration // of all threads, in the program and in the kernel
	Allocated uint64        // bytes in all, which is never less than what is held at the worst time
}

// Within reports whether c is no more than most in both.
func (c Cost) Within(most Cost) bool { return c.CPU <= most.CPU && c.Allocated <= most.Allocated }

func (c Cost) String() string {
	return fmt.Sprintf("%.1f ms and %.1f MiB", float64(c.CPU.Microseconds())/1000, float64(c.Allocated)/(1<<20))
}

// Measure runs f up to ten times and returns the least that it cost. It stops
// as soon as enough says that a run was cheap enough. Time on the clock would
// tell more about the other work of the machine than about f; for the same
// reason no other test may run beside this one.
func Measure(t testing.TB, enough Cost, f func()) Cost {
	t.Helper()
	var least Cost
	for try := range 10 {
		runtime.GC() // what an earlier run left behind is not this run's work
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		begin := cpu(t)
		f()
		took := cpu(t) - begin
		runtime.ReadMemStats(&after)
		allocated := after.TotalAlloc - before.TotalAlloc
		if try == 0 {
			least = Cost{took, allocated}
		}
		least = Cost{min(least.CPU, took), min(least.Allocated, allocated)}
		if least.Within(enough) {
			break
		}
	}
	return least
}

// cpu is the time that this process has used so far.
func cpu(t testing.TB) time.Duration {
	t.Helper()
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		t.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
