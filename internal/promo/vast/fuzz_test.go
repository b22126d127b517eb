package vast

import (
	"bytes"
	"errors"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// FuzzParse holds what is true of whatever a server sends: an error of ours or a
// document within the limits, only https addresses, no programs; and what can be
// written is read as it was written.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.xml"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		f.Add(read(f, file))
	}
	for _, ad := range []Ad{promotion(), plain()} {
		data, err := Document{Ads: []Ad{ad}}.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("<VAST version='9'/>"))
	f.Add([]byte("<!DOCTYPE x [<!ENTITY a 'b'>]><VAST>&a;</VAST>"))
	f.Add([]byte("\xff\xfe<\x00V\x00A\x00S\x00T\x00/\x00>\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse(data)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Code < 100 || e.Code > 102 || e.Detail == "" {
				t.Fatalf("%#v", err)
			}
			return
		}
		checkDocument(t, d)
		for _, a := range d.Ads {
			checkWritten(t, a)
		}
	})
}

// checkDocument holds limits and addresses.
func checkDocument(t *testing.T, d Document) {
	t.Helper()
	if len(d.Ads) > maxAds {
		t.Errorf("%d ads", len(d.Ads))
	}
	eachString(reflect.ValueOf(d), "", func(field, s string) {
		if len(s) > max(3*maxURL, 4*maxText) {
			t.Errorf("%s has %d bytes", field, len(s))
		}
		if field != "Address" && field != "ClickThrough" && field != "Tag" && field != "Errors" && field != "Viewable" && field != "NotViewable" && field != "Undetermined" || s == "" {
			return
		}
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsAny(s, "<>\" \n") {
			t.Errorf("the address %q of %s is taken: %v", s, field, err)
		}
		if filled := Expand(s, Macros{}); strings.ContainsAny(filled, "[]") {
			t.Errorf("%q has a bracket", filled)
		} else if _, err := url.Parse(filled); err != nil {
			t.Errorf("%q is none any more: %v", filled, err)
		}
	})
	for _, a := range d.Ads {
		if a.Linear == nil {
			continue
		}
		if len(a.Linear.Media) > maxMedia || len(a.Linear.Trackings) > maxAddress || a.Linear.Duration < 0 || a.Linear.Duration >= day {
			t.Errorf("%d files, %d trackings, %v", len(a.Linear.Media), len(a.Linear.Trackings), a.Linear.Duration)
		}
		for _, m := range a.Linear.Media {
			if m.Type != MP4 && m.Type != WebM && m.Type != HLS || m.Address == "" || m.Width < 0 {
				t.Errorf("media file %+v", m)
			}
		}
		if m, ok := a.Linear.Pick(640); ok != (len(a.Linear.Media) > 0) || ok && m.Address == "" {
			t.Errorf("picked %+v, %v", m, ok)
		}
	}
}

// eachString calls f with every string in v and the field that holds it.
func eachString(v reflect.Value, field string, f func(field, s string)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			eachString(v.Elem(), field, f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			eachString(v.Field(i), v.Type().Field(i).Name, f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachString(v.Index(i), field, f)
		}
	case reflect.String:
		f(field, v.String())
	}
}

// checkWritten holds that what we write of an ad, we read and write again.
func checkWritten(t *testing.T, a Ad) {
	t.Helper()
	a.ServingID, a.Title = "s", "t "+a.Title
	first, err := Document{Ads: []Ad{a}}.Marshal()
	if err != nil {
		return // a wrapper, or without a video
	}
	d, err := Parse(first)
	if err != nil || len(d.Ads) != 1 || d.Dropped != (Dropped{}) || d.Ads[0].Dropped != (Dropped{}) || d.Version != "4.2" {
		t.Fatalf("%+v, %v of\n%s", d, err, first)
	}
	second, err := d.Marshal()
	if err != nil || !bytes.Equal(first, second) {
		t.Errorf("written\n%s\nand again\n%s\n%v", first, second, err)
	}
}

// FuzzExpand holds that macros leave no bracket, break no address and touch
// nothing outside of brackets.
func FuzzExpand(f *testing.F) {
	for _, s := range []string{"https://a.example/[ERRORCODE]?t=[TIMESTAMP]", "[[ASSETURI]]", "%5BPAGEURL%5d%5B", "a]b[c", "[QUAY]%5BQUAY%5D"} {
		f.Add(s, "https://v.example/a b.mp4?[x]")
	}
	f.Fuzz(func(t *testing.T, address, asset string) {
		got := Expand(address, Macros{Asset: asset, Error: UndefinedError})
		if strings.ContainsAny(got, "[]") {
			t.Errorf("Expand(%q) = %q", address, got)
		}
		if !strings.ContainsAny(address, "[]") && !strings.Contains(strings.ToLower(address), "%5b") && got != address {
			t.Errorf("Expand(%q) = %q", address, got)
		}
		if again := Expand(got, Macros{}); again != got && !strings.Contains(strings.ToLower(got), "%5b") {
			t.Errorf("%q becomes %q", got, again)
		}
		var d Dropped
		if s := d.address(address); s != "" && new(Dropped).address(Expand(s, Macros{Asset: asset})) == "" {
			t.Errorf("%q is an address, and %q is none", s, Expand(s, Macros{Asset: asset}))
		}
	})
}
