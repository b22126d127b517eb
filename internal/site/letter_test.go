package site

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"kawaraban/internal/page"
	"kawaraban/internal/papertest"
	"kawaraban/internal/reader"
	"kawaraban/internal/secret"
)

// post is a letter of one kind, about what happened at a time that stands.
func post(kind reader.LetterKind, language string) *reader.Post {
	token, _ := secret.ParseToken(strings.Repeat("A", 43))
	p := &reader.Post{
		Kind: kind, To: "ana@readers.example", Language: language, Token: token, Life: 24 * time.Hour,
		Detail: "Firefox, Linux", At: time.Date(2025, 11, 3, 9, 0, 0, 0, time.UTC),
	}
	switch kind {
	case reader.LeaveBegins:
		p.Detail, p.Life = "2025-11-17T09:00:00Z", 14*24*time.Hour
	case reader.ExportReady:
		p.Detail, p.Life = "01JBSECRETFILE", 3*24*time.Hour
	case reader.AlreadyMember, reader.EmailTaken, reader.PasswordSet, reader.NewDevice, reader.FactorSet, reader.ConnectionSet:
		p.Token, p.Life = secret.Token{}, 0
	}
	return p
}

// TestLetters writes every kind of letter in every language: no word is missing
// and none is left to be filled in.
func TestLetters(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	kinds := map[string]bool{"copy": true, "life": true, "why": true}
	for kind := range where {
		kinds[string(kind)] = true
		for _, language := range page.Languages() {
			m, err := p.message(post(kind, language))
			check(t, err)
			for part, text := range map[string]string{"subject": m.Subject, "text": m.Text, "HTML": m.HTML} {
				if found := regexp.MustCompile(`%!|%s|%d|\{\w+\}|letter\.|ZgotmplZ|SECRETFILE|ana@`).FindString(text); found != "" || text == "" {
					t.Errorf("%s in %s: the %s holds %q\n%s", kind, language, part, found, text)
				}
			}
			if !strings.Contains(m.HTML, `<html lang="`+language) || strings.Contains(m.Subject, "\n") {
				t.Errorf("%s in %s: %s", kind, language, m.Subject)
			}
			path := "https://post.example" + where[kind]
			if strings.Count(m.HTML, `href="`+path) != 2 || strings.Count(m.Text, path) != 1 {
				t.Errorf("%s in %s does not lead to %s\n%s", kind, language, path, m.Text)
			}
		}
	}
	for _, name := range page.Languages() {
		l, err := page.NewLanguage(name, time.UTC)
		check(t, err)
		for _, key := range l.Keys() {
			kind, isLetter := strings.CutPrefix(key, "letter.")
			if kind, _, _ := strings.Cut(kind, "."); isLetter && !kinds[kind] {
				t.Errorf("%s: there is no letter for %q", name, key)
			}
		}
	}
}

// TestLetterPages holds whole letters against golden files.
func TestLetterPages(t *testing.T) {
	p := start(t, papertest.SQLite(t), nil)
	for _, test := range []struct {
		kind     reader.LetterKind
		language string
	}{{reader.Confirm, "en"}, {reader.LeaveBegins, "ja"}} {
		m, err := p.message(post(test.kind, test.language))
		check(t, err)
		name := fmt.Sprintf("letter-%s-%s", test.kind, test.language)
		papertest.Golden(t, name+".html", m.HTML)
		papertest.Golden(t, name+".txt", "Subject: "+m.Subject+"\n\n"+m.Text)
	}
}

// TestLettersInBrowser looks at letters as mail programs show them: on a phone
// and on a desk, in light and in dark.
func TestLettersInBrowser(t *testing.T) {
	ctx := papertest.Browser(t)
	p := start(t, papertest.SQLite(t), nil)
	pages := map[string]string{}
	for _, kind := range []reader.LetterKind{reader.Confirm, reader.NewDevice, reader.LeaveBegins} {
		for _, language := range page.Languages() {
			m, err := p.message(post(kind, language))
			check(t, err)
			name := fmt.Sprintf("%s in %s", kind, language)
			pages[name] = m.HTML
			for _, width := range []int64{320, 360, 1280} {
				_, err := chromedp.Run(ctx, chromedp.EmulateViewport(width, 900))
				check(t, err)
				_, err = chromedp.Run(ctx, chromedp.Navigate("about:blank"))
				check(t, err)
				set := fmt.Sprintf(`document.open(); document.write(%q); document.close(); document.documentElement.scrollWidth`, m.HTML)
				if got := ask[int64](t, ctx, set); got > width {
					t.Errorf("%s is %d wide on a screen of %d", name, got, width)
				}
				for _, v := range letterFaults(papertest.Axe(t, ctx)) {
					t.Errorf("%s at %d: %s", name, width, v)
				}
				ask[string](t, ctx, darken)
				if ground := ask[string](t, ctx, `getComputedStyle(document.body).backgroundColor`); ground != "rgb(22, 21, 19)" {
					t.Errorf("%s does not become dark: %s", name, ground)
				}
				for _, v := range letterFaults(papertest.Axe(t, ctx)) {
					t.Errorf("%s at %d, dark: %s", name, width, v)
				}
			}
		}
	}
	for _, m := range papertest.HTML(t, pages) {
		// Mail programs know no style sheets, only what HTML had before them.
		if m.Type == "error" && !regexp.MustCompile(`“(align|width|cellpadding|cellspacing)” attribute`).MatchString(m.Text) {
			t.Error(m.String())
		}
	}
}

// letterFaults leaves out what only pages need: landmarks.
func letterFaults(found []papertest.Violation) (faults []papertest.Violation) {
	for _, v := range found {
		if v.Rule != "region" && v.Rule != "landmark-one-main" {
			faults = append(faults, v)
		}
	}
	return faults
}
