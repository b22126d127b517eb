package site

import (
	"compress/zlib"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/page"
	"kawaraban/internal/papertest"
	"kawaraban/internal/promo"
)

// sponsored books a film that began two days ago.
func (p *press) sponsored(change func(*promo.Booking)) *promo.Booking {
	p.t.Helper()
	now := p.clock.Now().In(p.Paper.Zone)
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, p.Paper.Zone)
	return p.books(func(b *promo.Booking) {
		b.Sponsor, b.Title, b.Note, b.Kind, b.Goal = "Fjeld Bakery", "Bread at <six>", "canary", promo.Impressions, 10_000
		b.Begins, b.Ends = today.AddDate(0, 0, -2), today.AddDate(0, 0, 5)
		if change != nil {
			change(b)
		}
	})
}

// counted is what was counted of a booking in the hour of a moment.
func (p *press) counted(b *promo.Booking, at time.Time, numbers promo.Numbers) {
	p.t.Helper()
	p.tx(func(tx *db.Tx) error {
		for what, n := range numbers {
			if _, err := tx.Exec(p.t.Context(), `insert into promo_hour (booking, hour, what, n) values ($1, $2, $3, $4)`, b.ID, db.Time(at.Truncate(time.Hour)), what, n); err != nil {
				return err
			}
			if _, err := tx.Exec(p.t.Context(), `insert into promo_total (booking, what, n) values ($1, $2, $3)
				on conflict (booking, what) do update set n = promo_total.n + excluded.n`, b.ID, what, n); err != nil {
				return err
			}
		}
		return nil
	})
}

// link is the path of a new link to the report of a booking.
func (p *press) link(b *promo.Booking) string {
	p.t.Helper()
	check(p.t, p.Promo.SetLink(p.t.Context(), "", b.ID, true))
	b, err := p.Promo.Get(p.t.Context(), b.ID)
	check(p.t, err)
	return "/promo/report/" + p.Promo.Link(b)
}

// answer is what somebody gets at an address who sends these heads.
func (p *press) answer(path string, header ...string) (*http.Response, string) {
	p.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "https://post.example"+path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res := p.do(r)
	body, err := io.ReadAll(res.Body)
	check(p.t, err)
	return res, string(body)
}

// onPaper is what stands on the pages of a PDF, as its content streams write it.
func onPaper(t *testing.T, pdf string) (text string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`(?s)/FlateDecode >>\nstream\n(.*?)\nendstream\nendobj\n`).FindAllStringSubmatch(pdf, -1) {
		z, err := zlib.NewReader(strings.NewReader(m[1]))
		check(t, err)
		page, err := io.ReadAll(z)
		check(t, err)
		text += string(page)
	}
	return text
}

// TestSponsor gives a sponsor the report of a booking, as a page, a table and on paper.
func TestSponsor(t *testing.T) {
	papertest.Databases(t, func(t *testing.T, d *db.DB) {
		p := start(t, d, nil)
		b := p.sponsored(nil)
		yesterday := b.Begins.AddDate(0, 0, 1)
		p.counted(b, b.Begins.Add(time.Hour), promo.Numbers{promo.Served: 2000, promo.Viewed: 1200, promo.Started: 300, promo.Completed: 60, promo.Clicked: 12})
		p.counted(b, yesterday, promo.Numbers{promo.Served: 500, promo.Viewed: 300, promo.Started: 100, promo.Quarter: 80, promo.LeftOut: 7})
		p.counted(b, yesterday.Add(23*time.Hour), promo.Numbers{promo.Viewed: 34})
		path := p.link(b)

		res, body := p.answer(path)
		for _, want := range []string{
			"Bread at &lt;six&gt; · Fjeld Bakery", "From Nov. 1, 2025 to Nov. 7, 2025, in The Arl Valley Post. 10,000 impressions are promised.", "As of Nov. 3, 2025, 18:00 JST.",
			"<b>1,534</b> <span>15.3% of what is promised</span>", "<b>400</b> <span>26.1% of impressions</span>", "<b>60</b> <span>15.0% of those started</span>", "<b>12</b> <span>0.8% of impressions</span>",
			`<th scope="row">Impressions</th><td>1,534</td><td class="part">61.4% of what was served</td>`, `<th scope="row">Left out</th><td>7</td>`,
			`<th scope="row">Nov. 1, 2025</th><td>1,200</td><td>300</td><td>60</td><td>12</td>`, `<th scope="row">Nov. 2, 2025</th><td>334</td><td>100</td><td>0</td><td>0</td>`,
			`<th scope="row">Nov. 3, 2025</th><td>0</td>`, "The best day had 1,200 impressions: Nov. 1, 2025.",
			`<rect x="12" y="0" width="8" height="100"><title>Nov. 1, 2025: 1,200</title></rect>`, `<rect x="46" y="73" width="8" height="27">`, `<rect x="79" y="100" width="8" height="0">`,
			`content="noindex"`, path + "/report.pdf", "sponsor.",
		} {
			if !strings.Contains(body, want) {
				t.Errorf("the page does not say %q:\n%s", want, body)
			}
		}
		private(t, res)
		if strings.Contains(body, "canary") || strings.Contains(body, "canonical") {
			t.Errorf("the page tells too much:\n%s", body)
		}

		res, body = p.answer(path + "/report.csv")
		if want := "day,served,viewed,started,quarter,half,third,completed,clicked,leftout\n2025-11-01,2000,1200,300,0,0,0,60,12,0\n2025-11-02,500,334,100,80,0,0,0,0,7\n2025-11-03,0,0,0,0,0,0,0,0,0\n"; body != want {
			t.Errorf("the table is\n%s\nnot\n%s", body, want)
		}
		private(t, res)

		res, body = p.answer(path + "/report.pdf")
		if res.Header.Get("Content-Type") != "application/pdf" || res.Header.Get("Content-Disposition") != `attachment; filename="report.pdf"` || res.Header.Get("X-Robots-Tag") != "noindex" {
			t.Errorf("the file comes with %v", res.Header)
		}
		private(t, res)
		text := onPaper(t, body)
		for _, want := range []string{
			"(The Arl Valley Post)", `(Bread at <six> \267 Fjeld Bakery)`, "(1,534)", "(61.4% of what was served)", "(Nov. 1, 2025)", "(1,200)", "(334)", "(How this is counted)", "(Page 1 of 1)", "(Impressions by day)",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("the paper does not say %q:\n%s", want, text)
			}
		}
		if !strings.Contains(body, "/Lang (en)") || !strings.Contains(body, "(D:20251103090000Z)") {
			t.Error("the file does not say its language and its day")
		}
		for _, bad := range []string{path + "/report.xls", path + "x", path + "x/report.pdf", "/promo/report/x/report.csv"} {
			if res, body := p.answer(bad); res.StatusCode != http.StatusNotFound || strings.Contains(body, "Fjeld") {
				t.Errorf("%s: %d", bad, res.StatusCode)
			}
		}

		again := p.link(b)
		check(t, p.Promo.SetLink(t.Context(), "", b.ID, false))
		for _, dead := range []string{path, again, again + "/report.csv", again + "/report.pdf"} {
			if res, body := p.answer(dead); res.StatusCode != http.StatusNotFound || !strings.Contains(body, "no longer shared") || strings.Contains(body, "Fjeld") {
				t.Errorf("what was taken back answers %d:\n%s", res.StatusCode, body)
			}
		}
		if res, _ := p.answer(p.link(b)); res.StatusCode != http.StatusOK {
			t.Errorf("a new link: %d", res.StatusCode)
		}
	})
}

// private is what nobody may keep.
func private(t *testing.T, res *http.Response) {
	t.Helper()
	if got := res.Header.Get("Cache-Control"); res.StatusCode != http.StatusOK || !strings.Contains(got, "no-store") || res.Header.Get("Surrogate-Key") != "" {
		t.Errorf("status %d with %v", res.StatusCode, res.Header)
	}
}

// TestSponsorPlot has no bar that is a wall, and names few days below their bars.
func TestSponsorPlot(t *testing.T) {
	w, err := page.NewLanguage("en", time.UTC)
	check(t, err)
	for n, want := range map[int]struct {
		x     []int
		names string
	}{
		1:  {[]int{46}, "[March 2]"},
		2:  {[]int{21, 71}, "[March 2 March 3]"},
		6:  {[]int{4, 21, 37}, "[March 2 March 3 March 4 March 5 March 6 March 7]"},
		7:  {[]int{3, 17, 31}, "[March 2, 2026 March 8, 2026]"},
		90: {[]int{1, 11, 21}, "[March 2, 2026 May 30, 2026]"},
	} {
		days := make([]promo.Day, n)
		for i := range days {
			days[i] = promo.Day{Day: time.Date(2026, 3, 2+i, 0, 0, 0, 0, time.UTC), Numbers: promo.Numbers{promo.Viewed: 10 * (i + 1)}}
		}
		got := sponsorBars(w, days)
		if got.Wide != 10*max(n, 10) || len(got.Bars) != n || fmt.Sprint(got.Names) != want.names || got.Few != (n <= 6) {
			t.Errorf("%d days are drawn %d wide with %v", n, got.Wide, got.Names)
		}
		for i, x := range want.x {
			if got.Bars[i].X != x {
				t.Errorf("day %d of %d is at %d, want %d", i+1, n, got.Bars[i].X, x)
			}
		}
	}
}

// TestSponsorEmpty says why there are no numbers.
func TestSponsorEmpty(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	b := p.sponsored(func(b *promo.Booking) {
		b.Kind, b.Begins, b.Ends = promo.House, b.Begins.AddDate(0, 0, 10), time.Time{}
	})
	path := p.link(b)
	says := func(want string) {
		t.Helper()
		body := p.page(path)
		if !strings.Contains(body, want) || strings.Contains(body, "<svg") || strings.Contains(body, "<table") {
			t.Errorf("it does not say %q:\n%s", want, body)
		}
		if text := onPaper(t, p.page(path+"/report.pdf")); !strings.Contains(text, want) {
			t.Errorf("the paper does not say %q:\n%s", want, text)
		}
	}
	says("It has not begun yet. From Nov. 11, 2025 on, what is counted stands here.")
	if body := p.page(path + "/report.csv"); strings.Count(body, "\n") != 1 {
		t.Errorf("a table of no day:\n%s", body)
	}
	p.clock.Add(9 * 24 * time.Hour)
	says("Nothing has been counted yet.")
}

// TestSponsorJapanese is the report of a Japanese paper.
func TestSponsorJapanese(t *testing.T) {
	p := start(t, papertest.SQLite(t), func(paper *Paper) { paper.Language, paper.Name = "ja", "有瑠渓谷新聞" })
	b := p.sponsored(func(b *promo.Booking) { b.Title = "六時のパン" })
	p.counted(b, b.Begins, promo.Numbers{promo.Served: 2000, promo.Viewed: 1200})
	path := p.link(b)
	body := p.page(path)
	for _, want := range []string{"六時のパン · Fjeld Bakery", "2025年11月1日 から 2025年11月7日 まで、有瑠渓谷新聞 に掲載。", "約束の 12.0%", "最多は 1,200 回（2025年11月1日）。", "数え方", `lang="ja"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q:\n%s", want, body)
		}
	}
	pdf := p.page(path + "/report.pdf")
	if text := onPaper(t, pdf); !strings.Contains(text, "<516D6642306E30D130F3>") || !strings.Contains(pdf, "/Lang (ja)") || !strings.Contains(pdf, "/UniJIS-UTF16-H") {
		t.Errorf("the paper is not Japanese:\n%s", text)
	}
}

// TestSponsorLooks looks at a report in a browser: on a phone and a desk, by day and by
// night, of some days and of a year.
func TestSponsorLooks(t *testing.T) {
	p := served(t)
	b := p.sponsored(func(b *promo.Booking) {
		b.Title, b.Goal, b.Begins, b.Ends = "The tide is in: see the bay from the water", 60_000, b.Begins.AddDate(0, 0, -25), b.Ends.AddDate(0, 0, 3)
	})
	for i := range 28 {
		n := 700 + i*i*7919%1100
		p.counted(b, b.Begins.AddDate(0, 0, i), promo.Numbers{
			promo.Served: n * 3 / 2, promo.Viewed: n, promo.Started: n / 4, promo.Quarter: n / 5, promo.Half: n / 6, promo.Third: n / 7, promo.Completed: n / 8, promo.Clicked: n / 50, promo.LeftOut: 3,
		})
	}
	some := func(days int) *promo.Booking {
		b := p.sponsored(func(b *promo.Booking) { b.Begins = b.Begins.AddDate(0, 0, 3-days) })
		for i := range days {
			p.counted(b, b.Begins.AddDate(0, 0, i), promo.Numbers{promo.Served: 90, promo.Viewed: 30 + i*i*7919%40})
		}
		return b
	}
	early := p.sponsored(func(b *promo.Booking) { b.Begins, b.Ends = b.Begins.AddDate(0, 1, 0), b.Ends.AddDate(0, 1, 0) })
	ctx := papertest.Browser(t)
	for name, path := range map[string]string{"report": p.link(b), "coming": p.link(early), "one": p.link(some(1)), "two": p.link(some(2)), "six": p.link(some(6)), "quarter": p.link(some(90))} {
		for _, width := range []int64{320, 360, 1280} {
			open(t, ctx, p.Paper.URL(path), width, 900)
			becomes(t, ctx, `!!document.querySelector(".take")`)
			if got := ask[int64](t, ctx, `document.documentElement.scrollWidth`); got > width {
				t.Errorf("%s is %d wide on a screen of %d", name, got, width)
			}
			photograph(t, ctx, fmt.Sprintf("%d-sponsor-%s", width, name))
			examine(t, ctx, fmt.Sprintf("%s at %d", name, width))
			photograph(t, ctx, fmt.Sprintf("%d-sponsor-%s-dark", width, name))
		}
	}
}
