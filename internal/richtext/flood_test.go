package richtext

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// floods are texts of the largest size that is read, each of as many of one thing
// as there is room for.
func floods() map[string]string {
	filled := func(head, unit, tail string) string {
		return head + strings.Repeat(unit, (maxInput-len(head)-len(tail))/len(unit)) + tail
	}
	numbered := func(head, format, tail string) string {
		var w strings.Builder
		w.WriteString(head)
		for i := 0; ; i++ {
			next := fmt.Sprintf(format, i)
			if w.Len()+len(next)+len(tail) > maxInput {
				return w.String() + tail
			}
			w.WriteString(next)
		}
	}
	return map[string]string{
		"open elements":                        filled("", "<div>", ""),
		"open paragraphs":                      filled("", "<p>x", ""),
		"nested and closed":                    filled("", strings.Repeat("<div>", 60)+"x"+strings.Repeat("</div>", 60), ""),
		"quotations in quotations":             filled("", "<blockquote>x", ""),
		"quotations":                           filled("", "<blockquote><p>x</p><p>y</p><footer>z</footer></blockquote>", ""),
		"one quotation":                        filled("<blockquote>", "<p>x</p>", "</blockquote>"),
		"quotations in quotations, signed":     filled("", strings.Repeat("<blockquote><div>", 30)+"x<cite>y</cite>"+strings.Repeat("</div></blockquote>", 30), ""),
		"tiny elements":                        filled("<p>", "<b>x</b>", ""),
		"empty elements":                       filled("<p>", "<b></b>", ""),
		"unknown elements":                     filled("", "<x>", ""),
		"sixty attributes each":                numbered("", "<i"+strings.Repeat(" a=b", 60)+">%d</i>", ""),
		"attributes we want":                   filled("", "<i"+strings.Repeat(" class=b style=x", 30)+">x</i>", ""),
		"styles":                               filled("", `<b style="font-weight: normal; font-style : italic">x</b>`, ""),
		"long styles":                          filled("", `<i style="`+strings.Repeat("a : b;", 200)+`">x</i>`, ""),
		"one long address":                     filled(`<a href="https://x.example/`, "a b", `">x</a>`),
		"long addresses":                       filled("", `<a href="https://x.example/`+strings.Repeat("a", 2000)+`">x</a>`, ""),
		"addresses to escape":                  filled("", `<a href="https://x.example/`+strings.Repeat("é ", 600)+`">x</a>`, ""),
		"links":                                filled("", `<a href="https://x.example/a?b=c">x</a> `, ""),
		"different links":                      numbered("", `<a href="https://x.example/a/%d">x</a> `, ""),
		"hosts in other letters":               numbered("", `<a href="https://bücher%d.example/a">x</a>`, ""),
		"mail addresses":                       filled("", `<a href="mailto:a@b.example?subject=c">x</a>`, ""),
		"links to scripts":                     filled("", `<a href="javascript:x">x</a>`, ""),
		"escaped addresses":                    filled("", `<a href="/%41%42%43?`+strings.Repeat("%41", 100)+`">x</a>`, ""),
		"pictures":                             filled("", `<img src="https://x.example/a.jpg" alt="b">`, ""),
		"pictures in a paragraph":              filled("<p>x", `<img src=/a.jpg>`, ""),
		"figures":                              filled("", `<figure><img src=/a.jpg><figcaption>x <b class=credit>y</b></figcaption></figure>`, ""),
		"one long alternative text":            filled(`<img src=/a.jpg alt="`, "words ", `">`),
		"one long caption":                     filled(`<figure><img src=/a.jpg><figcaption>`, "words <b>x</b>", `</figcaption></figure>`),
		"a table of one row":                   filled("<table><tr>", "<td>x", ""),
		"a table with headings":                filled("<table>", "<tr><th>x<td>y", ""),
		"a table of cells":                     filled("<table>", "<tr><td>x</td><td>1</td></tr>", "</table>"),
		"many tables":                          filled("", "<table><tr><td>x<td>y</table>", ""),
		"tables in tables":                     filled("", strings.Repeat("<table><tr><td>", 20)+"x"+strings.Repeat("</table>", 20), ""),
		"cells over fifty columns and rows":    filled("<table>", "<tr><td colspan=50 rowspan=50>x</td></tr>", ""),
		"empty rows":                           filled("<table><tr><td>x<td>y", "<tr>", ""),
		"empty cells":                          filled("<table><tr><td>x<td>y", "<tr><td><td>", ""),
		"many lists":                           filled("", "<ul><li>x</ul>", ""),
		"a list":                               filled("<ul>", "<li>x", ""),
		"a list with closed items":             filled("<ul>", "<li>x</li>\n", "</ul>"),
		"lists in lists":                       filled("", strings.Repeat("<ul><li>x", 30)+strings.Repeat("</ul>", 30), ""),
		"items without a list":                 filled("", "<li>x</li>", ""),
		"a list without items":                 filled("<ul>", "x<b>y</b>", ""),
		"a list of definitions":                filled("<dl>", "<dt>x<dd>y", ""),
		"one long word":                        filled("<p>", "x", ""),
		"one long word of Chinese":             filled("<p>", "日", ""),
		"words":                                filled("<p>", "word ", ""),
		"combining marks":                      filled("<p>", "e\u0301\u0302\u0303", ""),
		"emoji and joiners":                    filled("<p>", "👩\u200d👩\u200d👧\u200d👦🏴\U000E0067\U000E0062\U000E007F", ""),
		"marks of direction":                   filled("<p>", "\u202eabc\u200f ", ""),
		"invalid bytes":                        filled("<p>", "\xff\xfe", ""),
		"control characters":                   filled("<p>", "\x01\x02", ""),
		"no-break spaces":                      filled("<p>", "\u00a0 x", ""),
		"ideographic spaces":                   filled("<p>x", "\u3000", ""),
		"unclosed tags":                        filled("", "<p><b><i>x", ""),
		"unclosed links":                       filled("", "<a href=/x>x", ""),
		"links closed outside":                 filled("", "<b><a href=/x>x</b>", ""),
		"misnested marks":                      filled("", "<b><i><u>x</b></i>", ""),
		"paragraphs in a mark":                 filled("", "<i><p>x</i>", ""),
		"a closed paragraph in marks":          filled("<p>"+strings.Repeat("<i>", 60), "<div>", ""),
		"comments":                             filled("<p>x", "<!-- -->", ""),
		"one long comment":                     filled("<!--", "x ", "-->"),
		"CDATA":                                filled("", "<![CDATA[x]]>", ""),
		"tags in CDATA":                        filled("<![CDATA[", "<b>&amp;</b>", "]]>"),
		"instructions":                         filled("", "<?x y?>z", ""),
		"white space":                          filled("<p>", " \n\t", ""),
		"line ends":                            filled("<p>x", "\n", ""),
		"a letter a line":                      filled("<p>x", "\nx", ""),
		"line breaks":                          filled("", "<br>", ""),
		"preformatted lines":                   filled("<pre>", "x  y\n", ""),
		"marks in preformatted text":           filled("<pre>", strings.Repeat("<b>", 55)+"x"+strings.Repeat("</b>", 55), ""),
		"many preformatted texts":              filled("", "<pre>x</pre>", ""),
		"pictures in preformatted text":        filled("<pre>x", "<img src=/a>", ""),
		"cross-heads":                          filled("", "<h2>x</h2>", ""),
		"frames":                               filled("", `<iframe src="https://x.example/a" title="b"></iframe>`, ""),
		"players":                              filled("", `<video><source src="https://x.example/a"></video>`, ""),
		"posts":                                filled("", `<blockquote class=twitter-tweet><p>a</p><a href=https://x.example/>b</a></blockquote>`, ""),
		"one post of links":                    filled(`<blockquote class=twitter-tweet>`, `<a href=https://x.example/>b</a>`, ""),
		"posts in posts":                       filled("", `<blockquote class=twitter-tweet><p>a`, ""),
		"readings":                             filled("", `<ruby>漢<rt>kan</rt></ruby>`, ""),
		"quoted words":                         filled("<p>", `<q>x</q>`, ""),
		"empty quotation marks in one another": filled("", strings.Repeat("<q>", 60)+strings.Repeat("</q>", 60), ""),
		"notes":                                filled("", `x<fn>y</fn>`, ""),
		"fractions":                            filled("", `<frac><numer>1</numer><denom>2</denom></frac>`, ""),
		"fractions in fractions":               filled("", strings.Repeat("<frac>x", 60)+strings.Repeat("</frac>", 60), ""),
		"NITF media":                           filled("", `<media><media-reference source="a"/><media-caption>b</media-caption><media-producer>c</media-producer></media>`, ""),
		"NITF media in media":                  filled("", strings.Repeat(`<media>x`, 60)+strings.Repeat("</media>", 60), ""),
		"NITF headlines":                       filled("", `<hl2>- x -</hl2>`, ""),
		"cross-heads between dashes":           filled("", `<p>- x -</p>`, ""),
		"NITF quotations":                      filled("", `<bq><block>a</block><credit>b</credit></bq>`, ""),
		"broken lines":                         filled("<p>", strings.Repeat("word ", 13)+"<br/>\n", "</p>"),
		"hidden by style":                      filled("", `<p style="display : none">x</p>y`, ""),
		"struck out":                           filled("", `<del>x</del>y`, ""),
		"drawings":                             filled("", `<svg><path d="x"/></svg>`, ""),
		"style sheets":                         filled("", `<style>x</style>`, ""),
		"pictures of emoji":                    filled("<p>", `<img class=emoji alt=x>`, ""),
		"references":                           filled("<p>", "&amp;", ""),
		"long references":                      filled("<p>", "&CounterClockwiseContourIntegral;", ""),
		"unknown references":                   filled("<p>", "&xxxxxxxxxxx;", ""),
		"ampersands":                           filled("<p>", "&", ""),
		"a bit of everything":                  filled("", `<p>A <b>b</b> <a href="https://x.example/c">c</a>.</p><h2>d</h2><ul><li>e</li></ul><blockquote>f</blockquote><table><tr><th>g</th><td>h</td></tr></table><figure><img src=/i><figcaption>j</figcaption></figure><pre>k</pre>`, ""),
		"a word processor":                     filled("", `<p class="MsoNormal" style="margin:0cm 0cm 8pt"><span style="font-size:11pt"><span style="line-height:107%"><span style="font-family:Calibri,sans-serif">Words of a real paragraph here.</span></span></span></p>`, ""),
		"prose":                                filled("", `<p>The harbour of Kawara Bay is to have a second crane, the council decided on Tuesday after three hours.</p>`, ""),
		"columns":                              filled("", "a   b   c\n\n", ""),
		"columns with bars":                    filled("", "| a | b |\n", ""),
		"columns with tabs":                    filled("", "a\tb\n", ""),
		"bullets":                              filled("", "* a\n", ""),
		"one bullet and short lines":           filled("* a\n* b\n", "c\n", ""),
		"lines of a teleprinter":               filled("", strings.Repeat("word ", 13)+"\n", ""),
		"indented lines":                       filled("", " a\n", ""),
		"form feeds":                           filled("", "\f", ""),
		"paragraph separators":                 filled("", "a\u2029", ""),
		"columns and prose":                    filled("", "a   b\na long line of prose without columns that goes on for a while and then ends\n", ""),
	}
}

// TestFloods holds that nothing that can be sent costs more than a text may,
// whether it is read or cut off.
func TestFloods(t *testing.T) {
	most := papertest.Cost{CPU: papertest.Slow(50 * time.Millisecond), Allocated: 64 << 20}
	all := floods()
	maps.Copy(all, bombs())
	for name, s := range all {
		for reader, read := range map[string]func(string) Doc{
			"html": func(s string) Doc { return FromHTML(s, "https://paper.example/a/b") }, "nitf": FromNITF, "text": FromText,
		} {
			t.Run(reader+" "+name, func(t *testing.T) {
				var d Doc
				cost := papertest.Measure(t, most, func() { d = read(s) })
				if !cost.Within(most) {
					t.Errorf("to read it costs %v", cost)
				}
				kept := papertest.Measure(t, most, func() {
					if _, err := Parse(d.JSON()); err != nil {
						t.Errorf("what was read cannot be stored: %v", err)
					}
					d.Web(figure)
					d.Words()
				})
				if !kept.Within(most) {
					t.Errorf("to store and show it costs %v", kept)
				}
				t.Logf("%d KB: read %v, stored and shown %v", len(s)>>10, cost, kept)
			})
		}
	}
}

// TestParseFloods is TestFloods for what an editor's program sends.
func TestParseFloods(t *testing.T) {
	filled := func(head, unit, tail string) []byte {
		return []byte(head + strings.TrimSuffix(strings.Repeat(unit, (maxStored-len(head)-len(tail))/len(unit)), ",") + tail)
	}
	most := papertest.Cost{CPU: papertest.Slow(50 * time.Millisecond), Allocated: 64 << 20}
	for name, data := range map[string][]byte{
		"empty blocks":     filled(`{"blocks":[`, `{},`, `]}`),
		"no blocks":        filled(`{"blocks":[`, `null,`, `]}`),
		"paragraphs":       filled(`{"blocks":[`, `{"kind":"paragraph","text":[{"text":"x"}]},`, `]}`),
		"empty paragraphs": filled(`{"blocks":[`, `{"kind":"paragraph"},`, `]}`),
		"spans":            filled(`{"blocks":[{"kind":"paragraph","text":[`, `{"text":"x"},{"text":"x","em":true},`, `]}]}`),
		"empty spans":      filled(`{"blocks":[{"kind":"paragraph","text":[`, `{},`, `]}]}`),
		"links":            filled(`{"blocks":[{"kind":"paragraph","text":[`, `{"text":"x","href":"/%41?b"},{"text":"y","href":"/b"},`, `]}]}`),
		"items":            filled(`{"blocks":[{"kind":"list","items":[`, `[],`, `]}]}`),
		"rows":             filled(`{"blocks":[{"kind":"table","rows":[`, `{"cells":[]},`, `]}]}`),
		"cells":            filled(`{"blocks":[{"kind":"table","rows":[{"cells":[`, `[{"text":"x"}],`, `]}]}]}`),
		"no cells":         filled(`{"blocks":[{"kind":"table","rows":[{"cells":[`, `null,`, `]}]}]}`),
		"pictures":         filled(`{"blocks":[`, `{"kind":"figure","url":"/%41","alt":"b"},`, `]}`),
		"one word":         filled(`{"blocks":[{"kind":"paragraph","text":[{"text":"`, `日`, `"}]}]}`),
		"one reference":    filled(`{"blocks":[{"kind":"paragraph","text":[{"text":"`, `\\u00e9`, `"}]}]}`),
		"line breaks":      filled(`{"blocks":[{"kind":"paragraph","text":[{"text":"`, `x\\n`, `"}]}]}`),
		"one caption":      filled(`{"blocks":[{"kind":"figure","url":"/a","alt":"`, `x `, `"}]}`),
		"open arrays":      filled(``, `[`, ``),
		"open objects":     filled(``, `{"a":`, ``),
		"unknown fields":   filled(`{`, `"a":1,`, `}`),
	} {
		t.Run(name, func(t *testing.T) {
			var d Doc
			var err error
			cost := papertest.Measure(t, most, func() { d, err = Parse(data) })
			t.Logf("%d KB cost %v: %d blocks, %v", len(data)>>10, cost, len(d.Blocks), err)
			if !cost.Within(most) {
				t.Errorf("it costs %v", cost)
			}
		})
	}
}

// TestOverLimits holds that a text that is not read whole is not taken for a whole
// one, and what is said of it.
func TestOverLimits(t *testing.T) {
	for _, test := range []struct{ name, in, says string }{
		{"bytes", "<p>" + strings.Repeat("word ", maxInput/5) + "</p>", "The text has 513 KB with its tags; 512 is the most."},
		{"bytes to store", "<p>" + strings.Repeat("word ", maxStored/5) + "</p>", "The text has 257 KB; 256 is the most."},
		{"tags", strings.Repeat("<i></i>", maxTokens/2+1), "The text has more than 50000 tags and runs of text."},
		{"blocks", strings.Repeat("<p>x", maxBlocks+1), "The text has 2001 blocks; 2000 is the most."},
		{"blocks of a quotation", "<blockquote>" + strings.Repeat("<p>x", 2*maxBlocks+1), "The text has 4001 blocks; 2000 is the most."},
		{"parts", "<p>" + strings.Repeat("x<br>", maxPieces), "The text has 20003 parts (cells, items, changes of type); 20000 is the most."},
		{"cells", "<table>" + strings.Repeat("<tr><td colspan=50>x<td>y", maxPieces/50), "The text has 20043 parts (cells, items, changes of type); 20000 is the most."},
		{"links", strings.Repeat("<a href=/a>x</a>y", maxLinks+1), "The text has 2001 links and pictures; 2000 is the most."},
		{"links that lead nowhere", strings.Repeat("<a href=x:y>x</a> ", 3*maxLinks), "The text has 3001 links and pictures; 2000 is the most."},
		{"pictures in a line", "<p>x" + strings.Repeat("<img src=/a>", 2*maxBlocks), "The text has 3001 links and pictures; 2000 is the most."},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, err := ReadHTML(test.in, "")
			if !problem.Is(err, problem.TooLarge) || err.Error() != test.says {
				t.Errorf("%v, want %s", err, test.says)
			}
			checkDoc(t, d)
		})
	}
	for _, test := range []struct{ name, in, says string }{
		{"bytes", strings.Repeat("word ", maxInput/5+1), "The text has 513 KB with its tags; 512 is the most."},
		{"lines", strings.Repeat("a\n", maxLines+1), "The text has 25001 lines; 25000 is the most."},
		{"blocks", strings.Repeat("a\n\n", maxBlocks+1), "The text has 2001 blocks; 2000 is the most."},
	} {
		t.Run("text "+test.name, func(t *testing.T) {
			d, err := ReadText(test.in)
			if !problem.Is(err, problem.TooLarge) || err.Error() != test.says {
				t.Errorf("%v, want %s", err, test.says)
			}
			checkDoc(t, d)
		})
	}
	if _, err := ReadNITF(strings.Repeat("<p>x", maxBlocks)); err != nil {
		t.Errorf("as much as may be: %v", err)
	}
}
