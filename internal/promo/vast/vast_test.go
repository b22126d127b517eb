package vast

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/papertest"
)

// TestParse holds all that is read out of our own documents.
func TestParse(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.xml"))
	if err != nil || len(files) < 8 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".xml")
		t.Run(name, func(t *testing.T) {
			d, err := Parse(read(t, file))
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			dump(&b, "", reflect.ValueOf(d))
			papertest.Golden(t, name+".golden", b.String())
		})
	}
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// parse reads a document of testdata.
func parse(t testing.TB, name string) Document {
	t.Helper()
	d, err := Parse(read(t, filepath.Join("testdata", name)))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// dump writes each value that is not zero in a line of its own.
func dump(b *strings.Builder, path string, v reflect.Value) {
	if v.Kind() != reflect.Pointer && v.IsZero() {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fmt.Fprintf(b, "%s:\n", strings.TrimPrefix(path, "."))
			dump(b, path, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			dump(b, path+"."+v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			dump(b, fmt.Sprintf("%s[%d]", path, i), v.Index(i))
		}
	case reflect.String:
		fmt.Fprintf(b, "%s = %q\n", strings.TrimPrefix(path, "."), v.String())
	default:
		fmt.Fprintf(b, "%s = %v\n", strings.TrimPrefix(path, "."), v.Interface())
	}
}

// code returns the code of an error, which must be of ours; 0 for none.
func code(t testing.TB, err error) Code {
	t.Helper()
	if err == nil {
		return 0
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%T %v is no *Error", err, err)
	}
	if e.Detail == "" || e.Code.String() == "" {
		t.Errorf("%#v says nothing", e)
	}
	return e.Code
}

// TestLinear holds how times, places and kinds are read.
func TestLinear(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"00:00:15": 15 * time.Second, "01:02:03.250": time.Hour + 2*time.Minute + 3250*time.Millisecond, "0:15": 15 * time.Second, "15": 15 * time.Second,
		"15.5": 15500 * time.Millisecond, "00:00:00": 0, "00:00:29.970": 29970 * time.Millisecond,
		"": -1, "24:00:00": -1, "-5": -1, "+5": -1, "1e3": -1, "0x10": -1, "NaN": -1, "Inf": -1, "1:2:3:4": -1, "1.5:00": -1, "00:00:1_0": -1, "00:0a:00": -1, "::": -1,
	} {
		got, ok := clock(in)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("clock(%q) = %v, want %v", in, got, want)
		}
	}
	for in, want := range map[string]time.Duration{
		"25%": 5 * time.Second, "0%": 0, "100%": 20 * time.Second, "12.5 %": 2500 * time.Millisecond, "00:00:07": 7 * time.Second,
		"": -1, "%": -1, "101%": -1, "-1%": -1, "NaN%": -1, "half": -1,
	} {
		got := time.Duration(-1)
		if o := offset(in); o != nil {
			got = o.In(20 * time.Second)
		}
		if got != want {
			t.Errorf("offset(%q) = %v, want %v", in, got, want)
		}
	}
	for _, test := range []struct{ mime, address, want string }{
		{"video/mp4", "https://a.example/x", MP4},
		{"video/mp4; codecs=avc1", "https://a.example/x", MP4},
		{"", "https://a.example/x.MP4", MP4},
		{"", "https://a.example/x.mp4?y=z.webm", MP4},
		{"video", "https://a.example/x.webm", WebM},
		{"application/octet-stream", "https://a.example/x.m3u8", HLS},
		{"application/vnd.apple.mpegurl", "https://a.example/x", HLS},
		{"application/x-mpegurl", "https://a.example/x", HLS},
		{"video/quicktime", "https://a.example/x.mp4", ""},
		{"video/x-flv", "https://a.example/x.flv", ""},
		{"audio/mpeg", "https://a.example/x.mp3", ""},
		{"", "https://a.example/mp4", ""},
		{"", "https://a.example/video.mp4/", ""},
	} {
		if got := format(test.mime, test.address); got != test.want {
			t.Errorf("format(%q, %q) = %q, want %q", test.mime, test.address, got, test.want)
		}
	}
}

// TestAddress holds which addresses are taken, and what is counted.
func TestAddress(t *testing.T) {
	insecure, unreadable := Dropped{Insecure: 1}, Dropped{Unreadable: 1}
	for _, test := range []struct {
		in, want string
		dropped  Dropped
	}{
		{" https://a.example/x?y=[TIMESTAMP] \n", "https://a.example/x?y=[TIMESTAMP]", Dropped{}},
		{"HTTPS://a.example", "HTTPS://a.example", Dropped{}},
		{`https://a.example/a b"<c>`, "https://a.example/a%20b%22%3Cc%3E", Dropped{}},
		{"https://a.example/%%RANDOM%%", "", unreadable},
		{"https://a.example/?r=%%RANDOM%%", "https://a.example/?r=%%RANDOM%%", Dropped{}},
		{"", "", Dropped{}},
		{"about:blank", "", Dropped{}},
		{"http://a.example/", "", insecure},
		{"ftp://a.example/", "", insecure},
		{"//a.example/", "", insecure},
		{"javascript:alert(1)", "", unreadable},
		{"data:text/html,x", "", unreadable},
		{"/x", "", unreadable},
		{"https:x", "", unreadable},
		{"https://", "", unreadable},
		{"https://u:p@a.example/", "", unreadable},
		{"https://[::1]/", "", unreadable},
		{"https://[DOMAIN]/", "", unreadable},
		{"https://a[X].example/", "", unreadable},
		{"https://a b.example/", "", unreadable},
		{"https://a.example/\nx", "", unreadable},
		{"https://a.example/\xff", "", unreadable},
		{"https://a.example/" + strings.Repeat("x", maxURL), "", unreadable},
	} {
		var d Dropped
		if got := d.address(test.in); got != test.want || d != test.dropped {
			t.Errorf("address(%.60q) = %q, %+v, want %q, %+v", test.in, got, d, test.want, test.dropped)
		}
	}
	d := Dropped{Insecure: 2, Programs: 1}
	if got := d.String(); got != "2 addresses that are not https, 1 program" {
		t.Errorf("dropped: %s", got)
	}
}

// TestCodes holds that every code has the standard's name.
func TestCodes(t *testing.T) {
	for c, name := range names {
		if c < 100 || c > 999 || name == "" || c.String() != name {
			t.Errorf("code %d is %q", int(c), c)
		}
	}
	if got := Code(777).String(); got != "VAST error 777" {
		t.Errorf("a code that nobody knows is %q", got)
	}
	e := &Error{Code: WrapperTimeout, Detail: "It did not answer.", Err: os.ErrDeadlineExceeded}
	if e.Error() != "VAST 301: It did not answer." || !errors.Is(e, os.ErrDeadlineExceeded) {
		t.Errorf("error %v", e)
	}
}
