package audience

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestOrigin(t *testing.T) {
	n := NewNow(time.Now)
	n.Know(map[string]Origin{"courier.example": Here, "127.0.0.1:8080": Here, "valley.example": Sister})
	for _, test := range []struct {
		referrer, query string
		want            Origin
	}{
		{"", "", None},
		{"nonsense", "", None},
		{"https://www.google.com", "", Search},
		{"https://www.google.co.jp/search?q=x", "", Search},
		{"https://mail.google.com/", "", Mail},
		{"https://search.yahoo.co.jp", "", Search},
		{"https://duckduckgo.com", "", Search},
		{"https://T.CO/abc", "", Social},
		{"https://mastodon.social", "", Social},
		{"android-app://com.google.android.gm", "", Mail},
		{"https://feedly.com/i/x", "", Feed},
		{"https://courier.example/", "", Here},
		{"http://127.0.0.1:8080", "", Here},
		{"http://127.0.0.1:9", "", Other},
		{"https://valley.example:8443/", "", Sister},
		{"https://valley.example/", "utm_medium=feed", Sister},
		{"https://valley.example/", "utm_medium=email", Mail},
		{"https://courier.example/", "utm_medium=feed", Feed},
		{"https://notgoogle.example", "", Other},
		{"https://courier.example.evil.example", "", Other},
		{"https://" + strings.Repeat("a", 300), "", None},
		{"https://www.google.com", "?utm_medium=email", Mail},
		{"", "utm_medium=RSS", Feed},
		{"", "utm_medium=nothing", None},
		{"", "?utm_medium=%zz", None},
	} {
		if got := n.origin(View{Referrer: test.referrer, Query: test.query}); got != test.want {
			t.Errorf("from %q by %q: %s, want %s", test.referrer, test.query, got, test.want)
		}
	}
}

func TestCampaign(t *testing.T) {
	for _, test := range []struct{ query, want string }{
		{"", ""},
		{"?utm_campaign=spring-fair", "spring-fair"},
		{"x=1&utm_campaign=Spring_Fair&y=2", "spring-fair"},
		{"utm_campaign=%3Cscript%3E", ""},
		{"utm_campaign=ana%40readers.example", ""},
		{"utm_campaign=" + strings.Repeat("a", 41), ""},
		{"other=utm_campaign", ""},
	} {
		if got := campaign(test.query); got != test.want {
			t.Errorf("campaign(%q) = %q, want %q", test.query, got, test.want)
		}
	}
}

// FuzzOrigin takes whatever a browser may send: what comes out is one of our words, or a
// name of small letters.
func FuzzOrigin(f *testing.F) {
	f.Add("https://www.google.com/?q=x", "?utm_campaign=a&utm_medium=email")
	f.Add("://", "utm_campaign=%00")
	n := NewNow(time.Now)
	f.Fuzz(func(t *testing.T, referrer, query string) {
		if o := n.origin(View{Referrer: referrer, Query: query}); !slices.Contains(Origins(), o) {
			t.Errorf("%q", o)
		}
		if c := campaign(query); len(c) > maxCampaign || strings.Trim(c, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			t.Errorf("%q", c)
		}
	})
}
