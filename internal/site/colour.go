package site

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"kawaraban/internal/problem"
)

// What tokens.css says, for those who need to know it outside the style sheet.
// A test holds the two against each other.
const (
	paperLight  = "#faf7f0"
	paperDark   = "#161513"
	accentLight = "#b5301b"
	accentDark  = "#ff7a5c"
)

// minContrast is what text needs against its ground (WCAG 2.2, 1.4.3).
const minContrast = 4.5

// CheckColours refuses an operator's accents that some readers could not read,
// and says why. An accent that is good on light paper only needs a second one.
func CheckColours(accent, dark string) error {
	p := Paper{Accent: accent, AccentDark: dark}
	for _, test := range []struct{ colour, ground, setting, advice string }{
		{p.accent(), paperLight, "accent colour", "Choose a darker one."},
		{p.accentDark(), paperDark, "accent colour for dark screens", "Choose a lighter one."},
	} {
		got, err := contrast(test.colour, test.ground)
		if err != nil {
			return err
		}
		if got < minContrast {
			return &problem.Problem{Kind: problem.Invalid, Detail: fmt.Sprintf(
				"The %s %s has a contrast of %.1f to 1 on the paper (%s); text needs %.1f. %s",
				test.setting, test.colour, math.Floor(got*10)/10, test.ground, minContrast, test.advice)}
		}
	}
	return nil
}

// accent is the one colour of the paper beside ink.
func (p *Paper) accent() string {
	if p.Accent == "" {
		return accentLight
	}
	return strings.ToLower(p.Accent)
}

// accentDark is the accent on dark paper: the one chosen for it, else the light
// one's if only that was chosen, because a paper has one accent.
func (p *Paper) accentDark() string {
	switch {
	case p.AccentDark != "":
		return strings.ToLower(p.AccentDark)
	case p.Accent != "":
		return strings.ToLower(p.Accent)
	default:
		return accentDark
	}
}

// colours is what the operator's accents add to the style sheet. CheckColours
// has seen that they are nothing but hexadecimal digits.
func (p *Paper) colours() string {
	return fmt.Sprintf(":root{--accent:%s}\n@media (prefers-color-scheme:dark){:root{--accent:%s}}\n", p.accent(), p.accentDark())
}

// contrast is the ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio").
func contrast(a, b string) (float64, error) {
	x, err := luminance(a)
	if err != nil {
		return 0, err
	}
	y, err := luminance(b)
	if err != nil {
		return 0, err
	}
	return (max(x, y) + 0.05) / (min(x, y) + 0.05), nil
}

// luminance is WCAG's relative luminance of "#rrggbb", 0 to 1.
func luminance(colour string) (float64, error) {
	r, g, b, err := parseColour(colour)
	if err != nil {
		return 0, err
	}
	linear := func(c uint8) float64 {
		v := float64(c) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b), nil
}

func parseColour(s string) (r, g, b uint8, err error) {
	digits, found := strings.CutPrefix(s, "#")
	n, err := strconv.ParseUint(digits, 16, 32)
	if !found || len(digits) != 6 || err != nil {
		return 0, 0, 0, &problem.Problem{
			Kind: problem.Invalid, Err: err,
			Detail: fmt.Sprintf("%q is no colour. Write it as # and six hexadecimal digits, such as %s.", s, accentLight),
		}
	}
	return uint8(n >> 16), uint8(n >> 8), uint8(n), nil
}
