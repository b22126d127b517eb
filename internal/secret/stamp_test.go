package secret

import (
	"bytes"
	"testing"
)

func TestStamp(t *testing.T) {
	old := NewKeyring()
	r := rotated(old)
	what := []byte("subscriber 7")
	for name, stamp := range map[string][]byte{"the newest key": r.Stamp("bounce", what), "an earlier one": old.Stamp("bounce", what)} {
		if len(stamp) != StampSize || !r.Stamped("bounce", what, stamp) {
			t.Errorf("a stamp by %s is not taken", name)
		}
		if r.Stamped("click", what, stamp) || r.Stamped("bounce", []byte("subscriber 8"), stamp) {
			t.Errorf("a stamp by %s is taken for something else", name)
		}
		for i := range stamp {
			for bit := range 8 {
				stamp[i] ^= 1 << bit
				if r.Stamped("bounce", what, stamp) {
					t.Errorf("bit %d of byte %d does not matter", bit, i)
				}
				stamp[i] ^= 1 << bit
			}
		}
	}
	if r.Stamped("bounce", what, nil) || NewKeyring().Stamped("bounce", what, r.Stamp("bounce", what)) {
		t.Error("no stamp, or one of another paper, is taken")
	}
}

// What a key keeps for a use is what it would make anew, also when many ask at once.
func TestDerivedKeysAreKept(t *testing.T) {
	ring := NewKeyring()
	again, err := ParseKeyring(ring.newest().String())
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan map[string][]byte)
	uses := []string{"stamp return", "stamp click", "link unsubscribe"}
	for range 8 {
		go func() {
			made := map[string][]byte{}
			for _, use := range uses {
				made[use] = ring.newest().derive(use)
			}
			done <- made
		}()
	}
	for range 8 {
		made := <-done
		for _, use := range uses {
			if !bytes.Equal(made[use], again.newest().derive(use)) {
				t.Errorf("the kept key for %q is another one", use)
			}
		}
	}
	if bytes.Equal(ring.newest().derive(uses[0]), ring.newest().derive(uses[1])) || bytes.Equal(ring.newest().derive(uses[0]), NewKeyring().newest().derive(uses[0])) {
		t.Error("two uses, or two keys, have the same key")
	}
}

// An edition has three stamps and links in each letter.
func BenchmarkStamp(b *testing.B) {
	r := NewKeyring()
	what := []byte("subscriber 7")
	for b.Loop() {
		r.Stamp("return", what)
	}
}
