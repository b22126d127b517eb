package audience

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"kawaraban/internal/papertest"
)

const browser = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/130.0"

func address(n int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, byte(n >> 8), byte(n)}) }

// TestNow counts people, and each of them once.
func TestNow(t *testing.T) {
	clock := new(papertest.Clock)
	n := NewNow(clock.Now)
	if got := n.Most(5); len(got) != 0 {
		t.Errorf("before anybody came: %v", got)
	}
	for i := range 3 {
		n.Opened("bridge", address(i), browser)
		n.Opened("bridge", address(i), browser)
	}
	n.Opened("bridge", address(0), "another browser in the same house")
	n.Opened("ferry", address(0), browser)
	n.Opened("ferry", address(1), "Googlebot/2.1")
	n.Opened("ferry", address(2), "")
	n.Opened("", address(2), browser)
	n.Opened(string(make([]byte, maxID+1)), address(2), browser)
	want := []Count{{"bridge", 4}, {"ferry", 1}}
	if got := n.Most(5); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := n.Most(1); !slices.Equal(got, want[:1]) {
		t.Errorf("one of them: %v, want %v", got, want[:1])
	}
	clock.Set(clock.Now().Add(Window - time.Minute))
	n.Opened("bridge", address(0), browser)
	clock.Set(clock.Now().Add(2 * time.Minute))
	want = []Count{{"bridge", 1}}
	if got := n.Most(5); !slices.Equal(got, want) {
		t.Errorf("when the others have gone: %v, want %v", got, want)
	}
	clock.Set(clock.Now().Add(Window))
	if got := n.Most(5); len(got) != 0 || len(n.readings) != 0 {
		t.Errorf("at night: %v, and %d are remembered", got, len(n.readings))
	}
	// A clock that is set back does not keep them for ever.
	n.Opened("bridge", address(0), browser)
	clock.Set(clock.Now().Add(-24 * time.Hour))
	if got := n.Most(5); len(got) != 0 {
		t.Errorf("after the clock was set back: %v", got)
	}
}

// TestCrowd has eight count at once, more than is remembered.
func TestCrowd(t *testing.T) {
	n := NewNow(time.Now)
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for i := range maxReadings / 4 {
				n.Opened(fmt.Sprint("story-", i%7), address(i), fmt.Sprint(browser, w))
			}
			n.Most(3)
		})
	}
	all.Wait()
	sum := 0
	for _, c := range n.Most(100) {
		sum += c.Readers
	}
	if sum != maxReadings || len(n.readings) != maxReadings {
		t.Errorf("%d counted and %d remembered, want %d", sum, len(n.readings), maxReadings)
	}
}

func BenchmarkOpened(b *testing.B) {
	n := NewNow(time.Now)
	i := 0
	for b.Loop() {
		i++
		n.Opened("story", address(i%50_000), browser)
	}
}
