package page

import (
	_ "embed"
	"fmt"
	"image/color"
	"math"
	"strconv"
	"strings"

	"kawaraban/internal/problem"
)

//go:embed tokens.css
var tokens string

//go:embed ground.css
var ground string

// What tokens.css says, for those who need to know it outside the style sheet.
// A test holds the two against each other.
const (
	PaperLight  = "#faf7f0"
	PaperDark   = "#161513"
	accentLight = "#b5301b"
	accentDark  = "#ff7a5c"
)

// Colours are what the operator of a paper chooses: the one colour beside ink.
type Colours struct {
	Accent     string // "#rrggbb" on light paper, in place of vermilion; "" is vermilion
	AccentDark string // on dark paper; "" is ours, or Accent where only that is given
}

// minContrast is what text needs against its ground (WCAG 2.2, 1.4.3).
const minContrast = 4.5

// Check refuses accents that some readers could not read, and says why. An
// accent that is good on light paper only needs a second one.
func (c Colours) Check() error {
	for _, test := range []struct{ colour, ground, said string }{
		{c.Light(), PaperLight, "The accent colour %s has a contrast of %.1f to 1 on the paper (%s); text needs %.1f. Choose a darker one."},
		{c.Dark(), PaperDark, "The accent colour for dark screens %s has a contrast of %.1f to 1 on the paper (%s); text needs %.1f. Choose a lighter one."},
	} {
		got, err := contrast(test.colour, test.ground)
		if err != nil {
			return err
		}
		if got < minContrast {
			args := []any{test.colour, math.Floor(got*10) / 10, test.ground, minContrast}
			return &problem.Problem{Kind: problem.Invalid, Detail: fmt.Sprintf(test.said, args...), Format: test.said, Args: args}
		}
	}
	return nil
}

// Light is the accent on light paper.
func (c Colours) Light() string {
	if c.Accent == "" {
		return accentLight
	}
	return strings.ToLower(c.Accent)
}

// Dark is the accent on dark paper: the one chosen for it, else the light one's
// if only that was chosen, because a paper has one accent.
func (c Colours) Dark() string {
	switch {
	case c.AccentDark != "":
		return strings.ToLower(c.AccentDark)
	case c.Accent != "":
		return strings.ToLower(c.Accent)
	default:
		return accentDark
	}
}

// Sheet is how the style sheet of every face begins: the tokens, the operator's
// accents, and what pages have in common. Check has seen that the accents are
// nothing but hexadecimal digits.
func (c Colours) Sheet() string {
	return tokens + fmt.Sprintf("\n:root { --accent: %[1]s; --alarm: %[2]s; }\n@media (prefers-color-scheme: dark) { :root { --accent: %[2]s; } }\n\n", c.Light(), c.Dark()) + ground + "\n"
}

// DarkSheet makes a page dark on every screen, for those who want to see how it
// looks there.
func (c Colours) DarkSheet() string {
	_, dark, _ := strings.Cut(tokens, "@media (prefers-color-scheme: dark) {")
	dark, _, _ = strings.Cut(dark, "\n}")
	return strings.TrimSpace(dark) + fmt.Sprintf("\n:root { --accent: %s; color-scheme: dark; }\n", c.Dark())
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
	c, err := ParseColour(colour)
	if err != nil {
		return 0, err
	}
	linear := func(part uint8) float64 {
		v := float64(part) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.R) + 0.7152*linear(c.G) + 0.0722*linear(c.B), nil
}

const noColour = "%q is no colour. Write it as # and six hexadecimal digits, such as %s."

// ParseColour reads "#rrggbb".
func ParseColour(s string) (color.RGBA, error) {
	digits, found := strings.CutPrefix(s, "#")
	n, err := strconv.ParseUint(digits, 16, 32)
	if !found || len(digits) != 6 || err != nil {
		return color.RGBA{}, &problem.Problem{
			Kind: problem.Invalid, Err: err,
			Detail: fmt.Sprintf(noColour, s, accentLight), Format: noColour, Args: []any{s, accentLight},
		}
	}
	return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 0xff}, nil
}
