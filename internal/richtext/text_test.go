package richtext

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func diff(t *testing.T, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestFromText(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"paragraphs", "One.\n\n\nTwo.\r\n \r\nThree.", "<p>One.</p> <p>Two.</p> <p>Three.</p>"},
		{"soft wraps", "The ferry to the island did not leave on Monday because of the\nfog, and the second one turned back at the lighthouse when the\nradar failed.\n\nNobody was hurt.", "<p>The ferry to the island did not leave on Monday because of the fog, and the second one turned back at the lighthouse when the radar failed.</p> <p>Nobody was hurt.</p>"},
		{"indented", "   The ferry to the island did not leave on Monday because of the\nfog, and the second one turned back.\n   Nobody was hurt.\n\tThe port is open.", "<p>The ferry to the island did not leave on Monday because of the fog, and the second one turned back.</p> <p>Nobody was hurt.</p> <p>The port is open.</p>"},
		{"moved to the right", "    The ferry to the island did not leave on Monday because\n    of the fog, and the second one turned back at the port\n    when the radar failed.", "<p>The ferry to the island did not leave on Monday because of the fog, and the second one turned back at the port when the radar failed.</p>"},
		{"title before soft wraps", "About the port\nThe ferry to the island did not leave on Monday because of the\nfog, and the second one turned back.", "<p>About the port<br>The ferry to the island did not leave on Monday because of the fog, and the second one turned back.</p>"},
		{"long lines", strings.Repeat("a word ", 20) + "x\n" + strings.Repeat("b word ", 20) + "y", "<p>" + strings.Repeat("a word ", 20) + "x</p> <p>" + strings.Repeat("b word ", 20) + "y</p>"},
		{"short lines", "Fog on the pier,\na gull\nand no ferry.", "<p>Fog on the pier,<br>a gull<br>and no ferry.</p>"},
		{"columns", "Results of the day:\n\nPort     3  1\nHill     1  2\nOld Town 0  0\n\nMore follows.", "<p>Results of the day:</p> <pre tabindex=\"0\">Port     3  1\nHill     1  2\nOld Town 0  0</pre> <p>More follows.</p>"},
		{"columns after prose", "Final table\nPort      9  4\nHill      8  5\nOld Town  1  0\n", "<p>Final table</p> <pre tabindex=\"0\">Port      9  4\nHill      8  5\nOld Town  1  0</pre>"},
		{"bars", "| 1. | Port | 9 |\n| 2. | Hill | 8 |", "<pre tabindex=\"0\">| 1. | Port | 9 |\n| 2. | Hill | 8 |</pre>"},
		{"two spaces after a full stop", "It rained.  The ferry stayed.\nThen it left.  Nobody saw it go.", "<p>It rained. The ferry stayed.<br>Then it left. Nobody saw it go.</p>"},
		{"bullets", "* one\n* two that goes\n  on\n* three", "<ul> <li>one</li> <li>two that goes on</li> <li>three</li> </ul>"},
		{"one dash", "- one point is no list", "<p>- one point is no list</p>"},
		{"markup is text", "<b>x</b> &amp; y", "<p>&lt;b&gt;x&lt;/b&gt; &amp;amp; y</p>"},
		{"japanese", "　港のフェリーは月曜日、霧のため出航しなかった。\n　けが人はいない。", "<p>港のフェリーは月曜日、霧のため出航しなかった。</p> <p>けが人はいない。</p>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			doc := FromText(test.text)
			if got := squash(string(doc.Web(nil))); got != squash(test.want) {
				t.Errorf("FromText(%q):\n got %s\nwant %s", test.text, got, squash(test.want))
			}
			checkDoc(t, doc)
		})
	}
}

func TestText(t *testing.T) {
	d := FromHTML(`<p>a <b>b</b><br>c</p><blockquote>q<footer>Ann</footer></blockquote><ul><li>x<li>y</ul><ol><li>x<li>y</ol><table><tr><th>k<th>v<tr><td>1<td>2</table><iframe src="https://v.example/1" title="V"></iframe><pre>p  q
r</pre>`, "")
	want := "a b\nc\n\nq\n— Ann\n\n• x\n• y\n\n1. x\n2. y\n\nk\tv\n1\t2\n\nV\nhttps://v.example/1\n\np  q\nr"
	if got := d.Text(); got != want {
		t.Errorf("Text() = %q, want %q", got, want)
	}
}

func TestWords(t *testing.T) {
	for _, test := range []struct {
		text string
		want int
	}{
		{"", 0},
		{"One, two — three.", 3},
		{"It's a well-known no. 7", 5},
		{"港のフェリー", 3},
		{"東京 Tower", 2},
	} {
		if got := FromText(test.text).Words(); got != test.want {
			t.Errorf("Words(%q) = %d, want %d", test.text, got, test.want)
		}
	}
}

func TestFirstSentence(t *testing.T) {
	for _, test := range []struct {
		text  string
		limit int
		want  string
	}{
		{"The ferry left. Nobody saw it.", 80, "The ferry left."},
		{"Mr. J. Ito of the U.S. office left at 5 p.m. on Friday. Then it rained.", 80, "Mr. J. Ito of the U.S. office left at 5 p.m. on Friday."},
		{"“Is it over?” she asked. No.", 80, "“Is it over?” she asked."},
		{"He said “It is over.” Then he left.", 80, "He said “It is over.”"},
		{"It cost 1.5 million yen. Too much.", 80, "It cost 1.5 million yen."},
		{"霧が出た。船は出ない。", 80, "霧が出た。"},
		{"The ferry to the island did not leave on Monday", 30, "The ferry to the island did…"},
		{"No full stop", 80, "No full stop"},
		{"abcdefghijklmnop", 6, "abcde…"},
		{"The end, of it all", 10, "The end…"},
		{"x", 0, ""},
		{"", 80, ""},
	} {
		if got := FromText(test.text).FirstSentence(test.limit); got != test.want {
			t.Errorf("FirstSentence(%q, %d) = %q, want %q", test.text, test.limit, got, test.want)
		}
	}
}
