package wire

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A rendition is one file of a picture.
type rendition struct {
	Ref, Href, Type, Role string
	Width, Height, Size   int
}

// best returns the rendition to publish from: the largest JPEG that is no
// preview. A smaller one is better than a format that browsers do not show.
func best(all []rendition) (PictureRef, bool) {
	all = slices.DeleteFunc(slices.Clone(all), func(r rendition) bool { return r.Href == "" || !isImage(r.Type, r.Href) })
	if len(all) == 0 {
		return PictureRef{}, false
	}
	r := slices.MaxFunc(all, func(a, b rendition) int {
		return cmp.Or(
			cmp.Compare(min(sizeRank(a), 1), min(sizeRank(b), 1)), cmp.Compare(formatRank(a), formatRank(b)), cmp.Compare(sizeRank(a), sizeRank(b)),
			cmp.Compare(a.Width*a.Height, b.Width*b.Height), cmp.Compare(a.Size, b.Size),
		)
	})
	return PictureRef{Ref: r.Ref, Href: r.Href, Type: mediaType(r.Type, r.Href), Width: r.Width, Height: r.Height}, true
}

// sizeRank ranks a rendition by what its role says of its size.
func sizeRank(r rendition) int {
	switch squash(local(r.Role)) {
	case "thumbnail", "thumb", "quicklook", "icon", "squared120", "squared60":
		return 0
	case "preview", "viewimage", "lowres", "web":
		return 1
	}
	return 2
}

// formatRank ranks a rendition by how well browsers show its format.
func formatRank(r rendition) int {
	switch mediaType(r.Type, r.Href) {
	case "image/jpeg":
		return 2
	case "image/png", "image/webp", "image/gif", "image/avif":
		return 1
	}
	return 0
}

// isImage reports whether a file is a picture, by its type, or by its name
// where the type is missing.
func isImage(mime, href string) bool {
	return strings.HasPrefix(mediaType(mime, href), "image/")
}

// mediaType returns the MIME type that an agency means: they write "JPEG
// Baseline", "image/jpg", "Jpeg" or nothing at all.
func mediaType(sent, href string) string {
	word := strings.ToLower(strings.TrimSpace(sent))
	if strings.Contains(word, "/") && word != "image/jpg" {
		return word
	}
	if word == "" {
		word = strings.ToLower(path.Ext(href))
	}
	for _, known := range []struct{ part, mime string }{
		{"jp", "image/jpeg"},
		{"png", "image/png"},
		{"gif", "image/gif"},
		{"webp", "image/webp"},
		{"avif", "image/avif"},
		{"tif", "image/tiff"},
	} {
		if strings.Contains(word, known.part) {
			return known.mime
		}
	}
	return word
}

// pictureCredit returns who took a picture and who delivered it, "ANA RUIZ/AFP".
// told is the credit from the caption's end, used where nothing else is known.
func pictureCredit(by, agency, told string) string {
	by, agency = strings.TrimSpace(by), strings.TrimSpace(agency)
	switch {
	case by == "" && (agency == "" || strings.Contains(squash(told), squash(agency))):
		return cmp.Or(told, agency)
	case by == "" || strings.Contains(squash(agency), squash(by)):
		return agency
	case agency == "":
		return by
	}
	return by + "/" + agency
}

// number reads a whole number above zero; else it is 0.
func number(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 || n > 1<<30 {
		return 0
	}
	return n
}
