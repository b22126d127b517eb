package sheet

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/papertest"
)

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// report is a small report in English.
func report() *Report {
	return &Report{
		Lang: "en", From: "The Arl Valley Post", Made: time.Date(2026, 11, 27, 9, 40, 0, 0, time.UTC), When: "Nov. 27, 2026, 18:40 JST",
		Kicker: "Report of a promotion", Headline: "Bread at six (and “cakes” at ten) · Fjeld Bakery",
		Lead: "From Nov. 23, 2026 to Nov. 25, 2026, in The Arl Valley Post.",
		Parts: []Part{
			{Title: "Altogether", Table: &Table{Rows: [][]string{{"Impressions", "1,234", ""}, {"Clicks", "56", "4.5% of impressions"}}}},
			{Title: "Day by day", Plot: &Plot{Bars: []Bar{{"Nov. 23", 1000}, {"Nov. 24", 0}, {"Nov. 25", 234}}}, Table: &Table{
				Head: []string{"Day", "Impressions"}, Rows: [][]string{{"Nov. 23", "1,000"}, {"Nov. 24", "0"}, {"Nov. 25", "234"}},
			}},
			{Title: "How this is counted", Text: "Once each.\nC:\\> é"},
		},
		Page: func(n, of int) string { return fmt.Sprintf("Page %d of %d", n, of) },
	}
}

func pdf(t testing.TB, r *Report, packed bool) []byte {
	t.Helper()
	b, err := r.file(packed)
	check(t, err)
	read(t, b)
	return b
}

// TestGolden shows whole files to people: their pages are not packed.
func TestGolden(t *testing.T) {
	papertest.Golden(t, "report.pdf.txt", pdf(t, report(), false))
	r := report()
	r.Lang, r.From, r.When, r.Kicker, r.Headline = "ja", "有瑠渓谷新聞", "2026年11月27日 18:40 JST", "広告の報告", "六時のパン 🍞 · フィヨルド・ﾍﾞｰｶﾘｰ"
	r.Lead, r.Parts = "2026年11月23日 から 2026年11月25日 まで、有瑠渓谷新聞 に掲載。", r.Parts[2:]
	r.Parts[0].Title, r.Parts[0].Text = "数え方", "表示とは、動画の半分以上が画面に2秒間出ていたことをいいます。どれも配信1回につき1度だけ数えます。自ら名乗るプログラム、繰り返し、早すぎて事実でありえないものは除きます。"
	r.Page = func(n, of int) string { return fmt.Sprintf("%d / %d ページ", n, of) }
	papertest.Golden(t, "japanese.pdf.txt", pdf(t, r, false))
}

// TestYear sets a table of a year: it has its head on every page, and is a small file.
func TestYear(t *testing.T) {
	r := report()
	plot, table := new(Plot), &Table{Head: []string{"Day", "Impressions", "Started", "Seen to the end", "Clicks"}}
	for i := range 366 {
		day := r.Made.AddDate(0, 0, i-366).Format("Jan. 2, 2006")
		plot.Bars = append(plot.Bars, Bar{day, i * 7919 % 100_003})
		table.Rows = append(table.Rows, []string{day, strconv.Itoa(i * 7919 % 100_003), strconv.Itoa(i * 31), strconv.Itoa(i * 7), strconv.Itoa(i)})
	}
	r.Parts[1].Plot, r.Parts[1].Table = plot, table
	packed := pdf(t, r, true)
	if len(packed) > 100<<10 {
		t.Errorf("a year is %d bytes", len(packed))
	}
	f := read(t, packed)
	t.Logf("a year is %d bytes on %d pages", len(packed), len(f.pages))
	days := 0
	for i, page := range f.pages {
		heads, rows := strings.Count(page, "(Seen to the end)"), len(regexp.MustCompile(`\([A-Z][a-z]{2}\. \d+, \d{4}\)`).FindAllString(page, -1))
		if rows > 0 && heads != 1 {
			t.Errorf("page %d has %d heads", i+1, heads)
		}
		if days += rows; !strings.Contains(page, fmt.Sprintf("(Page %d of %d)", i+1, len(f.pages))) {
			t.Errorf("page %d does not say so", i+1)
		}
	}
	if names := plotNames; len(f.pages) < 7 || days < 366 || days > 366+names {
		t.Errorf("%d days on %d pages", days, len(f.pages))
	}
	if again := pdf(t, r, true); !bytes.Equal(again, packed) {
		t.Error("the same report is another file")
	}
	for i, page := range read(t, pdf(t, r, false)).pages {
		if page != f.pages[i] {
			t.Errorf("page %d is another one when it is packed", i+1)
		}
	}
}

// TestWrap cuts text into lines.
func TestWrap(t *testing.T) {
	s := style{plain, 10, ink} // a square is 10 wide, "n" 5.56
	for _, test := range []struct {
		text  string
		width float64
		want  []string
	}{
		{"", 100, nil},
		{" \x00\u200b\n", 100, nil},
		{"one  two\nthree", 1000, []string{"one two three"}},
		{"nnn nnn nnn", 40, []string{"nnn nnn", "nnn"}},
		{"nnnnnnnnnn nn", 40, []string{"nnnnnnn", "nnn nn"}},
		{"nn nnnnnnnnnn", 40, []string{"nn", "nnnnnnn", "nnn"}},
		{"well-known", 30, []string{"well-", "known"}},
		{"nn", 1, []string{"n", "n"}},
		{"新聞の広告", 30, []string{"新聞の", "広告"}},
		{"新聞社。広告", 30, []string{"新聞", "社。広", "告"}},
		{"新聞「広告」", 30, []string{"新聞", "「広", "告」"}},
		{"。。。。", 20, []string{"。。", "。。"}},
		{"ﾊﾟﾝﾊﾟﾝ", 15, []string{"ﾊﾟﾝ", "ﾊﾟﾝ"}},
		{"1\u202f000 000", 30, []string{"1\u00a0000", "000"}},
		{"e\u0301", 100, []string{"é"}},
	} {
		if got := s.wrap(test.text, test.width); !slices.Equal(got, test.want) {
			t.Errorf("%q in %v: %q, want %q", test.text, test.width, got, test.want)
		}
	}
	if got := s.few("nnn nnn nnn nnn", 40, 1); !slices.Equal(got, []string{"nnn n…"}) && !slices.Equal(got, []string{"nnn…"}) {
		t.Errorf("one line of four words: %q", got)
	}
}

// TestLines finds round numbers for the lines of a plot.
func TestLines(t *testing.T) {
	for _, test := range []struct{ most, step, end int }{
		{-5, 1, 1}, {0, 1, 1}, {1, 1, 1}, {4, 1, 4}, {5, 2, 6}, {9, 5, 10}, {100, 50, 100}, {1234, 500, 1500}, {40_000, 10_000, 40_000},
	} {
		p := &Plot{Bars: []Bar{{"", test.most}}}
		if step, end := p.step(), p.end(); step != test.step || end != test.end {
			t.Errorf("for %d: %d to %d, want %d to %d", test.most, step, end, test.step, test.end)
		}
	}
}

// TestBars draws bars that hold for a day, two and many: none is a wall, none is lost, none
// leaves the page or meets the next.
func TestBars(t *testing.T) {
	bars := regexp.MustCompile(`(?m)^([\d.]+) [\d.]+ ([\d.]+) [\d.]+ re$`)
	for _, days := range []int{1, 2, 90, 366} {
		r := report()
		plot := new(Plot)
		for i := range days {
			plot.Bars = append(plot.Bars, Bar{fmt.Sprint("Day ", i+1), i + 1})
		}
		r.Parts = []Part{{Title: "Impressions by day", Plot: plot}}
		page := read(t, pdf(t, r, false)).pages[0]
		found, end := bars.FindAllStringSubmatch(page, -1), left
		for _, m := range found {
			x, err := strconv.ParseFloat(m[1], 64)
			check(t, err)
			wide, err := strconv.ParseFloat(m[2], 64)
			check(t, err)
			if wide > widestBar || wide < 0.5 || x < end || x+wide > right {
				t.Errorf("of %d days a bar is %v wide at %v, after %v", days, wide, x, end)
			}
			end = x + wide
		}
		if len(found) != days {
			t.Errorf("of %d days %d have a bar", days, len(found))
		}
		for _, i := range []int{1, days} {
			if !strings.Contains(page, fmt.Sprintf("(Day %d)", i)) {
				t.Errorf("of %d days the one numbered %d has no name", days, i)
			}
		}
	}
}

// TestFonts names only the fonts that are used: a reader of PDF asks for those that it
// does not have.
func TestFonts(t *testing.T) {
	if b := pdf(t, report(), true); bytes.Contains(b, []byte("Heisei")) {
		t.Error("English asks for a Japanese font")
	}
	if len(plainWidths) != 224 || len(boldWidths) != 224 {
		t.Errorf("%d and %d widths", len(plainWidths), len(boldWidths))
	}
	if w := (style{plain, 10, ink}).wide("Hé€…"); w != 7.22+5.56+5.56+10 {
		t.Errorf("Hé€… is %v wide", w)
	}
}

// TestEmpty is a report of nothing.
func TestEmpty(t *testing.T) {
	for _, r := range []*Report{
		{},
		{Parts: []Part{{}, {Plot: new(Plot), Table: new(Table)}, {Table: &Table{Head: []string{"Day"}}}, {Table: &Table{Rows: [][]string{{}, {"1", "2"}, nil}}}}},
	} {
		if f := read(t, pdf(t, r, true)); len(f.pages) != 1 {
			t.Errorf("%d pages", len(f.pages))
		}
	}
}

// FuzzReport sets any text.
func FuzzReport(f *testing.F) {
	f.Add("A headline", "A text.", "1,234", 5)
	f.Add("(()\\", "改行\n、、、、、、、、", "ﾊﾟ🍞\u0301", -1)
	f.Add(strings.Repeat("long", 300), strings.Repeat("新聞。", 3000), strings.Repeat("9", 500), 1<<62)
	f.Add("\xff\xfe\x80", "stream\nendstream\nendobj", "\u0081\u009d\u00ad\u00a0", 0)
	f.Fuzz(func(t *testing.T, headline, text, cell string, value int) {
		if len(headline)+len(text)+len(cell) > 1<<12 {
			return
		}
		r := report()
		r.Lang, r.From, r.Headline, r.Lead, r.When = cell, headline, headline, text, cell
		r.Parts[0].Title, r.Parts[0].Text, r.Parts[2].Text = headline, text, text
		r.Parts[0].Table.Rows[1][2], r.Parts[1].Table.Head[0], r.Parts[1].Table.Rows[0][0] = cell, cell, text
		r.Parts[1].Plot.Bars[1] = Bar{cell, value}
		r.Parts[1].Plot.Number = func(n int) string { return cell + strconv.Itoa(n) }
		plain, packed := read(t, pdf(t, r, false)), read(t, pdf(t, r, true))
		if !slices.Equal(plain.pages, packed.pages) {
			t.Error("packed, it is another report")
		}
	})
}

// A readFile is what a reader of PDF finds.
type readFile struct {
	objects []string
	pages   []string // their contents
}

var (
	tail      = regexp.MustCompile(`(?s)xref\n0 (\d+)\n(.*)trailer\n<< /Size (\d+) /Root 1 0 R /Info 3 0 R /ID \[<([0-9A-F]{32})> <([0-9A-F]{32})>\] >>\nstartxref\n(\d+)\n%%EOF\n$`)
	content   = regexp.MustCompile(`(?s)^<< /Length (\d+)( /Filter /FlateDecode)? >>\nstream\n(.*)\nendstream$`)
	reference = regexp.MustCompile(`(\d+) 0 R`)
	// What our pages are made of: names, numbers, strings, and operators.
	operand = regexp.MustCompile(`^(?:/F[123]|-?[0-9]+(?:\.[0-9]{1,2})?|[01]\.[0-9]{3}|\((?:[^()\\\x00-\x1f\x7f-\xff]|\\[()\\]|\\[0-3][0-7]{2})*\)|<(?:[0-9A-F]{4})+>|BT|ET|Tf|Td|Tj|Tr|rg|RG|w|re|f)(?:[ \n]|$)`)
)

// read reads a file by its table of objects, as a reader of PDF does.
func read(t testing.TB, b []byte) (f readFile) {
	t.Helper()
	m := tail.FindSubmatchIndex(b)
	if m == nil || !bytes.HasPrefix(b, []byte("%PDF-1.7\n")) {
		t.Fatalf("this is no PDF:\n%.500q", b)
	}
	number := func(i int) int {
		n, err := strconv.Atoi(string(b[m[2*i]:m[2*i+1]]))
		check(t, err)
		return n
	}
	size, table := number(1), b[m[4]:m[5]]
	if number(3) != size || number(6) != m[0] || len(table) != 20*size || string(table[:20]) != "0000000000 65535 f \n" {
		t.Fatalf("the table of objects is at %d, not %d, for %d objects:\n%s", m[0], number(6), size, table)
	}
	for n := 1; n < size; n++ {
		var at, end int
		_, err := fmt.Sscanf(string(table[20*n:20*n+20]), "%010d 00000 n \n", &at)
		check(t, err)
		if end = m[0]; n+1 < size {
			_, err = fmt.Sscanf(string(table[20*n+20:]), "%010d", &end)
			check(t, err)
		}
		object, begins := strings.CutPrefix(string(b[at:end]), fmt.Sprintf("%d 0 obj\n", n))
		object, ends := strings.CutSuffix(object, "\nendobj\n")
		if !begins || !ends {
			t.Fatalf("object %d is not at %d:\n%q", n, at, object)
		}
		f.objects = append(f.objects, object)
	}
	for _, object := range f.objects {
		f.follow(t, object)
	}
	return f
}

// follow looks at what an object names, and takes the content of a page.
func (f *readFile) follow(t testing.TB, object string) {
	t.Helper()
	m := content.FindStringSubmatch(object)
	if m == nil {
		for _, r := range reference.FindAllStringSubmatch(object, -1) {
			if n, err := strconv.Atoi(r[1]); err == nil && !strings.Contains(object, "("+r[0]) && n > len(f.objects) {
				t.Errorf("there is no object %d: %s", n, object)
			}
		}
		return
	}
	text := m[3]
	if strconv.Itoa(len(text)) != m[1] {
		t.Errorf("a page of %s bytes has %d", m[1], len(text))
	}
	if m[2] != "" {
		z, err := zlib.NewReader(strings.NewReader(text))
		check(t, err)
		all, err := io.ReadAll(z)
		check(t, err)
		text = string(all)
	}
	for rest := text; rest != ""; {
		word := operand.FindString(rest)
		if word == "" {
			t.Fatalf("nobody understands %.80q", rest)
		}
		rest = strings.TrimLeft(rest[len(word):], " ")
	}
	f.pages = append(f.pages, text)
}
