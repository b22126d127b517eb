package secret

import "testing"

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
