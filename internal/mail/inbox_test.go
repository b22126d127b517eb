package mail

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
)

// TestMark reads marks as they were written, and takes nothing else for one.
func TestMark(t *testing.T) {
	for _, m := range []Mark{{Valid: 7, UID: 12, Looked: time.Unix(1_700_000_000, 0).UTC()}, {Valid: math.MaxUint32, UID: 1, First: true, Looked: time.Unix(1, 0).UTC()}} {
		if got := ParseMark(m.String()); got != m {
			t.Errorf("%s is read as %+v, want %+v", m, got, m)
		}
	}
	for _, s := range []string{"", "7", "7 12", "-1 2 true 3", "a b c d"} {
		if got := ParseMark(s); got != (Mark{}) {
			t.Errorf("%q is read as %+v", s, got)
		}
	}
}

// TestAfter holds that no answer of a server makes us count to four billion, or panic.
func TestAfter(t *testing.T) {
	for _, test := range []struct {
		found imap.NumSet
		above uint32
		want  []imap.UID
	}{
		{nil, 0, nil},
		{imap.SeqSet{{Start: 1, Stop: 3}}, 0, nil},
		{imap.UIDSet{{Start: 9, Stop: 9}, {Start: 5, Stop: 7}, {Start: 6, Stop: 6}}, 5, []imap.UID{6, 7, 9}},
		{imap.UIDSet{{Start: 7, Stop: 7}}, 7, nil},
		{imap.UIDSet{{Start: 1, Stop: 0}}, 0, nil}, // "1:*", which is no answer
		{imap.UIDSet{{Start: 1, Stop: math.MaxUint32}}, math.MaxUint32, nil},
		{imap.UIDSet{{Start: math.MaxUint32, Stop: math.MaxUint32}}, 0, []imap.UID{math.MaxUint32}},
	} {
		if got := after(&imap.SearchData{All: test.found}, test.above); !slices.Equal(got, test.want) {
			t.Errorf("%v above %d is %v, want %v", test.found, test.above, got, test.want)
		}
	}
	if got := after(&imap.SearchData{All: imap.UIDSet{{Start: 1, Stop: math.MaxUint32}}}, 0); len(got) != maxNews {
		t.Errorf("an endless range is %d letters", len(got))
	}
}
