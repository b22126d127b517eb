package wire

import (
	"maps"
	"strings"
	"testing"
)

// textFloods are files of text wires and mails that are as full of one thing as
// there is room for.
func textFloods() map[string]flood {
	all := map[string]flood{}
	add := func(more map[string]flood) { maps.Copy(all, more) }
	const (
		soh  = "\x01eca0044 3 i 88    hpa 0044\n\nharbour/\n\x02"
		end  = "\n\x03021112 GMT Mar 26\n\x04"
		anpa = "\x16\x16\x01W2870\x1fcoast\nr i\x13\x11 BC-Ferry   03-02 0120\n\x02^BC-Ferry,110<\n"
		agat = "\x16\x16\x01W2870\x1fcoast\nr i\x14\x12 BC-Ferry   03-02 0120\n\x02^BC-Ferry,110<\n"
		stop = "\n\x03HPA-WF-03-02-26 0915GMT<\n\x04"
		mail = "From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\n"
		mime = mail + "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	)
	add(in("7901 messages", "", "", "\x01", "\x01\x04", "\x01a\x04", "\x01eca%d 3 i 88 h\n\n\x02Headline =\n\nBody of it.\n\x03\x04", "\x04", "\x02", "\x03"))
	add(in("7901 slug", "\x01eca0044 3 i 88 x\n", "/\n\x02h =\nb"+end, "x/", "x", "\n", "é", "\xe9"))
	add(in("7901 heading", soh, "=\nb"+end, "(", "(a\n", "(a)\n", "x\n", "x", " ", "\n", "2ND LEAD ", "2ND LEAD\n", "By Ana\n"))
	add(in("7901 body", soh+"h =\n\n", end, "x", "x ", "x\n", "\n", "x\n\n", "  x\n", "a  b  c\n", "a\tb\n", "| a | b |\n\n", "- x\n", "``", "``x''", " _ ", "-- x\n", "# x\n", "* * *\n", "not for publication\n",
		"Haven (hpa) - ", "(hpa) ", strings.Repeat("words of prose in a line of many\n", 3)+"\n", "日", "\xe9", "\x7f", "\x00", "hpa ab cd\n", "a b c d e f g h i j k l m n o p q r s t u v w x y z "))
	add(in("7901 bare", "bsf037 4 su 174 gef 1388\n\n", "", "x\n", "x\n\n", "211005 jan 19\n", "=\n"))
	add(in("zczc", "ZCZC FMG000\n", "\nNNNN\n", ":", ":x :y\n", ":x\n", "YY x\n", "%x\n", "*T\n", "x\n", "\n", "NNNN\n", "  3.50 x\n", "  3.50 x\n\n", "a   b\n\n"))
	add(in("zczc table", "ZCZC FMG000\n*T\n:x\n", "\nNNNN\n", "x\n", "x\n\n", "a   b\n", "a   b\n\n", "x", "a\n b\n c\n\n", "\n"))
	add(in("anpa messages", "\x16\x16\x01\n", "", "\x01", "\x01a\x04", "\x01W%d\x1fa\nr i BC-x%d   03-02 0120\n\x02^BC-x%d<\n^h<\n\tb\n\x03\x04", "\x16", "\x04"))
	add(in("anpa heading", anpa, "\tb"+stop, "^x<\n", "^x=\n", "^By X=\n", "^Eds: x<\n", "^\n", "^", "x\n", "x", "\n", "Eds: KILL the ", "^KILL<\n", ","))
	add(in("anpa body", anpa+"^h<\n", stop, "\tx\n", "\t", "\tx", "x\n", "    x\n", "\n", "^x=\n", "\x08a;b\n", "\x08;", "\x08a\n\tx\n", "_", "==x\n", "\x10", "``x''", " _ ", strings.Repeat("\twords of prose in a paragraph of many\n", 5)))
	add(in("anpa agate", agat+"^h=\n", stop, "\tx\n", "x\n", "    x\n", "    "+strings.Repeat("x", 60)+"\n", "^x=\n", "^By X=\n", "\x08a;b;c;d;e\n", "\x08^;b\n", "\x08\n", ";", "{"))
	for _, more := range []map[string]flood{
		in("mail", mail+"\r\n", "", "x", "x\r\n", "\r\n", "\r\n\r\n", "x \r\n", "-- \r\n", "\n--\n", "{", "=20", "é", "\xe9"),
		in("mail flowed", mail+"Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\n", "", "x \r\n", " \r\n", "x"),
		in("mail packed", mail+"Content-Type: text/plain; charset=iso-2022-jp\r\nContent-Transfer-Encoding: base64\r\n\r\n", "", "AAAA", "A", "=\r\n", "G2ZA"),
		in("mail quoted", mail+"Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", "", "=", "=3D", "=3Cb=3E", "=\r\n", "<p>x"),
		in("mail header", "From: a@b.example\r\n", "Subject: x\r\nTo: a@b.example\r\n\r\nx", "X: y\r\n", "To: a@b.example\r\n", "Subject: =?utf-8?Q?x?= \r\n", " x\r\n", "Content-Type: a/b; x=y\r\n"),
		in("mail subject", "From: a@b.example\r\nTo: a@b.example\r\nSubject: ", "\r\n\r\nx", "=?utf-8?Q?x?= ", "Re: ", "x", "=?"),
		in("mail parts", mime, "--b--\r\n", "--b\r\n", "--b\r\n\r\nx\r\n", "--b", "--b-\r\n", "--b\r\nContent-Type: image/png\r\n\r\nx\r\n", "--b\r\nContent-Type: a/b; name=x\r\n\r\nx\r\n", "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n",
			"--b\r\nContent-Type: text/html\r\n\r\n<p>x\r\n", "--b\r\nContent-Type: text/plain; name=x\r\n\r\n"+strings.Repeat("words of prose\r\n", 5000), "x", "\r\n"),
	} {
		for name, f := range more {
			f.room = maxKept
			more[name] = f
		}
		add(more)
	}
	return all
}

// TestTextFloods is TestFloods for text wires and mails.
func TestTextFloods(t *testing.T) { tryFloods(t, textFloods()) }
