package bounce

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kawaraban/internal/papertest"
	"kawaraban/internal/problem"
)

// TestParse reads mails that we wrote; each has its report beside it.
func TestParse(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.eml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d mails, %v", len(files), err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".eml")
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			r, err := Parse(raw)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(r, "", "\t")
			if err != nil {
				t.Fatal(err)
			}
			papertest.Golden(t, name+".json", append(got, '\n'))
		})
	}
}

// TestOf is about what servers answer, to us or to another server.
func TestOf(t *testing.T) {
	for _, test := range []struct {
		code           int
		enhanced, text string
		want           Kind
	}{
		{250, "2.1.5", "OK", Other},
		{550, "5.1.1", "<a@b.example>: Recipient address rejected: User unknown in local recipient table", Hard},
		{550, "", "No such user here", Hard},
		{550, "", "Requested action not taken: mailbox unavailable", Hard},
		{550, "", "", Hard},
		{550, "5.1.1", "<spam@b.example>: user unknown", Hard},
		{550, "5.2.1", "The email account that you tried to reach is disabled.", Hard},
		{550, "5.4.1", "Recipient address rejected: Access denied", Hard},
		{556, "5.1.10", "Recipient address has null MX", Hard},
		{450, "4.1.1", "User unknown in virtual alias table", Soft},
		{451, "4.7.1", "Greylisting in action, please come back later", Soft},
		{421, "4.7.0", "Our system has detected an unusual rate of unsolicited mail from your IP", Soft},
		{552, "5.2.2", "The email account that you tried to reach is over quota", Soft},
		{452, "", "", Soft},
		{552, "", "", Soft},
		{0, "4.4.7", "delivery time expired", Soft},
		{0, "", "", Soft},
		{550, "5.7.26", "This mail has been blocked because the sender is unauthenticated", Policy},
		{550, "5.7.515", "Access denied, sending domain does not meet the required authentication level", Policy},
		{550, "5.1.0", "192.0.2.1 is not allowed to send from paper.example per its SPF record", Policy},
		{550, "5.1.8", "Sender address rejected: Domain not found", Policy},
		{554, "5.7.1", "Service unavailable; Client host blocked using a list", Policy},
		{552, "5.3.4", "Message size exceeds fixed limit", Policy},
		{554, "", "Transaction failed", Policy},
		{503, "5.5.1", "Bad sequence of commands", Policy},
		{553, "5.1.3", "http://www.spamhaus.org/query/bl?ip=192.0.2.1", Policy},
		{0, "", "Host or domain name not found. Name service error for name=b.example type=AAAA: Host not found", Hard},
		{0, "", "Name service error for domain b.example: Host not found, try again", Soft},
		{0, "4.0.0", "DNS type 'mx' lookup of b.example responded with code NXDOMAIN", Hard},
	} {
		if got := Of(test.code, test.enhanced, test.text); got != test.want {
			t.Errorf("Of(%d, %q, %q) = %s; want %s", test.code, test.enhanced, test.text, got, test.want)
		}
	}
}

// TestNoMail is about bytes of which no report is made.
func TestNoMail(t *testing.T) {
	for name, test := range map[string]struct {
		raw  string
		kind problem.Kind
	}{
		"nothing":    {"", problem.Invalid},
		"no header":  {"\n\nhello", problem.Invalid},
		"no fields":  {"hello\nhello\n\n", problem.Invalid},
		"too large":  {"From: a@b.example\n\n" + strings.Repeat("x", maxMail), problem.TooLarge},
		"not a mail": {"\x00\xff\xfe{}", problem.Invalid},
	} {
		if r, err := Parse([]byte(test.raw)); !problem.Is(err, test.kind) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}

// nasty are beginnings and pieces; the pieces are repeated as often as one likes.
var nasty = map[string][2]string{
	"nested parts":     {"Content-Type: multipart/mixed; boundary=a\n\n", "--a\nContent-Type: multipart/mixed; boundary=a\n\n"},
	"flat parts":       {"Content-Type: multipart/mixed; boundary=a\n\n", "--a\n\nx\n"},
	"almost a part":    {"Content-Type: multipart/mixed; boundary=a\n\n", "--b\n"},
	"fields":           {"", "a: b\n"},
	"folded":           {"Content-Type: multipart/mixed;\n", " a=b;\n"},
	"one field":        {"Subject: ", "=?utf-8?q?=41?= "},
	"quotes":           {"Content-Type: multipart/mixed; ", `a="b;`},
	"recipients":       {"Content-Type: message/delivery-status\n\n", "Final-Recipient: rfc822; a@b.example\n"},
	"groups":           {"Content-Type: message/delivery-status\n\n", "Final-Recipient: rfc822; a@b.example\nAction: failed\n\n"},
	"diagnostic":       {"Content-Type: message/delivery-status\n\nFinal-Recipient: a@b.example\nAction: failed\nDiagnostic-Code: smtp; ", "550 sender user address mailbox "},
	"complaints":       {"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n", "Original-Rcpt-To: a@b.example\n"},
	"addresses":        {"From: MAILER-DAEMON@b.example\n\n", "<a@b.example>: 550 x\n"},
	"other addresses":  {"From: MAILER-DAEMON@b.example\n\n", "a@b.example\n\n"},
	"failed":           {"X-Failed-Recipients: ", "a@b.example,"},
	"at signs":         {"From: MAILER-DAEMON@b.example\n\n", "@"},
	"brackets":         {"From: MAILER-DAEMON@b.example\n\n", "<<"},
	"copies":           {"From: MAILER-DAEMON@b.example\n\n", "--- Original message ---\n"},
	"dashes":           {"From: MAILER-DAEMON@b.example\n\n", "-"},
	"base64":           {"Content-Transfer-Encoding: base64\n\n", "QUFB\n"},
	"quoted printable": {"Content-Transfer-Encoding: quoted-printable\n\n", "=\n=3"},
	"carriage returns": {"From: a@b.example\n\n", "\r"},
	"deep JSON":        {"From: a@sns.amazonaws.com\n\n", `{"Message":{`},
}

// TestNasty gives Parse as much as it takes of what costs more than its size in
// careless readers, and ten times that.
func TestNasty(t *testing.T) {
	for name, n := range nasty {
		for _, size := range []int{maxMail, 10 << 20} {
			raw := []byte(n[0] + strings.Repeat(n[1], (size-len(n[0]))/len(n[1])))
			cost := papertest.Measure(t, papertest.Cost{CPU: 200 * time.Millisecond, Allocated: 1 << 30}, func() {
				if _, err := Parse(raw); size > maxMail && !problem.Is(err, problem.TooLarge) {
					t.Errorf("%s: %v", name, err)
				}
			})
			if cost.CPU > 200*time.Millisecond {
				t.Errorf("%s: %d bytes cost %v", name, size, cost)
			}
		}
	}
}

// FuzzParse looks for mails that make it panic, or of which it says what it
// must not.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.eml"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	for _, n := range nasty {
		f.Add([]byte(n[0] + n[1] + n[1]))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := Parse(raw)
		if err != nil {
			if problem.Of(err) == nil {
				t.Errorf("an error that nobody may see: %v", err)
			}
			return
		}
		if touches := r.Kind != Reply && r.Kind != Other; touches != (len(r.Recipients) > 0) {
			t.Errorf("%s with %d recipients", r.Kind, len(r.Recipients))
		}
		for _, rec := range r.Recipients {
			if len(rec.Address) > maxAddress || strings.ContainsAny(rec.Address+rec.Diagnostic+r.MessageID+r.FeedbackID+r.ReturnPath, "\r\n\x00") {
				t.Errorf("%+v of %+v", rec, r)
			}
			if rec.Kind == Reply || rec.Kind == Other {
				t.Errorf("a recipient who is %s", rec.Kind)
			}
		}
	})
}
