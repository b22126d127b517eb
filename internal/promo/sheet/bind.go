package sheet

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode/utf16"
)

// The first objects of a file. Those of the fonts that it uses follow, then two for each
// page.
const (
	catalog = iota + 1
	pageTree
	about
	firstFont
)

// A book is a file of objects; each is written after the one with the number before it.
type book struct {
	bytes.Buffer
	at []int // where the objects begin
}

// object writes the next object and returns its number.
func (b *book) object(format string, args ...any) int {
	b.at = append(b.at, b.Len())
	fmt.Fprintf(b, "%d 0 obj\n", len(b.at))
	fmt.Fprintf(b, format, args...)
	b.WriteString("\nendobj\n")
	return len(b.at)
}

// bind makes a file of the pages.
func (p *press) bind(packed bool) ([]byte, error) {
	r, b := p.report, new(book)
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n") // the second line says that it is no text
	fonts, names := p.fonts()
	first := firstFont + len(fonts)
	var kids strings.Builder
	for i := range p.pages {
		fmt.Fprintf(&kids, " %d 0 R", first+2*i)
	}
	b.object("<< /Type /Catalog /Pages %d 0 R /Lang %s /ViewerPreferences << /DisplayDocTitle true >> >>", pageTree, words(r.Lang))
	b.object("<< /Type /Pages /Count %d /Kids [%s ] /MediaBox [0 0 %s %s] /Resources << /Font <<%s >> >> >>",
		len(p.pages), kids.String(), points(pageWide), points(pageHigh), names)
	made := r.Made.UTC().Format("D:20060102150405Z")
	b.object("<< /Title %s /Author %s /Subject %s /CreationDate (%s) /ModDate (%s) >>", words(clean(r.Headline)), words(clean(r.From)), words(clean(r.Kicker)), made, made)
	for _, f := range fonts {
		b.object("%s", f)
	}
	for _, page := range p.pages {
		n := len(b.at) + 1
		b.object("<< /Type /Page /Parent %d 0 R /Contents %d 0 R >>", pageTree, n+1)
		content, filter, err := page.Bytes(), "", error(nil)
		if packed {
			if content, err = deflate(content); err != nil {
				return nil, err
			}
			filter = " /Filter /FlateDecode"
		}
		b.object("<< /Length %d%s >>\nstream\n%s\nendstream", len(content), filter, content)
	}
	b.end()
	return b.Bytes(), nil
}

// end writes where the objects are, and of which the file is made.
func (b *book) end() {
	id := sha256.Sum256(b.Bytes())
	xref := b.Len()
	fmt.Fprintf(b, "xref\n0 %d\n0000000000 65535 f \n", len(b.at)+1)
	for _, at := range b.at {
		fmt.Fprintf(b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(b, "trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%X> <%X>] >>\nstartxref\n%d\n%%%%EOF\n",
		len(b.at)+1, catalog, about, id[:16], id[:16], xref)
}

// fonts are the objects of the fonts that were used, and what pages call them.
func (p *press) fonts() (objects []string, names string) {
	for f, used := range p.uses {
		if !used {
			continue
		}
		n := firstFont + len(objects)
		names += fmt.Sprintf(" /F%d %d 0 R", f+1, n)
		switch face(f) {
		case plain:
			objects = append(objects, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
		case bold:
			objects = append(objects, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>")
		case japanese:
			objects = append(objects,
				fmt.Sprintf("<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiKakuGo-W5-UniJIS-UTF16-H /Encoding /UniJIS-UTF16-H /DescendantFonts [%d 0 R] >>", n+1),
				fmt.Sprintf("<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiKakuGo-W5 /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 5 >> /DW 1000 /W [327 389 500] /FontDescriptor %d 0 R >>", n+2),
				"<< /Type /FontDescriptor /FontName /HeiseiKakuGo-W5 /Flags 4 /FontBBox [-92 -250 1010 922] /ItalicAngle 0 /Ascent 752 /Descent -271 /CapHeight 737 /XHeight 553 /StemV 114 >>")
		}
	}
	return objects, names
}

func deflate(content []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, zlib.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("pack a page: %w", err)
	}
	if _, err = w.Write(content); err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("pack a page: %w", err)
	}
	return b.Bytes(), nil
}

// words is a text outside of pages: as it is when it is ASCII, else in UTF-16.
func words(text string) string {
	ascii := true
	for _, r := range text {
		ascii = ascii && ' ' <= r && r <= '~'
	}
	if ascii {
		return quoted([]byte(text))
	}
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		fmt.Fprintf(&b, "%04X", unit)
	}
	return "<FEFF" + b.String() + ">"
}

// quoted is a string of bytes as PDF writes it, in ASCII.
func quoted(code []byte) string {
	var b strings.Builder
	b.WriteByte('(')
	for _, c := range code {
		switch {
		case c == '(' || c == ')' || c == '\\':
			b.Write([]byte{'\\', c})
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, "\\%03o", c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte(')')
	return b.String()
}
