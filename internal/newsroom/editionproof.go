package newsroom

import (
	"bytes"

	"kawaraban/internal/newsletter"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// showEditionProof is what stands in the frame of an edition: the letter as somebody
// would get it who has had nothing.
func (d *Desk) showEditionProof(v *visit, a *reader.Actor) (*page.Answer, error) {
	e, err := d.Newsletters.EditionByID(v.Context(), a, v.Path("id"))
	if err != nil {
		return nil, err
	}
	return d.letter(v, e, v.Path("look"))
}

// letter sets an edition in the paper's face, in a frame in which nothing runs
// (decision 0032).
func (d *Desk) letter(v *visit, e newsletter.Edition, look string) (*page.Answer, error) {
	none := &problem.Problem{Kind: problem.NotFound, Detail: "There is no such preview."}
	if d.Editions == nil {
		return nil, none
	}
	c, err := d.Newsletters.Preview(v.Context(), e)
	if err != nil {
		return nil, err
	}
	html, text, err := d.Editions(v.Context(), c)
	if err != nil {
		return nil, err
	}
	body := page.Text("text/html; charset=utf-8", html)
	switch look {
	case "letter":
	case "dark":
		body = page.Text("text/html; charset=utf-8", darkLetter(html))
	case "text":
		body = page.Text("text/plain; charset=utf-8", []byte(text))
	default:
		return nil, none
	}
	return page.Show(body).Allow("frame-ancestors", "'self'").Allow("style-src", "'unsafe-inline'").
		Allow("sandbox", "allow-same-origin allow-popups allow-popups-to-escape-sandbox"), nil
}

// darkLetter is a letter as a program for mail shows it that is dark.
func darkLetter(html []byte) []byte {
	html = bytes.ReplaceAll(html, []byte("(prefers-color-scheme: dark)"), []byte("all"))
	return bytes.ReplaceAll(html, []byte(`content="light dark"`), []byte(`content="dark"`))
}
