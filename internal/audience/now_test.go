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

func address(n int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)})
}

// TestNow counts people, and each of them once.
func TestNow(t *testing.T) {
	clock := new(papertest.Clock)
	n := NewNow(clock.Now)
	if got := n.Most(5); len(got) != 0 {
		t.Errorf("before anybody came: %v", got)
	}
	for i := range 3 {
		n.Opened(View{Article: "bridge", From: address(i), Agent: browser})
		n.Opened(View{Article: "bridge", From: address(i), Agent: browser})
	}
	n.Opened(View{Article: "bridge", From: address(0), Agent: "another browser in the same house"})
	n.Opened(View{Article: "ferry", From: address(0), Agent: browser})
	n.Opened(View{Article: "ferry", From: address(1), Agent: "Googlebot/2.1"})
	n.Opened(View{Article: "ferry", From: address(2), Agent: ""})
	n.Opened(View{Article: "", From: address(2), Agent: browser})
	n.Opened(View{Article: string(make([]byte, maxID+1)), From: address(2), Agent: browser})
	want := []Count{{"bridge", 4}, {"ferry", 1}}
	if got := n.Most(5); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := n.Most(1); !slices.Equal(got, want[:1]) {
		t.Errorf("one of them: %v, want %v", got, want[:1])
	}
	clock.Set(clock.Now().Add(Window - time.Minute))
	n.Opened(View{Article: "bridge", From: address(0), Agent: browser})
	clock.Set(clock.Now().Add(2 * time.Minute))
	want = []Count{{"bridge", 1}}
	if got := n.Most(5); !slices.Equal(got, want) {
		t.Errorf("when the others have gone: %v, want %v", got, want)
	}
	clock.Set(clock.Now().Add(Window))
	if got := n.Most(5); len(got) != 0 || n.Readers("") != 0 {
		t.Errorf("at night: %v, and %d read", got, n.Readers(""))
	}
	clock.Set(clock.Now().Add(memory))
	if n.Most(5); len(n.readings) != 0 || len(n.articles) != 0 {
		t.Errorf("%d readings of %d articles are remembered for ever", len(n.readings), len(n.articles))
	}
	// A clock that is set back does not keep them for ever.
	n.Opened(View{Article: "bridge", From: address(0), Agent: browser})
	clock.Set(clock.Now().Add(-24 * time.Hour))
	if got := n.Most(5); len(got) != 0 {
		t.Errorf("after the clock was set back: %v", got)
	}
}

// TestCrowd has eight count at once, more than is remembered: all are counted, and who
// came first is forgotten.
func TestCrowd(t *testing.T) {
	n := NewNow(time.Now)
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for i := range maxReadings / 4 {
				n.Opened(View{Article: fmt.Sprint("story-", i%7), From: address(w*maxReadings/4 + i), Agent: browser})
			}
			n.Most(3)
		})
	}
	all.Wait()
	opens, readers := 0, 0
	for _, o := range n.opens {
		opens += o
	}
	for _, c := range n.Most(100) {
		readers += c.Readers
	}
	if want := 2 * maxReadings; opens < want*99/100 || opens > want {
		t.Errorf("%d counted, want %d", opens, want)
	}
	if len(n.readings) > maxReadings || readers > len(n.readings) || len(n.readings) < maxReadings/4 {
		t.Errorf("%d readers, %d remembered of at most %d", readers, len(n.readings), maxReadings)
	}
}

func BenchmarkOpened(b *testing.B) {
	n := NewNow(time.Now)
	i := 0
	for b.Loop() {
		i++
		n.Opened(View{Article: "story", From: address(i % 50_000), Agent: browser})
	}
}
