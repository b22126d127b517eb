package vast

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// corpus lists IAB's samples of VAST 3.0 to 4.1 and what each of them is: a video
// with the file that is picked for 640 pixels, a wrapper with the video behind it,
// or the code for which it is not shown. What is left out is mostly trackings:
// in 3.0 and 4.0 all are http.
var corpus = map[string]string{
	"3.0/Event_Tracking-test.xml":                         "video VAST-4.0-Short-Intro.mp4 16s, 1 files, 0 impressions, 0 trackings; dropped: 8 addresses that are not https",
	"3.0/Inline_Companion_Tag-test.xml":                   "video VAST-4.0-Short-Intro.mp4 16s, 1 files, 0 impressions, 1 trackings; dropped: 8 addresses that are not https, 1 overlay, companion or further video",
	"3.0/Inline_Linear_Tag-test.xml":                      "video VAST-4.0-Short-Intro.mp4 16s, 1 files, 0 impressions, 1 trackings; dropped: 9 addresses that are not https",
	"3.0/Inline_Non-Linear_Tag-test.xml":                  "201; dropped: 2 addresses that are not https, 1 overlay, companion or further video",
	"3.0/No_Wrapper_Tag-test.xml":                         "video VAST-4.0-Short-Intro.mp4 16s, 1 files, 0 impressions, 0 trackings; dropped: 8 addresses that are not https",
	"3.0/Video_Clicks_and_click_tracking-Inline-test.xml": "video VAST-4.0-Short-Intro.mp4 16s, 1 files, 0 impressions, 0 trackings; dropped: 9 addresses that are not https",
	"3.0/Wrapper_Tag-test.xml":                            "wrapper of 0 impressions and 0 trackings to a video VAST-4.0-Short-Intro.mp4 16s, 1 files, 0 impressions, 1 trackings; dropped: 2 addresses that are not https, 1 overlay, companion or further video",
	"4.0/Ad_Verification-test.xml":                        "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 0 impressions, 0 trackings, Ad-ID 8465; dropped: 8 addresses that are not https, 2 verifications",
	"4.0/Category-test.xml":                               "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 0 impressions, 0 trackings, category American Cuisine, category Guitar, category Vegan, Ad-ID 8465; dropped: 8 addresses that are not https",
	"4.0/Conditional_Ad-test.xml":                         "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 0 impressions, 0 trackings, category AD CONTENT description category, Ad-ID 8465; dropped: 8 addresses that are not https",
	"4.0/Event_Tracking-test.xml":                         "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 0 impressions, 0 trackings, Ad-ID 8465; dropped: 8 addresses that are not https",
	"4.0/Inline_Companion_Tag-test.xml":                   "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 0 impressions, 0 trackings, Ad-ID 8465; dropped: 8 addresses that are not https, 1 overlay, companion or further video",
	"4.0/Inline_Non-Linear_Tag-test.xml":                  "201; dropped: 2 addresses that are not https, 1 overlay, companion or further video",
	"4.0/Inline_Simple.xml":                               "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 0 impressions, 0 trackings, category AD CONTENT description category, Ad-ID 8465; dropped: 8 addresses that are not https",
	"4.0/Ready_to_serve_Media_Files_check-test.xml":       "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 0 impressions, 0 trackings, Ad-ID 8465; dropped: 8 addresses that are not https",
	"4.0/SSAI_stitching__VPAID_separation-test.xml":       "403; dropped: 9 addresses that are not https, 1 program",
	"4.0/SSAI_stitching_mezzanine_file_support-test.xml":  "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 0 impressions, 0 trackings, Ad-ID 1234; dropped: 8 addresses that are not https",
	"4.0/Universal_Ad_ID-test.xml":                        "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 0 impressions, 0 trackings, category AD CONTENT description category, Ad-ID 8465; dropped: 8 addresses that are not https",
	"4.0/Video_Clicks_and_click_tracking-Inline-test.xml": "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 0 impressions, 0 trackings, category AD CONTENT description category, Ad-ID 8465; dropped: 9 addresses that are not https",
	"4.0/Viewable_Impression-test.xml":                    "wrapper of 0 impressions and 0 trackings to a video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 0 impressions, 0 trackings, Ad-ID 8465; dropped: 7 addresses that are not https",
	"4.0/Wrapper_Tag-test.xml":                            "wrapper of 0 impressions and 0 trackings to a video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 0 impressions, 0 trackings, Ad-ID 8465; dropped: 2 addresses that are not https, 1 overlay, companion or further video",
	"4.1/Ad_Verification-test.xml":                        "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 1 impressions, 5 trackings, Ad-ID 8465; dropped: 1 address that is not https, 2 verifications",
	"4.1/Audio_DAAST_Sample.xml":                          "audio 200; dropped: 1 address that is not https",
	"4.1/Category-test.xml":                               "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 1 impressions, 5 trackings, category American Cuisine, category Guitar, category Vegan, Ad-ID 8465; dropped: 1 address that is not https",
	"4.1/Closed_Caption_Test.xml":                         "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 1 impressions, 5 trackings, en text/srt, fr text/srt, zh-TW text/vtt, zh-CH application/ttml+xml, Ad-ID 8465; dropped: 1 address that is not https",
	"4.1/Conditional_Ad-test.xml":                         "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 1 impressions, 5 trackings, category AD CONTENT description category, Ad-ID 8465, conditional; dropped: 1 address that is not https",
	"4.1/Event_Tracking-test.xml":                         "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 1 impressions, 5 trackings, Ad-ID 8465; dropped: 1 address that is not https",
	"4.1/Inline_Companion_Tag-test.xml":                   "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 1 impressions, 5 trackings, Ad-ID 8466; dropped: 1 address that is not https, 1 overlay, companion or further video",
	"4.1/Inline_Linear_Tag-test.xml":                      "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 1 impressions, 5 trackings, Ad-ID 8465; dropped: 1 address that is not https",
	"4.1/Inline_Non-Linear_Tag-test.xml":                  "201; dropped: 1 overlay, companion or further video",
	"4.1/Inline_Simple.xml":                               "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 1 impressions, 5 trackings, category AD CONTENT description category, Ad-ID 8465; dropped: 1 address that is not https",
	"4.1/Ready_to_serve_Media_Files_check-test.xml":       "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 1 impressions, 5 trackings, Ad-ID 8465; dropped: 1 address that is not https",
	"4.1/SSAI_stitching__VPAID_separation-test.xml":       "video vast_4.0_pilot-iab-hd.mp4 16s, 1 files, 1 impressions, 5 trackings, Ad-ID 8465; dropped: 1 address that is not https, 1 program",
	"4.1/SSAI_stitching_mezzanine_file_support-test.xml":  "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 1 impressions, 5 trackings, Ad-ID 1234; dropped: 1 address that is not https",
	"4.1/Universal_Ad_ID-test.xml":                        "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 1 impressions, 5 trackings, category AD CONTENT description category, Ad-ID 8465; dropped: 1 address that is not https",
	"4.1/Video_Clicks_and_click_tracking-Inline-test.xml": "video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 1 impressions, 5 trackings, category AD CONTENT description category, Ad-ID 8465; dropped: 2 addresses that are not https",
	"4.1/Viewable_Impression-test.xml":                    "wrapper of 1 impressions and 0 trackings to a video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 1 impressions, 0 trackings, Ad-ID 8465; dropped: 2 addresses that are not https",
	"4.1/Wrapper_Tag-test.xml":                            "wrapper of 1 impressions and 0 trackings to a video VAST-4.0-Short-Intro-low-resolution.mp4 16s, 3 files, 1 impressions, 0 trackings, Ad-ID 8465; dropped: 1 overlay, companion or further video",
}

// samples returns the folder of IAB's samples, which are not ours to keep.
func samples(t *testing.T) string {
	t.Helper()
	folder := filepath.Join("..", "..", "..", "..", "shared", "data", "vast")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("IAB's samples of VAST are not here (%s): nothing to compare with", folder)
	}
	return folder
}

// TestCorpus reads every sample, and resolves it among the others: a wrapper's
// address on GitHub is the file.
func TestCorpus(t *testing.T) {
	folder, seen := samples(t), map[string]bool{}
	fetch := func(_ context.Context, address string) ([]byte, error) {
		_, name, ok := strings.Cut(address, "/VAST_Samples/master/VAST%20")
		if !ok {
			return nil, fs.ErrNotExist
		}
		return os.ReadFile(filepath.Join(folder, filepath.FromSlash(strings.Replace(name, "%20Samples", "", 1))))
	}
	err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, file)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		seen[name] = true
		d, err := Parse(read(t, file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return nil
		}
		if !strings.HasPrefix(name, d.Version+"/") || len(d.Ads) != 1 {
			t.Errorf("%s: version %s, %d ads", name, d.Version, len(d.Ads))
		}
		if got := summary(t, d, fetch); got != corpus[name] {
			t.Errorf("%q: %q, want %q", name, got, corpus[name])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range corpus {
		if !seen[name] {
			t.Errorf("%s is in the list and not in the folder", name)
		}
	}
}

// summary says what a sample is.
func summary(t *testing.T, d Document, fetch Fetch) string {
	t.Helper()
	a := d.Ads[0]
	said := "video"
	if a.Wrapper != nil {
		said = fmt.Sprintf("wrapper of %d impressions and %d trackings to a", len(a.Impressions), count(a))
	}
	got, err := d.Resolve(t.Context(), Macros{}, fetch)
	if err != nil {
		said = fmt.Sprint(int(code(t, err)))
		if a.Type != Video {
			said = string(a.Type) + " " + said
		}
	} else {
		if a.Wrapper != nil {
			said += " video"
		}
		f, _ := got.Linear.Pick(640)
		said += fmt.Sprintf(" %s %s, %d files, %d impressions, %d trackings", f.Address[strings.LastIndexByte(f.Address, '/')+1:], got.Linear.Duration, len(got.Linear.Media), len(got.Impressions), count(got))
		for _, c := range got.Linear.Captions {
			said += ", " + c.Language + " " + c.Type
		}
		for _, c := range got.Categories {
			said += ", category " + c.Code
		}
		for _, u := range got.Linear.UniversalIDs {
			said += ", " + u.Registry + " " + u.Value
		}
	}
	if a.Conditional {
		said += ", conditional"
	}
	if dropped := a.Dropped.String(); dropped != "" {
		said += "; dropped: " + dropped
	}
	return said
}

// count returns how many addresses want to know of the video.
func count(a Ad) int {
	if a.Linear == nil {
		return 0
	}
	return len(slices.Concat(a.Linear.ClickTracking, a.Linear.CustomClicks)) + len(a.Linear.Trackings)
}
