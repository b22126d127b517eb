package vast

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Pick returns the file to play in a place that is width pixels wide: the
// narrowest that fills it, or the widest of all. Files come before streams, which
// not every browser plays. It is not ok when there is none.
func (l *Linear) Pick(width int) (f MediaFile, ok bool) {
	if l == nil || len(l.Media) == 0 {
		return f, false
	}
	return slices.MinFunc(l.Media, func(a, b MediaFile) int {
		return cmp.Or(
			cmp.Compare(rank(a), rank(b)),
			cmp.Compare(fit(a, width), fit(b, width)),
			// A reader's data are dearer than an ad's beauty.
			cmp.Compare(rate(a), rate(b)),
		)
	}), true
}

// rank puts what every browser plays first.
func rank(f MediaFile) int {
	codec := strings.ToLower(f.Codec)
	hevc := slices.ContainsFunc([]string{"hev1", "hvc1", "hevc", "h.265", "h265"}, func(s string) bool { return strings.Contains(codec, s) })
	switch {
	case f.Type == HLS:
		return 2
	case hevc:
		return 1
	}
	return 0
}

// fit is less for a file that suits better. One of unknown width suits least.
func fit(f MediaFile, width int) int64 {
	const far = 1 << 32
	switch {
	case f.Width == 0:
		return 2 * far
	case f.Width < width:
		return far - int64(f.Width)
	}
	return int64(f.Width) - int64(width)
}

func rate(f MediaFile) int { return cmp.Or(f.Bitrate, f.MaxBitrate, math.MaxInt) }
