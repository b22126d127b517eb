package richtext

import (
	"strings"
	"testing"
)

// TestPaid holds that each link of what is paid for says so, and none of ours.
func TestPaid(t *testing.T) {
	d := FromHTML(`<p>See <a href="https://kild.example/">Kild</a>, <a href="/category/city">ours</a>.</p>
		<iframe src="https://video.example/1" title="Stoves"></iframe>`, "")
	html := string(d.Paid(nil))
	for _, want := range []string{
		`<a href="https://kild.example/" rel="sponsored nofollow noopener">Kild</a>`, `<a href="/category/city">ours</a>`, `rel="sponsored nofollow noopener external">Stoves</a>`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is not in %s", want, html)
		}
	}
	if strings.Contains(string(d.Web(nil)), "sponsored") {
		t.Error("what nobody has paid for says so")
	}
	if html := PaidHTML(d.Blocks[0].Text); !strings.Contains(string(html), `rel="sponsored nofollow noopener"`) {
		t.Errorf("in a line: %s", html)
	}
}
